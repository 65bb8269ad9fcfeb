"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


#: Files that take longest, so that no process waits for another's last one.
_LONGEST = ("test_workflow.py", "test_download.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the workflow's runs; of them, with the longest."""

    def order(item: pytest.Item) -> tuple[bool, bool]:
        return item.path.name not in _LONGEST, item.path.parent.name != "workflow"

    items.sort(key=order)


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data beside the repository; see its README for where the files come from."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real data is not here: ../shared/data does not exist")
    return folder


@pytest.fixture(scope="session")
def simulated():
    return small_simulation()


def small_simulation():
    """Return a small preprocessed set: 8 planted classes in 4 groups, 5 compounds each."""
    from svqvae.data.split import assign_folds
    from svqvae.pp.simulation import Simulation, simulate_dataset

    sim = Simulation(
        groups=4,
        classes_per_group=2,
        compounds_per_class=5,
        cell_lines=2,
        doses=2,
        landmark_genes=120,
        inferred_genes=0,
        unlabelled_compounds=0,
        strength=1.0,
    )
    adata, perts, truth = simulate_dataset(sim)
    moa = perts.set_index("pert_id")["moa"]
    adata.obs["class"] = moa.loc[adata.obs["pert_id"]].to_numpy()
    adata.obs["sig_id"] = adata.obs_names
    adata.obs["fold"] = assign_folds(adata.obs["pert_id"], adata.obs["class"], folds=5)
    adata.X = np.clip(adata.X, -10, 10)
    adata.uns["svqvae"] = {"clip": 10.0, "group": "pert_id", "source": {"signatures": "simulated"}}
    adata.uns["truth"] = truth
    return adata


@pytest.fixture(scope="session")
def snakemake(repository):
    """Run the workflow in a folder of its own: snakemake(folder, config, *arguments)."""

    def run(folder: Path, config: Path | str | None, *arguments: str, cores: int = 2, timeout=600):
        command = [sys.executable, "-m", "snakemake"]
        # It takes any number of files: whatever follows it must be an option.
        command += ["--configfile", str(config)] if config is not None else []
        command += ["--snakefile", str(repository / "workflow" / "Snakefile")]
        command += ["--directory", str(folder), "--cores", str(cores)]
        return subprocess.run(
            [*command, *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
        )

    return run
