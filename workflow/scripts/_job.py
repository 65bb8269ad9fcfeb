"""What every script does around its one call: threads, log file, errors for people."""

import _thread
import logging
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# The package lies beside the workflow, so that it needs no installation of its own.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

#: Seconds between two looks at whether the run that started the job still lives.
WATCH = 1.0
#: And where that means to ask a file server.
WATCH_FROM_AFAR = 5.0


@contextmanager
def job(snakemake) -> Iterator[logging.Logger]:
    """Log to the rule's file, keep to its threads, and end on a SvqvaeError without a traceback.

    A job whose run was killed, or whose outputs were made anew meanwhile, writes nothing; one whose
    inputs are not what their jobs made stops.
    """
    begun = time.monotonic()
    for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA"):
        os.environ[f"{name}_NUM_THREADS"] = str(snakemake.threads)
    # Figures go to files: no job may look for a screen.
    os.environ["MPLBACKEND"] = "Agg"
    from svqvae.errors import SvqvaeError
    from svqvae.io.spreadsheet import tables_of_a_run
    from svqvae.io.surroundings import sentence
    from svqvae.run.failures import DONE, REFUSED
    from svqvae.run.made import Made
    from svqvae.run.outputs import Outputs, Owner

    owner = Owner.declared()
    outputs = Outputs(snakemake.output, owner)
    made = Made.beside(snakemake.log[0], snakemake.output)
    log = logging.getLogger("svqvae")
    try:
        handler = logging.FileHandler(snakemake.log[0], mode="w", encoding="utf-8")
    except OSError as error:
        sys.exit(f"svqvae, {snakemake.rule}: {sentence(error) or error}")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    logging.captureWarnings(True)
    # A log that cannot be written, on a full disk, is no reason for a traceback of its own.
    logging.raiseExceptions = False
    logging.getLogger("py.warnings").addHandler(handler)
    # A cluster cancels so, and ends what is out of time: temporary files are to be removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        outputs.check()
        if owner.name is not None:
            # SIGINT may be ignored (nohup); this one is the job's own.
            signal.signal(signal.SIGUSR1, signal.default_int_handler)
            threading.Thread(target=_watch, args=(owner,), daemon=True).start()
        made.require(snakemake.input)
        made.forget(snakemake.output)
        inert = snakemake.config.get("analysis", {}).get("spreadsheet_safe", False)
        with outputs.guard(), tables_of_a_run(inert=inert):
            yield log
        made.note(snakemake.output)
    except SvqvaeError as error:
        # Its input stays as it is; beside another run, it may go well the next time.
        log.error("%s%s", REFUSED if _is_alone(outputs) else "", error)
        sys.exit(f"svqvae, {snakemake.rule}: {error}")
    except KeyboardInterrupt:
        log.error("stopped: cancelled or out of time, or the run that started this job is gone")
        sys.exit(1)
    except Exception as error:
        log.exception("%s failed", snakemake.rule)
        if told := sentence(error):
            log.error("%s", told)
            sys.exit(f"svqvae, {snakemake.rule}: {told}")
        raise
    seconds = (time.monotonic() - begun, time.process_time())
    log.info("%s%.1f s, of one core %.1f s; at most %d MB", DONE, *seconds, _peak_mb())


def _peak_mb() -> float:
    """Return the most memory that the process had, with libraries and what it maps of files."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes, but on a Mac bytes.
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def located(actual: str, planned: str) -> Callable[[str], str]:
    """Return what turns a planned path into where the file lies.

    The same, but where results are kept in a storage: then jobs work on copies below a folder.

    Parameters
    ----------
    actual
        Path of an input or output, as Snakemake gives it.
    planned
        The same path in the plan.
    """
    before = str(actual).removesuffix(planned)
    return lambda path: f"{before}{path}"


def _is_alone(outputs) -> bool:
    """Whether the outputs are this job's to write, as far as is known."""
    from svqvae.errors import SvqvaeError

    try:
        outputs.check()
    except SvqvaeError:
        return False
    return True


def _watch(owner) -> None:
    """Interrupt the job once its run is gone."""
    while owner.lives():
        threading.Event().wait(WATCH if owner.is_near else WATCH_FROM_AFAR)
    _thread.interrupt_main(signal.SIGUSR1)
