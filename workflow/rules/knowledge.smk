# What the models say held against what is known of classes, and of classes they never saw.
rule evaluate_relations:
    input:
        signatures=file_of("signatures"),
        relations=expand(
            file_of("mechanism_correlations"),
            model=DESCRIBED,
            allow_missing=True,
        ),
        known=ANALYSIS.get("relations", []),
        truth=planted_truth,
    output:
        known_relations=table_of("known_relations"),
        known_pairs=table_of("known_pairs"),
    log:
        f"{LOGS}/{{dataset}}/evaluate_relations.log",
    group:
        "summarise"
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=by_attempt(4000),
        runtime=by_attempt(60),
    params:
        roles=ROLES,
        subject=next((m for m in (SUBJECT, *DESCRIBED) if m in DESCRIBED), None),
        draws=ANALYSIS.get("bootstrap_draws", 1000),
        code=lambda w: code_of_script("evaluate_relations"),
    script:
        "../scripts/evaluate_relations.py"


rule evaluate_novelty:
    input:
        file_of("signatures"),
    output:
        table_of("novelty"),
    log:
        f"{LOGS}/{{dataset}}/evaluate_novelty.log",
    conda:
        "../envs/svqvae.yaml"
    threads: 1
    resources:
        mem_mb=by_attempt(4000),
        runtime=by_attempt(240),
        gpu=gpus(PLAN.device(SUBJECT)),
    params:
        settings=lambda w: PLAN.settings(w.dataset, SUBJECT),
        folds=lambda w: PLAN.folds(w.dataset),
        seed=SEEDS[0],
        draws=ANALYSIS.get("bootstrap_draws", 1000),
        device=PLAN.device(SUBJECT),
        code=lambda w: code_of_script("evaluate_novelty", module_of(SUBJECT)),
    script:
        "../scripts/evaluate_novelty.py"


rule evaluate_targets:
    input:
        compounds=file_of("signatures"),
        knockdowns=f"{RESULTS}/{TARGETS.get('knockdowns')}/signatures.h5ad",
        models=lambda w: files_of_folds(fold_models(w, SUBJECT)),
    output:
        ranks=table_of("drug_targets"),
        summary=table_of("drug_targets_summary"),
    log:
        f"{LOGS}/{{dataset}}/evaluate_targets.log",
    conda:
        "../envs/svqvae.yaml"
    threads: 1
    resources:
        mem_mb=by_attempt(8000),
        runtime=by_attempt(120),
    params:
        training=lambda w: training_of(w, SUBJECT),
        first=lambda w: file_of("signatures").format(**w),
        models=lambda w: fold_models(w, SUBJECT),
        draws=ANALYSIS.get("bootstrap_draws", 1000),
        code=lambda w: code_of_script("evaluate_targets"),
    script:
        "../scripts/evaluate_targets.py"
