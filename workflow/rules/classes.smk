# What a model says of the mechanisms: codes, profiles, clusters, relations, markers.
rule describe_classes:
    input:
        signatures=f"{DATASET_DIR}/signatures.h5ad",
        model=f"{FINAL_DIR}/model.json",
        replicates=replicate_models,
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
        n_seeds=len(SEEDS),
        clusters=ANALYSIS.get("clusters", "auto"),
        markers=ANALYSIS.get("markers", 50),
        code=DIGEST["classes"],
    script:
        "../scripts/describe_classes.py"
