"""What every script does around its one call: threads, log file, errors for people."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The package lies beside the workflow, so that it needs no installation of its own.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


@contextmanager
def job(snakemake) -> Iterator[logging.Logger]:
    """Log to the rule's file, keep to its threads, and end on a SvqvaeError without a traceback."""
    for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA"):
        os.environ[f"{name}_NUM_THREADS"] = str(snakemake.threads)
    from svqvae.errors import SvqvaeError

    log = logging.getLogger("svqvae")
    handler = logging.FileHandler(snakemake.log[0], mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").addHandler(handler)
    try:
        yield log
    except SvqvaeError as error:
        log.error("%s", error)
        sys.exit(f"svqvae, {snakemake.rule}: {error}")
    except Exception:
        log.exception("%s failed", snakemake.rule)
        raise
    log.info("done")
