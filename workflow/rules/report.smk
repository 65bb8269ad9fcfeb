# One self-contained page over everything.
rule write_report:
    input:
        made=svqvae.run.cases.page_paths(config),
        # Their cards say where the signatures and the code come from.
        models=PLAN.final_files,
    output:
        # The space lets it stand before all data sets.
        report(
            REPORT,
            caption="../report/page.rst",
            category=" The page",
            labels={"result": "everything, to search and to click"},
        ),
    log:
        f"{LOGS}/write_{Path(REPORT).stem}.log",
    group:
        "summarise"
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=by_attempt(2000),
        runtime=by_attempt(10),
    params:
        config=config,
        reference=REFERENCE,
        subject=SUBJECT,
        code=lambda w: code_of_script("write_report", *svqvae.results.page_modules()),
    script:
        "../scripts/write_report.py"
