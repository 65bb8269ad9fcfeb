# Raw signatures (made here, or brought by the user) to one AnnData file. Simulated ones are gone after
# that: they are made again in a second.
rule simulate_dataset:
    output:
        signatures=temp(f"{SIMULATED_DIR}/{simulation.SIGNATURES}"),
        sig_info=f"{SIMULATED_DIR}/{simulation.SIG_INFO}",
        gene_info=f"{SIMULATED_DIR}/{simulation.GENE_INFO}",
        pert_info=f"{SIMULATED_DIR}/{simulation.PERT_INFO}",
        truth=f"{SIMULATED_DIR}/{simulation.TRUTH}",
    log:
        f"{LOGS}/{{dataset}}/simulate_dataset.log",
    group:
        "prepare"
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=by_attempt(2000),
        runtime=by_attempt(10),
    params:
        simulation=lambda w: DATASETS[w.dataset]["source"].get("simulation", {}),
        code=lambda w: code_of_script("simulate_dataset"),
    script:
        "../scripts/simulate_dataset.py"


rule preprocess:
    input:
        unpack(source_files),
    output:
        signatures=file_of("signatures"),
        filters=table_of("filters"),
        labels=table_of("labels"),
        duplicates=table_of("duplicates"),
    log:
        f"{LOGS}/{{dataset}}/preprocess.log",
    group:
        "prepare"
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=by_attempt(8000),
        runtime=by_attempt(60),
    params:
        kind=lambda w: DATASETS[w.dataset]["source"]["kind"],
        # Of what signatures are made of, the sum was held against before.
        sha256=lambda w: (
            None if is_made(w) else DATASETS[w.dataset]["source"].get("sha256")
        ),
        made=is_made,
        columns=lambda w: source.columns_of(DATASETS[w.dataset]["source"]),
        labels=lambda w: DATASETS[w.dataset]["labels"],
        filters=lambda w: DATASETS[w.dataset].get("filters", {}),
        split=lambda w: split_of(w.dataset),
        clip=lambda w: DATASETS[w.dataset].get("clip"),
        code=lambda w: code_of_script("preprocess", *svqvae.io.formats.reader_modules()),
    script:
        "../scripts/preprocess.py"
