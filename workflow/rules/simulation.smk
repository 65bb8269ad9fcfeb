# Whether what a model simulates looks real, and of the right class.
rule judge_simulation:
    input:
        signatures=f"{DATASET_DIR}/signatures.h5ad",
        models=lambda w: fold_models(w, seeds=SEEDS[:1]),
        weights=lambda w: weights_of(fold_models(w, seeds=SEEDS[:1])),
    output:
        f"{MODEL_DIR}/realism.tsv",
    log:
        f"{LOGS}/{{dataset}}/{{model}}/judge_simulation.log",
    conda:
        "../envs/svqvae.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=120,
    params:
        folds=lambda w: list(folds(w.dataset)),
        draws=ANALYSIS.get("bootstrap_draws", 1000),
        code=code_of_script("judge_simulation"),
    script:
        "../scripts/judge_simulation.py"


rule draw_realism:
    input:
        expand(f"{MODEL_DIR}/realism.tsv", model=SIMULATORS, allow_missing=True),
    output:
        svg=report(
            f"{DATASET_DIR}/figures/realism.svg",
            caption="../report/realism.rst",
            category="{dataset}",
            subcategory="all models",
            labels={"figure": "simulated signatures"},
        ),
        beside=expand(
            f"{DATASET_DIR}/figures/realism.{{kind}}",
            kind=["png", "tsv"],
            allow_missing=True,
        ),
    log:
        f"{LOGS}/{{dataset}}/draw_realism.log",
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        models={
            m: svqvae.models.presets.role_of(MODELS[m]["preset"]) for m in SIMULATORS
        },
        code=code_of_script("draw_realism"),
    script:
        "../scripts/draw_realism.py"
