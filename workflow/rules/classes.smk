# What a model says of the mechanisms: codes, profiles, clusters, relations, networks, markers.
rule describe_classes:
    input:
        signatures=file_of("signatures"),
        model=file_of("model"),
        weights=lambda w: weights_of([file_of("model").format(**w)]),
        folds=file_of("fold_classes"),
    output:
        classes=file_of("classes"),
        mechanism_correlations=table_of("mechanism_correlations"),
        relation_test=table_of("relation_test"),
        class_clusters=table_of("class_clusters"),
        cluster_stability=table_of("cluster_stability"),
        class_markers=table_of("class_markers"),
        # Networks, for people and for Cytoscape and Gephi.
        edges=table_of("mechanism_network"),
        network=file_of("mechanism_graph"),
        nearest=file_of("nearest_graph"),
        hubs=table_of("class_hubs"),
    log:
        f"{LOGS}/{{dataset}}/{{model}}/describe_classes.log",
    group:
        "describe"
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=by_attempt(4000),
        runtime=by_attempt(60),
    params:
        clusters=ANALYSIS.get("clusters", "auto"),
        markers=ANALYSIS.get("markers", 50),
        code=lambda w: code_of_script("describe_classes"),
    script:
        "../scripts/describe_classes.py"


rule enrich_classes:
    input:
        signatures=file_of("signatures"),
        classes=file_of("classes"),
        gene_sets=ANALYSIS.get("gene_sets", []),
    output:
        table_of("class_enrichment"),
    log:
        f"{LOGS}/{{dataset}}/{{model}}/enrich_classes.log",
    group:
        "describe"
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=by_attempt(4000),
        runtime=by_attempt(60),
    params:
        code=lambda w: code_of_script("enrich_classes"),
    script:
        "../scripts/enrich_classes.py"
