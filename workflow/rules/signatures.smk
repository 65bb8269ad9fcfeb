# Plates of replicates, or counts with a control, to signatures: of data sets whose source asks for it.
rule make_signatures:
    input:
        unpack(experiment_files),
    output:
        f"{EXPERIMENT_DIR}/signatures.h5ad",
    log:
        f"{LOGS}/{{dataset}}/make_signatures.log",
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=by_attempt(8000),
        runtime=by_attempt(240),
    params:
        sha256=lambda w: DATASETS[w.dataset]["source"].get("sha256"),
        columns=lambda w: source.columns_of(DATASETS[w.dataset]["source"]),
        asked=lambda w: asked.asked_for(DATASETS[w.dataset]["source"]),
        code=lambda w: code_of_script(
            "make_signatures", *svqvae.io.formats.reader_modules()
        ),
    script:
        "../scripts/make_signatures.py"
