# What the models say held against what is known of classes, and of classes they never saw.
rule judge_relations:
    input:
        signatures=f"{DATASET_DIR}/signatures.h5ad",
        relations=expand(
            f"{MODEL_DIR}/mechanism_correlations.tsv",
            model=DESCRIBED,
            allow_missing=True,
        ),
        known=ANALYSIS.get("relations", []),
        truth=planted_truth,
    output:
        agreement=f"{DATASET_DIR}/known_relations.tsv",
        pairs=f"{DATASET_DIR}/known_pairs.tsv",
    log:
        f"{LOGS}/{{dataset}}/judge_relations.log",
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        models={
            m: svqvae.models.presets.role_of(MODELS[m]["preset"]) for m in DESCRIBED
        },
        subject=[m for m in (SUBJECT, *DESCRIBED) if m in DESCRIBED][:1],
        draws=ANALYSIS.get("bootstrap_draws", 1000),
        code=code_of_script("judge_relations"),
    script:
        "../scripts/judge_relations.py"


rule judge_novelty:
    input:
        f"{DATASET_DIR}/signatures.h5ad",
    output:
        f"{DATASET_DIR}/novelty.tsv",
    log:
        f"{LOGS}/{{dataset}}/judge_novelty.log",
    conda:
        "../envs/svqvae.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        settings=lambda w: settings_of(w.dataset, SUBJECT),
        folds=lambda w: list(folds(w.dataset)),
        seed=SEEDS[0],
        draws=ANALYSIS.get("bootstrap_draws", 1000),
        code=code_of_script("judge_novelty", module_of(SUBJECT)),
    script:
        "../scripts/judge_novelty.py"


rule judge_targets:
    input:
        compounds=f"{DATASET_DIR}/signatures.h5ad",
        knockdowns=f"{RESULTS}/{TARGETS.get('knockdowns')}/signatures.h5ad",
        models=lambda w: fold_models(w, SUBJECT),
        weights=lambda w: weights_of(fold_models(w, SUBJECT)),
    output:
        ranks=f"{DATASET_DIR}/drug_targets.tsv",
        summary=f"{DATASET_DIR}/drug_targets_summary.tsv",
    log:
        f"{LOGS}/{{dataset}}/judge_targets.log",
    conda:
        "../envs/svqvae.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=120,
    params:
        folds=lambda w: [fold for fold in folds(w.dataset) for _ in SEEDS],
        draws=ANALYSIS.get("bootstrap_draws", 1000),
        code=code_of_script("judge_targets"),
    script:
        "../scripts/judge_targets.py"
