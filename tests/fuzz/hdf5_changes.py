"""Changes to the structure or the bytes of a small GCTX or h5ad, and what they make unknown."""

from __future__ import annotations

from collections.abc import Callable

import h5py
import numpy as np
from hdf5_cases import VLEN, Case


def change(case: Case, rng: np.random.Generator) -> None:
    """Change four files in five; ``case`` forgets what may have become wrong."""
    if rng.random() < 0.2:
        return
    if rng.random() < 0.5:
        _change_structure(case, rng)
    else:
        _change_bytes(case, rng)


def _touched(case: Case, name: str) -> None:
    """Forget what a change at ``name`` may have made wrong."""
    name = name.strip("/")
    # What is not needed stops nothing.
    case.must_be_read &= name.startswith(("uns", "layers", "obs/cell_id", "obs/__categories"))
    if name.startswith(("X", "0/DATA")) or name == "0":
        case.x = None
    for side, attribute in (("obs", "sigs"), ("var", "genes")):
        group = {"obs": "0/META/COL", "var": "0/META/ROW"}[side]
        if name.startswith((side, group)) or name in ("0", "0/META"):
            setattr(case, attribute, None)
            # Which row a value belongs to is not known any more.
            case.x = None if name.endswith(("id", "_index", side, "values", "mask")) else case.x
    if name.startswith(("obs", "0/META", "uns")) or name == "0":
        case.columns = {}


def _names(file: h5py.File) -> list[str]:
    found: list[str] = []
    file.visit(found.append)
    return found


def _change_structure(case: Case, rng: np.random.Generator) -> None:
    chosen = _CHANGES[rng.integers(len(_CHANGES))]
    case.change = chosen.__name__.strip("_")
    with h5py.File(case.path, "r+") as file:
        name = str(rng.choice(_names(file)))
        _touched(case, name)
        chosen(file, name, rng)


def _drop(file, name, rng) -> None:
    del file[name]


def _to_group(file, name, rng) -> None:
    del file[name]
    file.create_group(name)


def _of_type(file, name, rng) -> None:
    values = [np.ones(3, complex), np.array([b"x"]), np.zeros(2, [("a", "i4"), ("b", "S3")])]
    values += [np.zeros((2, 2, 2)), np.array(5), np.array([True, False]), np.void(b"abc")]
    values += [np.arange(4, dtype="u8"), np.array([2**62]), np.array([1e300])]
    shape = file[name].shape if isinstance(file[name], h5py.Dataset) else None
    value = values[rng.integers(len(values))]
    if shape and value.dtype.kind in "cfuib" and rng.random() < 0.7:
        value = np.resize(value, shape)
    attributes = dict(file[name].attrs)
    del file[name]
    file[name] = value
    if rng.random() < 0.5:
        file[name].attrs.update({k: v for k, v in attributes.items() if k != "categories"})


def _nothing(file, name, rng) -> None:
    del file[name]
    stored = file.create_dataset(name, data=h5py.Empty("f4"))
    stored.attrs.update({"encoding-type": "null", "encoding-version": "0.1.0"})


def _never_written(file, name, rng) -> None:
    del file[name]
    shape = [(10**6, 10**6), (10**12,), (10**9, 3), (4, 4), (3,)][rng.integers(5)]
    chunks = tuple(min(n, 1000) for n in shape) if rng.random() < 0.5 else None
    dtype = [np.float32, VLEN, "S8", np.int64][rng.integers(4)]
    file.create_dataset(name, shape, dtype=dtype, chunks=chunks)


def _huge_chunk(file, name, rng) -> None:
    del file[name]
    stored = file.create_dataset(
        name, (30_000, 30_000), np.float32, chunks=(30_000, 30_000), compression="gzip"
    )
    stored.id.write_direct_chunk((0, 0), b"\x78\x9c not a whole chunk")


def _numbers(file, name, rng) -> None:
    """Put numbers that are out of bounds into a data set."""
    stored = file[name]
    if not isinstance(stored, h5py.Dataset) or not stored.size or stored.dtype.kind not in "iuf":
        return
    at = tuple(int(rng.integers(n)) for n in stored.shape)
    info = np.iinfo(stored.dtype) if stored.dtype.kind in "iu" else np.finfo(stored.dtype)
    stored[at] = [info.max, info.min, 0, 1, 7][rng.integers(5)]


def _attribute(file, name, rng) -> None:
    stored = file[name]
    keys = [*stored.attrs, "encoding-type", "shape", "_index", "column-order", "categories"]
    key = str(rng.choice(keys))
    values = [b"x", "dict", 7, [], [10**12, 10**12], [-1, 3], h5py.Empty("f4"), "csr_matrix"]
    values += ["of-tomorrow", "null", 1.5, "nullable-integer", "categorical", "awkward-array"]
    if rng.random() < 0.3:
        stored.attrs.pop(key, None)
    else:
        stored.attrs[key] = values[rng.integers(len(values))]


def _link(file, name, rng) -> None:
    del file[name]
    links = [h5py.SoftLink("/nowhere"), h5py.SoftLink("/"), h5py.ExternalLink("no.h5", "/a")]
    links += [h5py.SoftLink(f"/{name}"), h5py.SoftLink("/uns")]
    file[name] = links[rng.integers(len(links))]


def _twice(file, name, rng) -> None:
    """Give two rows one id."""
    stored = file[name]
    if isinstance(stored, h5py.Dataset) and stored.ndim == 1 and stored.size > 1:
        values = stored[...]
        values[0] = values[1]
        stored[...] = values


def _of_kind(file, name, rng) -> None:
    """Name a type, as JHDF5 does."""
    file[f"uns/__DATA_TYPES__{rng.integers(9)}"] = np.dtype("i1")


_CHANGES: list[Callable] = [
    *(_drop, _to_group, _of_type, _nothing, _never_written, _huge_chunk, _numbers, _attribute),
    *(_link, _twice, _of_kind, _attribute, _of_type, _numbers),
]


def _change_bytes(case: Case, rng: np.random.Generator) -> None:
    raw = bytearray(case.path.read_bytes())
    kind = str(rng.choice(["flip", "flip", "cut", "zero", "copy", "replace"]))
    case.change = f"bytes {kind}"
    case.must_be_read = False
    if kind == "cut":
        del raw[int(rng.integers(len(raw))) :]
    else:
        # Nothing tells a changed value from the one that was meant.
        case.x = case.sigs = case.genes = None
        case.columns = {}
        at, size = int(rng.integers(len(raw))), int(rng.integers(1, 200))
        if kind == "flip":
            for place in rng.integers(0, len(raw), rng.integers(1, 20)):
                raw[place] ^= 1 << int(rng.integers(8))
        elif kind == "zero":
            raw[at : at + size] = bytes(len(raw[at : at + size]))
        elif kind == "copy":
            raw[at : at + size] = raw[: len(raw[at : at + size])]
        else:
            other = [b"", b"<!DOCTYPE html>\n<html>", b"#1.3\n", b"version https://git-lfs", b"x"]
            raw = bytearray(other[rng.integers(len(other))])
    case.path.write_bytes(raw)
