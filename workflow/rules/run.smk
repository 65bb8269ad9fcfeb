# What happens before and after the jobs of a run.
RUN = svqvae.run.owner.Run.current()
KEPT = {"run": RUN.name, "ended": RUN.ended}


def share_done(rule, wildcards):
    """How much of a running job is done, of those that say so."""
    if rule.startswith("train") and not SPREAD_FOLDS:
        folder = f"{MODEL_DIR}/.training".format(**wildcards)
        return svqvae.run.work.share_trained(
            folder, len(PLAN.runs(wildcards["dataset"]))
        )
    return None


PROGRESS = svqvae.run.progress.RunProgress(
    work=svqvae.run.work.work_of(
        {m: svqvae.models.presets.known()[s["preset"]] | s for m, s in MODELS.items()},
        max((len(PLAN.runs(d)) for d in STUDIED), default=1),
    ),
    share_done=share_done,
    cores=workflow.cores or 1,
)
# Snakemake tells its log of every job; where it is a job itself, another tells the user.
if workflow.is_main_process:
    logging.getLogger("snakemake.logging").addHandler(PROGRESS)


onstart:
    try:
        svqvae.run.config.require_room(RESULTS)
        svqvae.run.config_file.require_own_report(REPORT, CONFIGURED)
    except SvqvaeError as error:
        raise WorkflowError(str(error)) from None
    # Snakemake deletes outputs before their job runs; a job that fails would cost them.
    kept.keep(RESULTS, [*DATASETS, Path(REPORT).name], **KEPT)
    PROGRESS.watch()


onsuccess:
    PROGRESS.stop()
    kept.put_back(RESULTS, **KEPT)
    svqvae.run.config_file.note_report(REPORT, CONFIGURED)
    if Path(REPORT).exists():
        took = svqvae.run.progress.duration(PROGRESS.seconds)
        print(f"The report is {REPORT} (all jobs took {took})", file=sys.stderr)


onerror:
    PROGRESS.stop()
    back = kept.put_back(RESULTS, **KEPT)
    if back:
        print(
            f"Of earlier runs {len(back)} files were put back, first {back[0]}; the next run "
            "makes them again.",
            file=sys.stderr,
        )
