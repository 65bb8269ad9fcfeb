# One self-contained page over everything.
rule write_report:
    input:
        benchmark=expand(f"{DATASET_DIR}/benchmark.tsv", dataset=STUDIED),
        summary=expand(f"{DATASET_DIR}/benchmark_summary.tsv", dataset=STUDIED),
        labels=expand(f"{DATASET_DIR}/labels.tsv", dataset=STUDIED),
        duplicates=expand(f"{DATASET_DIR}/duplicates.tsv", dataset=STUDIED),
        knowledge=[
            f"{DATASET_DIR}/{table}.tsv".format(dataset=dataset)
            for dataset in STUDIED
            for table in knowledge_tables(dataset)
        ],
        figures=[
            f"{DATASET_DIR}/figures/{figure}.svg".format(dataset=dataset)
            for dataset in STUDIED
            for figure in dataset_figures(dataset)
        ],
        model_figures=[
            f"{MODEL_DIR}/figures/{figure}.svg".format(dataset=dataset, model=model)
            for dataset in STUDIED
            for model in DESCRIBED
            for figure in figures_of(model)
        ],
        relations=expand(
            f"{MODEL_DIR}/mechanism_correlations.tsv",
            dataset=STUDIED,
            model=DESCRIBED,
        ),
        networks=expand(
            f"{MODEL_DIR}/{{table}}",
            dataset=STUDIED,
            model=DESCRIBED,
            table=["mechanism_network.tsv", "class_hubs.tsv", "cluster_stability.tsv"],
        ),
        targets=[
            f"{DATASET_DIR}/drug_targets_summary.tsv".format(dataset=dataset)
            for dataset in STUDIED
            if dataset == TARGETS.get("compounds")
        ],
        enrichment=[
            f"{MODEL_DIR}/class_enrichment.tsv".format(dataset=dataset, model=model)
            for dataset in STUDIED
            if is_enriched(dataset)
            for model in DESCRIBED
        ],
        # Of no use to the page but to `svqvae predict`.
        models=expand(
            f"{FINAL_DIR}/{{file}}", dataset=STUDIED, model=MODELS, file=MODEL_FILES
        ),
    output:
        REPORT,
    log:
        f"{LOGS}/write_{Path(REPORT).stem}.log",
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        config=config,
        reference=REFERENCE,
        subject=SUBJECT,
        parts={dataset: page_parts(dataset) for dataset in STUDIED},
        code=code_of_script("write_report"),
    script:
        "../scripts/write_report.py"
