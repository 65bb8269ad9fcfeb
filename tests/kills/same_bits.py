"""Run the same configuration in other surroundings; every file must have the same bytes.

    python tests/kills/same_bits.py

Cores, threads, hash seed, locale, time zone and path are changed, one at a time and then all at
once. Locales that the machine lacks are as C.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from kill_runs import REPOSITORY, SIM, digests

from svqvae.pp.simulation import write_simulated

#: Of the simulated set, by their keys under source.
_FILES = {
    "signatures": "signatures.gctx",
    "sig_info": "sig_info.txt",
    "gene_info": "gene_info.txt",
}
#: What is run, and in which surroundings: environment, cores, name of the folder.
TRIALS = {
    "cores 1": ({}, 1, "cores"),
    "4 threads by OMP_NUM_THREADS and MKL_NUM_THREADS": (
        {"OMP_NUM_THREADS": "4", "MKL_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4"},
        2,
        "threads",
    ),
    "cores 4": ({}, 4, "more"),
    "PYTHONHASHSEED=1": ({"PYTHONHASHSEED": "1"}, 2, "hash1"),
    "PYTHONHASHSEED=2": ({"PYTHONHASHSEED": "2"}, 2, "hash2"),
    "LC_ALL=C": ({"LC_ALL": "C"}, 2, "c"),
    "LC_ALL=de_DE.UTF-8": ({"LC_ALL": "de_DE.UTF-8"}, 2, "de"),
    "LC_ALL=tr_TR.UTF-8": ({"LC_ALL": "tr_TR.UTF-8"}, 2, "tr"),
    "TZ=Asia/Kathmandu": ({"TZ": "Asia/Kathmandu"}, 2, "tz"),
    "a path with blanks and an umlaut": ({}, 2, "a longer path, with a blank/ünd/so on"),
    "all at once": (
        {"OMP_NUM_THREADS": "3", "PYTHONHASHSEED": "3", "LC_ALL": "C", "TZ": "Etc/GMT+12"},
        1,
        "all at once",
    ),
}


def run(root: Path, name: str, cores: int, environment: dict[str, str]) -> dict[str, str]:
    """Run the configuration in a folder of its own, and return its files' digests."""
    folder = root / name
    folder.mkdir(parents=True)
    source = {f: f"data/{n}" for f, n in _FILES.items()}
    config = {
        "datasets": {
            "tiny": {
                "source": {"kind": "gctx", **source},
                "labels": {"key": "moa", "table": "data/pert_info.txt"},
                "filters": {"genes": "landmark"},
                "split": {"folds": 2},
            }
        },
        "models": {
            "svqvae": {"preset": "svqvae", "epochs": 60, "hidden": 200},
            "paper": {"preset": "paper", "epochs": 20},
            "lda": {"preset": "lda"},
            "random_forest": {"preset": "random_forest"},
        },
    }
    (folder / "c.yaml").write_text(yaml.safe_dump(config))
    write_simulated(folder / "data", SIM)
    command = [sys.executable, "-m", "snakemake", "--configfile", "c.yaml", "--cores", str(cores)]
    command += ["--snakefile", str(REPOSITORY / "workflow" / "Snakefile")]
    ended = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        sys.exit(ended.stderr[-3000:])
    return digests(folder)


def main() -> None:
    """Run, compare; print a table."""
    root = Path(tempfile.mkdtemp(prefix="svqvae-bits-"))
    wanted = run(root, "first", 2, {})
    bad = 0
    for name, (environment, of_cores, folder) in TRIALS.items():
        begun = time.monotonic()
        found = run(root, folder, of_cores, environment)
        names = wanted.keys() | found.keys()
        differ = sorted(n for n in names if wanted.get(n) != found.get(n))
        bad += bool(differ)
        took = time.monotonic() - begun
        print(f"{name}: {len(found)} files, {len(differ)} differ {differ[:4]}, {took:.0f} s")
        sys.stdout.flush()
    print(f"{len(TRIALS)} runs, {bad} with other bytes")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
