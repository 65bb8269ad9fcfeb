# One self-contained page over everything.
rule write_report:
    input:
        made=svqvae.run.cases.page_paths(config),
        # Their cards say where the signatures and the code come from.
        models=PLAN.final_files,
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
        code=code_of_script("write_report", *svqvae.results.page_modules()),
    script:
        "../scripts/write_report.py"
