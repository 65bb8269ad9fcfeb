"""Flip one random bit of a file: what is read is the same, or refused, never something else.

Run by hand: ``python tests/fuzz/fuzz_bits.py --n 10000 --seed 0``. Every input is one seed: a
file of a kind (``bits_cases.py``) with one bit flipped. Of what svqvae writes, nothing may pass. A
user's own file has no checksums: where a bit of a number or of a name is another, the file is
another file, and no reader can know; those are counted as such. Exit status 1: something was
found.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from functools import cache
from pathlib import Path

import fuzz_hdf5
import numpy as np
import torch
from bits_cases import SUBJECTS, Subject, digest

from svqvae.errors import SvqvaeError


@cache
def subject(name: str) -> Subject:
    """Return a kind of file, made once."""
    with tempfile.TemporaryDirectory() as folder:
        return SUBJECTS[name](Path(folder))


def attempt(seed: int, folder: Path) -> str:
    """Flip the bit of a seed and read the file; return what became of it."""
    name = list(SUBJECTS)[seed % len(SUBJECTS)]
    rng, made = np.random.default_rng(seed), subject(name)
    flipped = list(made.files)[rng.integers(len(made.files))]
    place = folder / str(seed)
    for file, content in made.files.items():
        path = place / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_flip(content, rng) if file == flipped else content)
    try:
        found = digest(made.read(place))
    except SvqvaeError as error:
        if len(str(error)) > fuzz_hdf5.SCREEN:
            raise fuzz_hdf5.WrongValue(f"{name}: a message of {len(str(error))}") from error
        return f"{name}: refused"
    if found == made.expected:
        return f"{name}: the same"
    if made.ours:
        raise fuzz_hdf5.WrongValue(f"{name}: {flipped} with one bit flipped is read as another")
    return f"{name}: another file"


def _flip(content: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(content)
    if changed:
        changed[rng.integers(len(changed))] ^= 1 << int(rng.integers(8))
    return bytes(changed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int)
    options = parser.parse_args()
    if options.only is not None:
        with tempfile.TemporaryDirectory() as name:
            print(attempt(options.only, Path(name)))
        sys.exit(0)
    torch.set_num_threads(1)  # its threads do not outlive a fork
    for name in SUBJECTS:
        subject(name)
    sys.exit(bool(fuzz_hdf5.run(options.n, options.seed, attempt)))
