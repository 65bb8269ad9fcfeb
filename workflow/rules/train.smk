# One model per fold and seed, and one of all data (but a predefined test set).
# One thread each by default, so that results do not depend on --cores; for large data raise
# it in a profile with set-threads.
rule train_fold:
    input:
        file_of("signatures"),
    output:
        expand(f"{FOLD_DIR}/{{file}}", file=MODEL_FILES, allow_missing=True),
    log:
        f"{LOGS}/{{dataset}}/{{model}}/train-{{fold}}-seed{{seed}}.log",
    conda:
        "../envs/svqvae.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        settings=lambda w: settings_of(w.dataset, w.model),
        code=lambda w: code_of_script("train", module_of(w.model)),
    script:
        "../scripts/train.py"


rule train_final:
    input:
        file_of("signatures"),
    output:
        expand(f"{FINAL_DIR}/{{file}}", file=MODEL_FILES, allow_missing=True),
    log:
        f"{LOGS}/{{dataset}}/{{model}}/train-all.log",
    conda:
        "../envs/svqvae.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        settings=lambda w: settings_of(w.dataset, w.model),
        seed=SEEDS[0],
        code=lambda w: code_of_script("train", module_of(w.model)),
    script:
        "../scripts/train.py"
