# What happens before and after the jobs of a run.
RUN = svqvae.run.owner.Run.current()
KEPT = {"run": RUN.name, "ended": RUN.ended}


onstart:
    try:
        svqvae.run.config.require_room(RESULTS)
        svqvae.run.config_file.require_own_report(REPORT, CONFIGURED)
    except SvqvaeError as error:
        raise WorkflowError(str(error)) from None
    # Snakemake deletes outputs before their job runs; a job that fails would cost them.
    kept.keep(RESULTS, [*DATASETS, Path(REPORT).name], **KEPT)


onsuccess:
    kept.put_back(RESULTS, **KEPT)
    svqvae.run.config_file.note_report(REPORT, CONFIGURED)
    if Path(REPORT).exists():
        print(f"The report is {REPORT}", file=sys.stderr)


onerror:
    back = kept.put_back(RESULTS, **KEPT)
    if back:
        print(
            f"Of earlier runs {len(back)} files were put back, first {back[0]}; the next run "
            "makes them again.",
            file=sys.stderr,
        )
