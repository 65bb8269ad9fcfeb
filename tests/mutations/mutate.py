"""Break the package in one place at a time, and see whether the tests of that place notice.

    python tests/mutations/mutate.py [--checkout FOLDER] [--only TEXT] [--every N] > mutations.tsv

Not part of the suite: it takes minutes. Each mutation of :mod:`mutations` is made in a copy of the
checkout, the unit tests of its module are run there until one fails, and the change is taken back.
A line for each: name, file, result (killed, survived, or absent where the checkout has no such
code) and seconds; the share that survives at the end, on the error stream. A mutation that makes a
test run beyond the time limit counts as killed.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest
from mutations import MUTATIONS, Change, Mutation

#: Seconds that the tests of one mutation may take.
LIMIT = 240
#: Imported once.
_SLOW = (
    *("torch", "anndata", "scanpy", "sklearn.ensemble", "sklearn.linear_model", "sklearn.svm"),
    *("sklearn.discriminant_analysis", "statsmodels.stats.multitest", "matplotlib.pyplot"),
    *("seaborn", "h5py", "pyarrow", "safetensors.numpy", "networkx", "torch.optim"),
)
#: Tests that start processes of their own.
_NOT_IN_FORKS = "killed_and_started"
#: What is copied: the tests of the package alone need no more.
PARTS = ("svqvae", "tests", "workflow", "config", "pyproject.toml")


def main() -> None:
    """Run all mutations, or those whose name holds ``--only``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkout", type=Path, default=Path(__file__).resolve().parents[2])
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth alone")
    parser.add_argument("--start", type=int, default=0, metavar="N", help="from which on")
    chosen = parser.parse_args()
    _preload()
    print("mutation\tfile\tresult\tseconds", flush=True)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        for part in PARTS:
            source = chosen.checkout / part
            (shutil.copytree if source.is_dir() else _copy)(source, copy / part)
        for mutation in MUTATIONS[chosen.start :: chosen.every]:
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
    """Run tests in a fork, which has what is slow to import already, but nothing of the package."""
    child = os.fork()
    if child == 0:
        os.chdir(copy)
        sys.path.insert(0, str(copy))
        # pytest would put whole failures on the table.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        arguments = ["-x", "-q", "-p", "no:cacheprovider", "-k", f"not {_NOT_IN_FORKS}"]
        os._exit(pytest.main([*arguments, *(f"tests/unit/{test}" for test in tests)]))
    deadline = time.monotonic() + LIMIT
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return True
        time.sleep(0.05)
    code = os.waitstatus_to_exitcode(status)
    # By a signal, or by pytest: 0 passed, 1 failed, 2 an import that failed.
    if code > 2:
        sys.exit(f"pytest ended with {code} on {', '.join(tests)}")
    return code != 0


def _preload() -> None:
    """Import what tests import beside the package, once for all forks."""
    os.environ.update(OMP_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="1")
    sys.dont_write_bytecode = True
    # The package of the copy is to be imported, not one that lies about.
    sys.path[:] = [p for p in sys.path if not (Path(p) / "svqvae").is_dir()]
    for name in _SLOW:
        importlib.import_module(name)
    assert "svqvae" not in sys.modules


if __name__ == "__main__":
    main()
