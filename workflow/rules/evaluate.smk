# Scores on held-out perturbagens, then all models of a data set side by side.
rule evaluate:
    input:
        signatures=f"{DATASET_DIR}/signatures.h5ad",
        models=fold_models,
        weights=lambda w: weights_of(fold_models(w)),
    output:
        predictions=f"{MODEL_DIR}/predictions.tsv",
        scores=f"{MODEL_DIR}/held_out_scores.tsv",
    log:
        f"{LOGS}/{{dataset}}/{{model}}/evaluate.log",
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        runs=lambda w: [(fold, seed) for fold in folds(w.dataset) for seed in SEEDS],
        code=code_of_script("evaluate"),
    script:
        "../scripts/evaluate.py"


rule benchmark_models:
    input:
        scores=expand(
            f"{MODEL_DIR}/held_out_scores.tsv", model=MODELS, allow_missing=True
        ),
    output:
        benchmark=f"{DATASET_DIR}/benchmark.tsv",
        summary=f"{DATASET_DIR}/benchmark_summary.tsv",
        comparison=f"{DATASET_DIR}/benchmark_comparisons.tsv",
        calibration=f"{DATASET_DIR}/calibration.tsv",
        reliability=f"{DATASET_DIR}/reliability.tsv",
    log:
        f"{LOGS}/{{dataset}}/benchmark.log",
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        models={
            m: svqvae.models.presets.role_of(s["preset"]) for m, s in MODELS.items()
        },
        reference=REFERENCE,
        subject=SUBJECT,
        draws=ANALYSIS.get("bootstrap_draws", 1000),
        code=code_of_script("benchmark_models"),
    script:
        "../scripts/benchmark_models.py"


rule recovery:
    input:
        truth=truth_file,
        classes=expand(f"{MODEL_DIR}/classes.h5ad", model=DESCRIBED, allow_missing=True),
        models=lambda w: [c for model in DESCRIBED for c in fold_models(w, model)],
        weights=lambda w: weights_of(
            c for model in DESCRIBED for c in fold_models(w, model)
        ),
    output:
        f"{DATASET_DIR}/recovery.tsv",
    log:
        f"{LOGS}/{{dataset}}/recovery.log",
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        models={
            m: svqvae.models.presets.role_of(MODELS[m]["preset"]) for m in DESCRIBED
        },
        code=code_of_script("recovery"),
    script:
        "../scripts/recovery.py"
