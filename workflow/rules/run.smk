# What happens before and after the jobs of a run.
import atexit
import signal
from datetime import datetime

import svqvae.run.claims
import svqvae.run.clock
import svqvae.run.failures
import svqvae.run.outputs
import svqvae.run.owner
import svqvae.run.progress
import svqvae.run.run_times
import svqvae.run.stale_locks
import svqvae.run.work
import snakemake.jobs

RUN = svqvae.run.owner.Run.current()
BEGUN = datetime.now()
CLAIMS = svqvae.run.claims.Claims(
    folders=[f"{RESULTS}/{dataset}" for dataset in DATASETS],
    files=[*(f"{RESULTS}/{dataset}/" for dataset in DATASETS), REPORT, *DOWNLOADS],
    run=RUN,
    tell=functools.partial(print, file=sys.stderr, flush=True),
)
KEPT = {"run": RUN.name, "ended": CLAIMS.is_gone}
# A job of the run, which reads this file too where it is sent elsewhere, is told by the run.
if workflow.is_main_process:
    # A job whose run was killed must not write.
    svqvae.run.outputs.Owner.declare(RUN)
    others = CLAIMS.others()
    for folder, other in others.items():
        print(
            f"{folder.parent}: another run works in it ({other.described}); wait for it or stop it, "
            "and do not --unlock",
            file=sys.stderr,
        )
    # Snakemake looks at its locks before onstart.
    svqvae.run.stale_locks.remove_stale(CLAIMS.gone_here)
    # Nor does it take a new output for newer than an input from before the clock went back.
    made = [f"{RESULTS}/{dataset}" for dataset in DATASETS]
    made += svqvae.run.downloads.plan(config)
    if later := [] if others else svqvae.run.clock.date_now(made):
        print(
            f"{len(later)} files of earlier runs were dated in the future, first {later[0]}; the clock "
            "went back since, and they are dated now",
            file=sys.stderr,
        )
else:
    # Snakemake removes outputs before a job begins, and after it failed. A job that outlived its run,
    # in a queue or stopped, would remove those of the next run. So it does not begin, and what a job
    # that failed left is removed by its run alone, which does so as well.
    if not svqvae.run.outputs.Owner.declared().lives():
        raise WorkflowError("the run that started this job is gone: not begun")

    async def leave(self, skip_outputs):
        """Instead of removing the outputs of a job that failed."""

    snakemake.jobs.Job.cleanup = leave


def lost(claim):
    """End at once where another run has taken over: tidying up would delete what it makes."""
    print(
        f"svqvae: {claim.parent}: another run has taken it over, as this one gave no sign of life; "
        "stopped",
        file=sys.stderr,
        flush=True,
    )
    os._exit(1)


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
    # On a cluster jobs are counted, not cores.
    cores=workflow.nodes or workflow.cores,
)


def note_times(result):
    """Write what the jobs took beside their logs; a run does not fail for it."""
    try:
        svqvae.run.run_times.note_run(
            LOGS, command=["snakemake", *sys.argv[1:]], begun=BEGUN, result=result
        )
    except SvqvaeError as error:
        print(f"svqvae: run times are not kept: {error}", file=sys.stderr)


def give_up(jobid):
    """Try a job no more, nor its group: it has had the last of its attempts."""
    job = next(job for job in workflow.dag.jobs if workflow.dag.jobid(job) == jobid)
    job = workflow.dag.get_job_group(job) or job
    # Not `job.attempt`, which would ask for other resources than are given back.
    job._attempt = job.restart_times + 1


# Snakemake tells its log of every job; where it is a job itself, another tells the user.
if workflow.is_main_process:
    for handler in (
        PROGRESS,
        # Jobs on this machine write to the terminal themselves.
        svqvae.run.failures.JobFailures(
            give_up=give_up, speaks=lambda: not workflow.local_exec
        ),
    ):
        logging.getLogger("snakemake.logging").addHandler(handler)


onstart:
    try:
        svqvae.run.config.require_room(RESULTS)
        svqvae.run.config_file.require_own_report(REPORT, CONFIGURED)
        CLAIMS.take()
    except SvqvaeError as error:
        raise WorkflowError(str(error)) from None
    svqvae.run.outputs.Owner.declare(RUN, CLAIMS.paths)
    # Snakemake deletes outputs before their job runs; a job that fails would cost them.
    kept.keep(RESULTS, [*DATASETS, Path(REPORT).name], **KEPT)
    if not workflow.local_exec:
        # Snakemake would wait for the jobs that run, for hours maybe; now it cancels them.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    PROGRESS.watch()
    CLAIMS.keep(lost)
    # However the run ends; where it is killed, the next one sees that it is gone.
    atexit.register(CLAIMS.release)


onsuccess:
    PROGRESS.stop()
    kept.put_back(RESULTS, **KEPT)
    svqvae.run.config_file.note_report(REPORT, CONFIGURED)
    note_times("done")
    CLAIMS.release()
    if Path(REPORT).exists():
        took = svqvae.run.progress.duration(PROGRESS.seconds)
        print(f"The report is {REPORT} (all jobs took {took})", file=sys.stderr)


onerror:
    PROGRESS.stop()
    back = kept.put_back(RESULTS, **KEPT)
    note_times("failed")
    CLAIMS.release()
    if back:
        print(
            f"Of earlier runs {len(back)} files were put back, first {back[0]}; the next run "
            "makes them again.",
            file=sys.stderr,
        )
