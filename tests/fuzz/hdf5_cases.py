"""Small GCTX and h5ad files of every age and layout."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np
from scipy import sparse

TEXT = ["A375", "MCF7", "µ é", "10 um", "x/y", "0012", "a b"]
#: HDF5 strings of any length.
VLEN = h5py.string_dtype("utf-8")


@dataclass(kw_only=True)
class Case:
    """A file and what of it is known to be right; None where a change touched it."""

    path: Path
    change: str
    shape: tuple[int, int]
    x: np.ndarray | None
    sigs: list[str] | None
    genes: list[str] | None
    columns: dict[str, list] = field(default_factory=dict)
    must_be_read: bool = False


def make(rng: np.random.Generator, folder: Path) -> Case:
    """Write one file of a random kind."""
    for old in folder.iterdir():
        old.unlink()
    n, m = (int(k) for k in rng.integers(1, 9, 2))
    if rng.random() < 0.05:
        n = 0
    x = rng.normal(size=(n, m)) * 3
    x[rng.random((n, m)) < 0.3] = 0
    dtype = str(rng.choice(["<f4", "<f4", "<f4", ">f4", "<f8", "<f2", "<i4", "<i2"]))
    special = rng.random() < 0.3 and n
    if special:
        values = [-666, 0] if "i" in dtype else [-666, np.nan, np.inf, -np.inf]
        at = rng.integers(0, x.size, 3)
        x.flat[at] = rng.choice(values, 3)
    x = x.astype(dtype)
    want = x.astype(np.float32)
    want[want == -666] = np.nan
    cells = [None if rng.random() < 0.3 else str(rng.choice(TEXT)) for _ in range(n)]
    case = Case(
        path=folder / str(rng.choice(["a.gctx", "a.h5ad", "a.h5ad"])),
        change="none",
        shape=(n, m),
        x=want,
        sigs=[f"S{i}:µ" for i in range(n)],
        genes=[str(100 + i) for i in range(m)],
        columns={"cell_id": cells} if any(cells) else {},
        must_be_read=n > 0,
    )
    writer = _gctx if case.path.suffix == ".gctx" else _h5ad
    writer(case, x, rng)
    return case


# -- writers -----------------------------------------------------------------------------------
def _layout(rng: np.random.Generator, shape: tuple[int, ...]) -> dict:
    if not all(shape) or rng.random() < 0.5:
        return {}
    chunks = tuple(int(rng.integers(1, n + 1)) for n in shape)
    packed = [{}, {"compression": "gzip"}, {"compression": "gzip", "shuffle": True}]
    return {"chunks": chunks, **packed[rng.integers(3)]}


def _strings(values: list[str], rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.5 and values:
        return np.array([v.encode() for v in values])
    return np.array(values, dtype=object)


def _put(group: h5py.Group, name: str, values, rng=None, **attributes) -> h5py.Dataset:
    values = np.asarray(values)
    if values.dtype == object:
        stored = group.create_dataset(name, data=values, dtype=VLEN)
    else:
        layout = _layout(rng, values.shape) if rng is not None else {}
        stored = group.create_dataset(name, data=values, **layout)
    stored.attrs.update(attributes)
    return stored


def _gctx(case: Case, x: np.ndarray, rng: np.random.Generator) -> None:
    with h5py.File(case.path, "w") as file:
        file.attrs["version"] = np.bytes_("GCTX1.0")
        _put(file, "0/DATA/0/matrix", x, rng)
        _put(file, "0/META/COL/id", _strings(case.sigs, rng))
        genes = np.array(case.genes, int) if rng.random() < 0.3 else _strings(case.genes, rng)
        _put(file, "0/META/ROW/id", genes)
        cells = ["-666" if c is None else c for c in case.columns.get("cell_id", [])]
        if case.columns:
            _put(file, "0/META/COL/cell_id", _strings(cells, rng))


def _h5ad(case: Case, x: np.ndarray, rng: np.random.Generator) -> None:
    age = str(rng.choice(["0.6", "0.7", "0.8", "0.13"]))
    with h5py.File(case.path, "w") as file:
        if age != "0.6":
            file.attrs["encoding-type"], file.attrs["encoding-version"] = "anndata", "0.1.0"
        _matrix(file, "X", x, age, rng)
        if rng.random() < 0.3:
            _matrix(file, "layers/raw", x, age, rng)
        uns = file.create_group("uns")
        if rng.random() < 0.5:
            _put(uns, "note", np.arange(3), **_array(age))
        _frame(file, "obs", case.sigs, case.columns, age, rng)
        _frame(file, "var", case.genes, {}, age, rng)


def _array(age: str, kind: str = "array") -> dict:
    if age in ("0.6", "0.7"):
        return {}
    return {"encoding-type": kind, "encoding-version": "0.2.0"}


def _matrix(file, name: str, x: np.ndarray, age: str, rng: np.random.Generator) -> None:
    kind = str(rng.choice(["dense", "csr", "csc"])) if x.size else "dense"
    if kind == "dense" or x.dtype == np.float16:
        _put(file, name, x, rng, **_array(age))
        return
    native = x.astype(x.dtype.newbyteorder("="))
    packed = sparse.csr_matrix(native) if kind == "csr" else sparse.csc_matrix(native)
    group = file.create_group(name)
    for part in ("data", "indices", "indptr"):
        _put(group, part, getattr(packed, part), rng if packed.nnz else None)
    if age == "0.6":
        group.attrs["h5sparse_format"], group.attrs["h5sparse_shape"] = kind, x.shape
    else:
        group.attrs.update({"encoding-type": f"{kind}_matrix", "encoding-version": "0.1.0"})
        group.attrs["shape"] = x.shape


def _frame(file, name: str, ids, columns: dict, age: str, rng: np.random.Generator) -> None:
    if age == "0.6":
        _records(file, name, ids, columns)
        return
    group = file.create_group(name)
    group.attrs["encoding-type"] = "dataframe"
    group.attrs["encoding-version"] = "0.1.0" if age == "0.7" else "0.2.0"
    group.attrs["_index"] = "_index"
    group.attrs["column-order"] = np.array(list(columns), dtype=VLEN)
    text = np.array(ids, dtype=object)
    if age == "0.13":
        _nullable(group, "_index", ids)
    else:
        _put(group, "_index", text, **_array(age, "string-array"))
    for key, values in columns.items():
        if age == "0.13":
            _nullable(group, key, values)
            continue
        names = sorted({v for v in values if v is not None})
        codes = np.array([-1 if v is None else names.index(v) for v in values], dtype="i1")
        if age == "0.7":
            where = _put(group, f"__categories/{key}", np.array(names, dtype=object))
            _put(group, key, codes).attrs["categories"] = where.ref
        else:
            inner = group.create_group(key)
            inner.attrs.update({"encoding-type": "categorical", "encoding-version": "0.2.0"})
            inner.attrs["ordered"] = False
            _put(inner, "codes", codes, **_array(age))
            _put(inner, "categories", np.array(names, dtype=object), **_array(age, "string-array"))


def _nullable(group, name: str, values) -> None:
    inner = group.create_group(name)
    inner.attrs.update({"encoding-type": "nullable-string-array", "encoding-version": "0.1.0"})
    text = np.array(["" if v is None else v for v in values], dtype=object)
    _put(inner, "values", text, **_array("0.13", "string-array"))
    _put(inner, "mask", np.array([v is None for v in values], dtype=bool), **_array("0.13"))


def _records(file, name: str, ids, columns: dict) -> None:
    dtype: list = [("index", "S20")]
    fields = [[v.encode() for v in ids]]
    for key, values in columns.items():
        names = sorted({v for v in values if v is not None})
        dtype.append((key, "i1"))
        fields.append([-1 if v is None else names.index(v) for v in values])
        _put(file, f"uns/{key}_categories", np.array(names, dtype=object))
    records = np.array(list(zip(*fields, strict=True)), dtype=dtype)
    file.create_dataset(name, data=records)
