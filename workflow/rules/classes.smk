# What a model says of the mechanisms: codes, profiles, clusters, relations, markers.
rule describe_classes:
    input:
        signatures=f"{DATASET_DIR}/signatures.h5ad",
        model=f"{FINAL_DIR}/model.json",
        judges=fold_models,
    output:
        classes=f"{MODEL_DIR}/classes.h5ad",
        relations=f"{MODEL_DIR}/mechanism_correlations.tsv",
        clusters=f"{MODEL_DIR}/class_clusters.tsv",
        markers=f"{MODEL_DIR}/class_markers.tsv",
    log:
        f"{LOGS}/{{dataset}}/{{model}}/describe_classes.log",
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        folds=lambda w: [fold for fold in folds(w.dataset) for _ in SEEDS],
        resampled=lambda w: is_resampled(w.dataset),
        clusters=ANALYSIS.get("clusters", "auto"),
        markers=ANALYSIS.get("markers", 50),
        code=DIGEST["classes"],
    script:
        "../scripts/describe_classes.py"
