"""Where a result comes from: versions and git revision."""

from __future__ import annotations

import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

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
