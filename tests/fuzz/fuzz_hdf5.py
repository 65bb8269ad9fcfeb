"""Fuzz the readers of HDF5: the right values or an SvqvaeError, never anything else.

Run by hand: ``python tests/fuzz/fuzz_hdf5.py --n 10000 --seed 0``. Every input is one seed: a small
GCTX or h5ad of some age and layout (``hdf5_cases.py``), changed in its structure or in its bytes
(``hdf5_changes.py``). What the change left alone must be read as NumPy has it. Inputs run in a
child process, as libhdf5 may crash or loop on damaged bytes; ``--only SEED`` runs one in this
process. Exit status 1: something was found.
"""

from __future__ import annotations

import argparse
import faulthandler
import logging
import os
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import IO

import hdf5_cases
import hdf5_changes
import numpy as np

from svqvae.errors import SvqvaeError
from svqvae.io import read, read_metadata
from svqvae.io.convert import convert

SECONDS = 10
#: Longest message that a person is shown, in characters.
SCREEN = 2000


class WrongValue(AssertionError):
    """Something was read that is not in the file."""


class Hang(Exception):
    """An input took longer than SECONDS."""


def attempt(seed: int, folder: Path) -> str:
    """Make and read one input; return what became of it."""
    rng = np.random.default_rng(seed)
    case = hdf5_cases.make(rng, folder)
    hdf5_changes.change(case, rng)
    outcomes = []
    for use in (_read_all, _read_part, _read_tables, _convert, _map):
        if use is _read_all or rng.random() < 0.5:
            outcomes.append(_outcome(use, case, rng))
    return f"{case.change}: {'refused' if 'refused' in outcomes else 'read'}"


def _outcome(use, case, rng) -> str:
    try:
        use(case, rng)
    except SvqvaeError as error:
        text = str(error)
        if len(text) > SCREEN:
            raise WrongValue(f"a message of {len(text)} characters") from error
        if case.must_be_read:
            raise WrongValue(f"refused: {text}") from error
        return "refused"
    return "read"


def _same(got, want, what: str) -> None:
    if not np.array_equal(np.asarray(got), np.asarray(want), equal_nan=True):
        raise WrongValue(f"{what}: {got!r} instead of {want!r}")


def _check(adata, case, rows, genes) -> None:
    if case.x is not None:
        _same(adata.X, case.x[np.ix_(rows, genes)], "X")
    if case.sigs is not None:
        if list(adata.obs_names) != [case.sigs[i] for i in rows]:
            raise WrongValue(f"obs_names {list(adata.obs_names)}")
    if case.genes is not None and list(adata.var_names) != [case.genes[i] for i in genes]:
        raise WrongValue(f"var_names {list(adata.var_names)}")
    for name, want in case.columns.items():
        _same_column(adata.obs[name], [want[i] for i in rows], name)


def _same_column(got, want, name: str) -> None:
    for g, w in zip(got, want, strict=True):
        absent = g is None or g != g
        if absent != (w is None) or not (absent or g == w):
            raise WrongValue(f"column {name}: {list(got)} instead of {want}")


def _read_all(case, rng) -> None:
    adata = read(case.path)
    n, m = case.shape
    _check(adata, case, np.arange(n), np.arange(m)) if adata.shape == (n, m) else _resized(case)


def _resized(case) -> None:
    if case.x is not None:
        raise WrongValue("another shape")


def _read_part(case, rng) -> None:
    n, m = case.shape
    rows = rng.permutation(n)[: rng.integers(1, n + 1)] if n else np.arange(0)
    genes = rng.permutation(m)[: rng.integers(1, m + 1)] if m else np.arange(0)
    # Whole numbers may be ids of genes: positions that include 0 are positions.
    genes = np.r_[0, genes[genes > 0]] if m else genes
    _check(read(case.path, rows=rows, genes=genes), case, rows, genes)


def _read_tables(case, rng) -> None:
    obs, _ = read_metadata(case.path)
    if case.sigs is not None and list(obs.index) != case.sigs:
        raise WrongValue(f"ids {list(obs.index)}")
    for name, want in case.columns.items():
        _same_column(obs[name], want, name)


def _convert(case, rng) -> None:
    target = case.path.with_name("out" + str(rng.choice([".gctx", ".h5ad", ".tsv"])))
    convert(case.path, target)
    adata = read(target)
    if case.x is not None:
        n, m = case.shape
        if target.suffix == ".tsv":
            _same(adata.X, case.x, "X converted")
        else:
            _check(adata, case, np.arange(n), np.arange(m))


