# Whether what a model simulates looks real, and of the right class.
rule evaluate_simulation:
    input:
        signatures=file_of("signatures"),
        models=lambda w: files_of_folds(fold_models(w, seeds=SEEDS[:1])),
    output:
        file_of("realism"),
    log:
        f"{LOGS}/{{dataset}}/{{model}}/evaluate_simulation.log",
    conda:
        "../envs/svqvae.yaml"
    threads: 1
    resources:
        mem_mb=by_attempt(8000),
        runtime=by_attempt(120),
    params:
        training=training_of,
        first=lambda w: file_of("signatures").format(**w),
        models=lambda w: fold_models(w, seeds=SEEDS[:1]),
        draws=ANALYSIS.get("bootstrap_draws", 1000),
        code=lambda w: code_of_script("evaluate_simulation"),
    script:
        "../scripts/evaluate_simulation.py"
