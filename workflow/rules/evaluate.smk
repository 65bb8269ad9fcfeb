# All models of a data set side by side, and against the planted truth.
rule benchmark_models:
    input:
        scores=expand(file_of("held_out_scores"), model=MODELS, allow_missing=True),
        compounds=expand(
            file_of("compound_predictions"), model=MODELS, allow_missing=True
        ),
    output:
        benchmark=file_of("benchmark"),
        benchmark_summary=table_of("benchmark_summary"),
        benchmark_comparisons=table_of("benchmark_comparisons"),
        benchmark_by_compound=table_of("benchmark_by_compound"),
        risk_coverage=table_of("risk_coverage"),
        benchmark_strength=table_of("benchmark_strength"),
        calibration=table_of("calibration"),
        reliability=table_of("reliability"),
    log:
        f"{LOGS}/{{dataset}}/benchmark.log",
    group:
        "summarise"
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=by_attempt(4000),
        runtime=by_attempt(60),
    params:
        roles=ROLES,
        reference=REFERENCE,
        subject=SUBJECT,
        draws=ANALYSIS.get("bootstrap_draws", 1000),
        code=lambda w: code_of_script("benchmark_models"),
    script:
        "../scripts/benchmark_models.py"


rule recovery:
    input:
        truth=truth_file,
        classes=expand(file_of("classes"), model=DESCRIBED, allow_missing=True),
        folds=expand(file_of("fold_classes"), model=DESCRIBED, allow_missing=True),
    output:
        table_of("recovery"),
    log:
        f"{LOGS}/{{dataset}}/recovery.log",
    group:
        "summarise"
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=by_attempt(4000),
        runtime=by_attempt(60),
    params:
        roles=ROLES,
        code=lambda w: code_of_script("recovery"),
    script:
        "../scripts/recovery.py"