def _map(case, rng) -> None:
    """Take what anndata opens as the signatures that models are trained on."""
    import anndata as ad

    from svqvae.data.matrix import SignatureMatrix

    if not case.path.name.endswith(".h5ad"):
        return
    try:
        backed = ad.read_h5ad(case.path, backed="r")
    except Exception:  # anndata's own troubles are not ours
        return
    try:
        clip = float(rng.choice([1.0, 10.0]))
        matrix = SignatureMatrix.of(backed, list(backed.var_names), clip=clip)
        if case.x is not None:
            if not np.isfinite(case.x).all():
                raise WrongValue("NaN, -666 or an infinite value was taken")
            _same(matrix[:], np.clip(case.x, -clip, clip), "mapped X")
    except SvqvaeError:
        if case.must_be_read and case.x is not None and np.isfinite(case.x).all():
            raise
    finally:
        backed.file.close()


# -- processes ---------------------------------------------------------------------------------
def _alarm(*_: object) -> None:
    raise Hang


#: Makes and reads the input of a seed in a folder, and says what became of it.
Attempt = Callable[[int, Path], str]


def _child(seeds: range, pipe: int, folder: Path, trace: IO[str], attempt: Attempt) -> None:
    signal.signal(signal.SIGALRM, _alarm)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    for seed in seeds:
        os.write(pipe, f"start\t{seed}\n".encode())
        signal.alarm(SECONDS)
        faulthandler.dump_traceback_later(SECONDS + 2, exit=True, file=trace)
        try:
            told = f"ok\t{seed}\t{attempt(seed, folder)}"
        except BaseException as error:
            *_, above, where = traceback.extract_tb(error.__traceback__)
            text = " ".join(f"{type(error).__name__} {error}".split())[:300]
            told = f"found\t{seed}\t{text} ({Path(where.filename).name}:{where.lineno})"
            if isinstance(error, Hang) and "h5py/" in above.filename:
                told = f"ok\t{seed}\tlibhdf5 hung"
        signal.alarm(0)
        faulthandler.cancel_dump_traceback_later()
        os.write(pipe, (told + "\n").encode())


def run(n: int, first: int, attempt: Attempt = attempt) -> int:
    """Run ``n`` seeds; print what was found and return how many."""
    outcomes: Counter[str] = Counter()
    found, at, end, began = 0, first, first + n, time.monotonic()
    while at < end:
        print(f"at seed {at}, {time.monotonic() - began:.0f} s", file=sys.stderr)
        at, lines = _batch(range(at, min(at + 500, end)), attempt)
        for line in lines:
            kind, seed, *text = line.split("\t")
            if kind == "ok":
                outcomes[text[0]] += 1
            else:
                found += 1
                print(f"seed {seed}: {' '.join(text)}", flush=True)
    for what, count in sorted(outcomes.items()):
        print(f"{count:7d}  {what}")
    print(f"{n} inputs, {found} found, {time.monotonic() - began:.0f} s")
    return found


def _batch(seeds: range, attempt: Attempt) -> tuple[int, list[str]]:
    """Run seeds in a child; return where to go on, and what it told."""
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        child = os.fork()
        if child == 0:
            os.close(reading)
            # Tells where it stood when it crashed or hung in C.
            trace = open(Path(folder).with_suffix(".trace"), "w+")
            faulthandler.enable(trace)
            sys.stderr = open(os.devnull, "w")
            resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
            _child(seeds, writing, Path(folder), trace, attempt)
            os._exit(0)
        os.close(writing)
        told = b""
        while select.select([reading], [], [], 60)[0]:
            if not (part := os.read(reading, 1 << 16)):
                break
            told += part
        else:
            os.kill(child, signal.SIGKILL)
        os.close(reading)
        status = os.waitpid(child, 0)[1]
    trace = Path(folder).with_suffix(".trace")
    lines = told.decode().splitlines()
    started = [line for line in lines if line.startswith("start")]
    if not started:  # the machine gave it no time
        return seeds.start, []
    last = int(started[-1].split("\t")[1])
    done = [line for line in lines if not line.startswith("start")]
    if status and not any(line.split("\t")[1] == str(last) for line in done):
        done.append(_died(last, status, trace.read_text()))
    elif status:
        done.append(f"found\t{last}\tthe child ended with status {status}")
    trace.unlink(missing_ok=True)
    return last + 1, done


def _died(seed: int, status: int, trace: str) -> str:
    """Return what is told of a child that crashed or hung: libhdf5's own trouble is not ours."""
    frames = [line.strip() for line in trace.splitlines() if line.strip().startswith("File")]
    where = frames[0] if frames else "no trace"
    what = f"crashed, signal {number}" if (number := os.WTERMSIG(status)) else "hung"
    if "/h5py/" in where:
        return f"ok\t{seed}\tlibhdf5 {what.partition(',')[0]}"
    return f"found\t{seed}\t{what} ({where})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="until an input hangs")
    options = parser.parse_args()
    SECONDS = options.seconds
    if options.only is not None:
        with tempfile.TemporaryDirectory() as name:
            print(attempt(options.only, Path(name)))
        sys.exit(0)
    sys.exit(bool(run(options.n, options.seed)))
