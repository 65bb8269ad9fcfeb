# What a model says of the mechanisms: codes, profiles, clusters, relations, networks, markers.
rule describe_classes:
    input:
        signatures=f"{DATASET_DIR}/signatures.h5ad",
        model=f"{FINAL_DIR}/model.json",
        judges=fold_models,
        weights=lambda w: weights_of([f"{FINAL_DIR}/model.json", *fold_models(w)]),
    output:
        classes=f"{MODEL_DIR}/classes.h5ad",
        relations=f"{MODEL_DIR}/mechanism_correlations.tsv",
        clusters=f"{MODEL_DIR}/class_clusters.tsv",
        stability=f"{MODEL_DIR}/cluster_stability.tsv",
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
        code=code_of_script("describe_classes"),
    script:
        "../scripts/describe_classes.py"


rule link_classes:
    input:
        relations=f"{MODEL_DIR}/mechanism_correlations.tsv",
        clusters=f"{MODEL_DIR}/class_clusters.tsv",
        classes=f"{MODEL_DIR}/classes.h5ad",
    output:
        edges=f"{MODEL_DIR}/mechanism_network.tsv",
        network=f"{MODEL_DIR}/mechanism_network.graphml",
        nearest=f"{MODEL_DIR}/nearest_network.graphml",
        hubs=f"{MODEL_DIR}/class_hubs.tsv",
    log:
        f"{LOGS}/{{dataset}}/{{model}}/link_classes.log",
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code_of_script("link_classes"),
    script:
        "../scripts/link_classes.py"


rule enrich_classes:
    input:
        signatures=f"{DATASET_DIR}/signatures.h5ad",
        classes=f"{MODEL_DIR}/classes.h5ad",
        gene_sets=ANALYSIS.get("gene_sets", []),
    output:
        f"{MODEL_DIR}/class_enrichment.tsv",
    log:
        f"{LOGS}/{{dataset}}/{{model}}/enrich_classes.log",
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code_of_script("enrich_classes"),
    script:
        "../scripts/enrich_classes.py"
