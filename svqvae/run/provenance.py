"""Where a result comes from: versions and git revision."""

from __future__ import annotations

import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svqvae import keys

if TYPE_CHECKING:
    from anndata import AnnData

from svqvae import __version__

_PACKAGE = Path(__file__).parents[1]

_REPORTED = (
    "anndata",
    "numpy",
    "pandas",
    "scanpy",
    "scikit-learn",
    "scipy",
    "seaborn",
    "snakemake",
    "statsmodels",
    "torch",
)


def versions() -> dict[str, str]:
    """Return the versions of the packages that results depend on, where installed."""
    # What is installed may be another version than the code that runs.
    found = {"svqvae": __version__}
    for name in _REPORTED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def git_revision() -> str:
    """Return the source tree's commit, with ``+`` if it has changes, or ``unknown``."""
    try:
        run = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],
            cwd=_PACKAGE,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return run.stdout.strip()


def of_training(
    adata: AnnData, *, dataset: str, fold: str, seed: int, threads: int, device: str
) -> dict[str, Any]:
    """Return what the card of a model keeps of its training.

    Parameters
    ----------
    adata
        The signatures trained on, which say what files they come from.
    dataset
        Name of the data set.
    fold
        What was left out: a fold, a predefined test set (``test``), or nothing else (``all``).
    seed, threads, device
        Of the training; the device as it was asked for.
    """
    return {
        "dataset": dataset,
        "fold": fold,
        "seed": seed,
        "threads": threads,
        "device": device,
        "source": dict(adata.uns[keys.UNS]["source"]),
        "versions": versions(),
        "git_revision": git_revision(),
    }
