"""Break the package in one place at a time, and see whether the tests of that place notice.

    python tests/mutations/mutate.py [--checkout FOLDER] [--only TEXT] > mutations.tsv

Not part of the suite: it takes minutes. Each mutation of :mod:`mutations` is made in a copy of the
checkout, the unit tests of its module are run there until one fails, and the change is taken back.
A line for each: name, file, result (killed, survived, or absent where the checkout has no such
code) and seconds; the share that survives at the end, on the error stream. A mutation that makes a
test run beyond the time limit counts as killed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mutations import MUTATIONS, Change, Mutation

#: Seconds that the tests of one mutation may take.
LIMIT = 240
#: What is copied: the tests of the package alone need no more.
PARTS = ("svqvae", "tests", "workflow", "config", "pyproject.toml")


def main() -> None:
    """Run all mutations, or those whose name holds ``--only``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkout", type=Path, default=Path(__file__).resolve().parents[2])
    parser.add_argument("--only", default="", metavar="TEXT")
    chosen = parser.parse_args()
    print("mutation\tfile\tresult\tseconds", flush=True)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        for part in PARTS:
            source = chosen.checkout / part
            (shutil.copytree if source.is_dir() else _copy)(source, copy / part)
        for mutation in MUTATIONS:
            if chosen.only in mutation.name:
                started = time.monotonic()
                file, result = _try(copy, mutation)
                results.append(result)
                spent = time.monotonic() - started
                print(f"{mutation.name}\t{file}\t{result}\t{spent:.0f}", flush=True)
    tried = [r for r in results if r != "absent"]
    survived = tried.count("survived")
    share = survived / max(len(tried), 1)
    print(f"{survived} of {len(tried)} mutations survive ({share:.0%})", file=sys.stderr)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _try(copy: Path, mutation: Mutation) -> tuple[str, str]:
    """Return the file that was changed and what came of it."""
    change = next((c for c in mutation.changes if _occurs_once(copy, c)), None)
    tests = [t for t in mutation.tests if (copy / "tests" / "unit" / t).exists()]
    if change is None or not tests:
        return mutation.changes[0].file, "absent"
    path = copy / "svqvae" / change.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(change.old, change.new), encoding="utf-8")
    try:
        return change.file, "killed" if _fails(copy, tests) else "survived"
    finally:
        path.write_text(whole, encoding="utf-8")


def _occurs_once(copy: Path, change: Change) -> bool:
    path = copy / "svqvae" / change.file
    return path.is_file() and path.read_text(encoding="utf-8").count(change.old) == 1


def _fails(copy: Path, tests: list[str]) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    command += [f"tests/unit/{test}" for test in tests]
    environment = {
        **os.environ,
        "PYTHONPATH": str(copy),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
    }
    try:
        run = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, check=False, timeout=LIMIT
        )
    except subprocess.TimeoutExpired:
        return True
    if run.returncode not in (0, 1):
        sys.exit(f"pytest ended with {run.returncode}:\n{run.stdout.decode()[-2000:]}")
    return run.returncode == 1


if __name__ == "__main__":
    main()
