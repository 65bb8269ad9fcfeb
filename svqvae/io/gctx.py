"""GCTX (CMap's HDF5 layout): read only what is asked for.

A GCToo object is genes x signatures, but the matrix on disk is signatures x genes:
``/0/DATA/0/matrix`` of shape (n_signatures, n_genes), ``/0/META/COL/id`` the signature ids,
``/0/META/ROW/id`` the gene ids. It is read here as it lies.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path
from svqvae.io.blocks import read_block
from svqvae.io.hdf5_file import Hdf5File, fill

MATRIX = "0/DATA/0/matrix"
SIGNATURES = "0/META/COL"
GENES = "0/META/ROW"
_BLOCK = 1024


class GctxFile(Hdf5File):
    """An open GCTX file."""

    kind = "a GCTX (HDF5)"

    def _check(self) -> None:
        file, path = self._file, self.path
        wanted = (MATRIX, f"{SIGNATURES}/id", f"{GENES}/id")
        missing = [k for k in wanted if not isinstance(file.get(k), h5py.Dataset)]
        if missing:
            raise SvqvaeError(f"{path}: not a GCTX file, it has no /{', /'.join(missing)}")
        matrix = file[MATRIX]
        ids = (file[f"{SIGNATURES}/id"].size, file[f"{GENES}/id"].size)
        if matrix.shape != ids:
            raise SvqvaeError(
                f"{path}: matrix is {matrix.shape} but its ids are {ids} (signatures, genes)"
            )
        if matrix.dtype.kind not in "fiu":
            raise SvqvaeError(f"{path}: /{MATRIX} holds {matrix.dtype}, not numbers")
        for group, n in zip((SIGNATURES, GENES), ids, strict=True):
            for name, column in file[group].items():
                if not isinstance(column, h5py.Dataset) or column.shape != (n,):
                    raise SvqvaeError(f"{path}: /{group}/{name} is not a column of {n} values")

    @cached_property
    def obs(self) -> pd.DataFrame:  # type: ignore[override]
        """Signature table; -666 is missing."""
        return self._table(SIGNATURES)

    @cached_property
    def var(self) -> pd.DataFrame:  # type: ignore[override]
        """Gene table; -666 is missing."""
        return self._table(GENES)

    def _table(self, group: str) -> pd.DataFrame:
        with self._plain_errors():
            columns = {name: _column(column) for name, column in self._file[group].items()}
        ids = pd.Index(columns.pop("id"), dtype=object)
        return pd.DataFrame(columns, index=ids)

    def read(self, rows: np.ndarray, genes: np.ndarray) -> np.ndarray:
        """Return the chosen signatures x genes, -666 as NaN, by a fixed buffer."""
        with self._plain_errors():
            x = read_block(self._file[MATRIX], rows, genes)
        for start in range(0, len(x), _BLOCK):
            part = x[start : start + _BLOCK]
            part[part == float(keys.LINCS_NULL)] = np.nan
        return x


def _column(column: h5py.Dataset) -> np.ndarray:
    """Return a metadata column, text decoded, -666 missing."""
    values = column[...]
    if column.name.endswith("/id"):
        text = _decoded(values.tolist()) if values.dtype.kind in "SO" else values.astype(str)
        return np.array([t.strip("\0 \t\r\n") for t in text], dtype=object)
    if values.dtype.kind in "SO":
        # Metadata repeats itself: each distinct value is decoded once and shared.
        codes, distinct = pd.factorize(values.astype(object), use_na_sentinel=False)
        # Only text of fixed length is padded.
        padding = "\0 " if values.dtype.kind == "S" else "\0"
        text = [t.rstrip(padding) for t in _decoded(distinct.tolist())]
        shared = np.array(text, dtype=object)
        return np.where(np.isin(shared, keys.LINCS_NULLS), np.nan, shared)[codes]
    null = values == float(keys.LINCS_NULL) if values.dtype.kind in "fiu" else np.zeros(1, bool)
    return np.where(null, np.nan, values) if null.any() else values


def _decoded(values: list[bytes]) -> list[str]:
    """Decode HDF5 strings; bytes that are not UTF-8 are Latin-1."""
    try:
        text = b"\n".join(values).decode("utf-8").split("\n")
    except UnicodeDecodeError:
        text = []
    if len(text) != len(values):  # not UTF-8, or a line end within a value
        text = [_decode(value) for value in values]
    return text


def _decode(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def write_gctx(
    path: str | Path,
    x: np.ndarray | Iterable[np.ndarray],
    obs: pd.DataFrame,
    var: pd.DataFrame,
) -> None:
    """Write signatures x genes (with ids in the indexes) as GCTX 1.0; missing becomes -666.

    Parameters
    ----------
    x
        The matrix, or its parts in order, so that it need not be held as a whole.

    Raises
    ------
    SvqvaeError
        If a column has a name, or text a character, that HDF5 cannot hold.
    """
    for name in map(str, [*obs.columns, *var.columns]):
        if name in ("id", ".") or "/" in name:
            raise SvqvaeError(f"{path}: GCTX cannot hold a metadata column '{name}'; rename it")
    with atomic_path(path) as temporary, h5py.File(temporary, "w") as file:
        # A scalar of fixed length: what CMap's own tools write and read.
        file.attrs["version"] = np.bytes_("GCTX1.0")
        for group, table in ((SIGNATURES, obs), (GENES, var)):
            _write_column(file, f"{group}/id", table.index.to_series(), path)
            for name, column in table.items():
                _write_column(file, f"{group}/{name}", column, path)
        matrix = file.create_dataset(MATRIX, (len(obs), len(var)), dtype=np.float32)
        fill(matrix, x)


def _write_column(file: h5py.File, name: str, column: pd.Series, path: str | Path) -> None:
    if pd.api.types.is_bool_dtype(column):
        column = column.astype("Int64")
    if pd.api.types.is_numeric_dtype(column):
        file.create_dataset(name, data=column.fillna(float(keys.LINCS_NULL)).to_numpy())
        return
    text = column.astype(object).where(column.notna(), keys.LINCS_NULL).astype(str)
    if text.str.contains("\0", regex=False).any():
        raise SvqvaeError(f"{path}: GCTX cannot hold the NUL character in '{name}'; remove it")
    file.create_dataset(name, data=text.to_list(), dtype=h5py.string_dtype("utf-8"))
