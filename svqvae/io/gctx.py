"""GCTX (CMap's HDF5 layout): read only what is asked for.

A GCToo object is genes x signatures, but the matrix on disk is signatures x genes:
``/0/DATA/0/matrix`` of shape (n_signatures, n_genes), ``/0/META/COL/id`` the signature ids,
``/0/META/ROW/id`` the gene ids. It is read here as it lies.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io import sums
from svqvae.io.atomic import atomic_path
from svqvae.io.blocks import read_block
from svqvae.io.hdf5_file import Hdf5File, decoded, fill, new_hdf5, whole, without_null
from svqvae.io.hdf5_inside import require_sound
from svqvae.io.limits import require_memory
from svqvae.io.missing import LINCS_NULL, is_missing_word
from svqvae.io.output import refuse_twin_columns

log = logging.getLogger("svqvae")

MATRIX = "0/DATA/0/matrix"
SIGNATURES = "0/META/COL"
GENES = "0/META/ROW"


class GctxFile(Hdf5File):
    """An open GCTX file."""

    kind = "a GCTX (HDF5)"

    def _check(self) -> None:
        file, path = self._file, self.path
        wanted = (MATRIX, f"{SIGNATURES}/id", f"{GENES}/id")
        missing = [k for k in wanted if not isinstance(file.get(k), h5py.Dataset)]
        if missing:
            self._refuse_other_kind(f"it has no /{', /'.join(missing)}")
        matrix = file[MATRIX]
        ids = (file[f"{SIGNATURES}/id"].size, file[f"{GENES}/id"].size)
        if matrix.shape != ids:
            raise SvqvaeError(
                f"{path}: matrix is {matrix.shape} but its ids are {ids} (signatures, genes)"
            )
        if matrix.dtype.kind not in "fiu":
            raise SvqvaeError(f"{path}: /{MATRIX} holds {matrix.dtype}, not numbers")
        require_sound(matrix, f"{path}: /{MATRIX}")
        for group, n in zip((SIGNATURES, GENES), ids, strict=True):
            for name, column in file[group].items():
                if not isinstance(column, h5py.Dataset) or column.shape != (n,):
                    raise SvqvaeError(f"{path}: /{group}/{name} is not a column of {n} values")

    @cached_property
    def obs(self) -> pd.DataFrame:  # type: ignore[override]
        """Signature table; -666 and words for a missing value are missing."""
        return self._table(SIGNATURES)

    @cached_property
    def var(self) -> pd.DataFrame:  # type: ignore[override]
        """Gene table; -666 and words for a missing value are missing."""
        return self._table(GENES)

    def _table(self, group: str) -> pd.DataFrame:
        columns, unreadable = {}, []
        with self._plain_errors():
            for name, stored in self._file[group].items():
                if name != "id" and not _is_readable(stored):
                    unreadable.append(f"/{group}/{name} ({stored.dtype})")
                    continue
                values = whole(stored, f"{self.path}: /{group}/{name}")
                columns[name] = _ids(values, self.path, group) if name == "id" else _column(values)
        if unreadable:
            log.warning("%s: left out, of no known type: %s", self.path, ", ".join(unreadable[:20]))
        ids = pd.Index(columns.pop("id"), dtype=object)
        return pd.DataFrame(columns, index=ids)

    def read(self, rows: np.ndarray, genes: np.ndarray) -> np.ndarray:
        """Return the chosen signatures x genes, -666 as NaN, by a fixed buffer."""
        require_memory(4 * len(rows) * len(genes), f"{self.path}: what is asked for")
        with self._plain_errors():
            return without_null(read_block(self._file[MATRIX], rows, genes, self._sums))


def _is_readable(column: h5py.Dataset) -> bool:
    """Return whether a column holds numbers or text."""
    is_text = h5py.check_string_dtype(column.dtype) is not None
    return is_text or (column.dtype.kind in "fiub" and column.dtype.itemsize <= 8)


def _ids(values: np.ndarray, path: Path, group: str) -> np.ndarray:
    """Return ids as text: 780, also where it is stored as 780.0."""
    if values.dtype.kind == "f" and (values % 1 == 0).all():
        values = values.astype(np.int64)
    if values.dtype.kind not in "SOiu" or (
        values.dtype.kind == "O" and len(values) and not isinstance(values[0], bytes)
    ):
        raise SvqvaeError(
            f"{path}: /{group}/id holds {values.dtype}, expected text or whole numbers"
        )
    text = decoded(values.tolist()) if values.dtype.kind in "SO" else values.astype(str)
    return np.array([t.strip("\0 \t\r\n") for t in text], dtype=object)


def _column(values: np.ndarray) -> np.ndarray:
    """Return a metadata column, text decoded; -666 and words for a missing value are missing."""
    if values.dtype.kind in "SO":
        # Metadata repeats itself: each distinct value is decoded once and shared.
        codes, distinct = pd.factorize(values.astype(object), use_na_sentinel=False)
        # Only text of fixed length is padded.
        padding = "\0 " if values.dtype.kind == "S" else "\0"
        text = [t.rstrip(padding) for t in decoded(distinct.tolist())]
        shared = [np.nan if is_missing_word(t) else t for t in text]
        return np.array(shared, dtype=object)[codes]
    null = values == LINCS_NULL if values.dtype.kind in "fiu" else np.zeros(1, bool)
    return np.where(null, np.nan, values) if null.any() else values


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
        If a column has a name, or text a character, that HDF5 cannot hold, or two columns have
        one name.
    """
    refuse_twin_columns(path, obs, var)
    for name in map(str, [*obs.columns, *var.columns]):
        if name in ("id", ".") or "/" in name:
            raise SvqvaeError(f"{path}: GCTX cannot hold a metadata column '{name}'; rename it")
    with atomic_path(path) as temporary:
        with new_hdf5(temporary) as file:
            # A scalar of fixed length: what CMap's own tools write and read.
            file.attrs["version"] = np.bytes_("GCTX1.0")
            for group, table in ((SIGNATURES, obs), (GENES, var)):
                _write_column(file, f"{group}/id", table.index.to_series(), path)
                for name, column in table.items():
                    _write_column(file, f"{group}/{name}", column, path)
            matrix = file.create_dataset(MATRIX, (len(obs), len(var)), dtype=np.float32)
            row_sums = fill(matrix, x)
            place = sums.Place.of(matrix)
        sums.seal(temporary, place, row_sums)


def _write_column(file: h5py.File, name: str, column: pd.Series, path: str | Path) -> None:
    if pd.api.types.is_bool_dtype(column):
        column = column.astype("Int64")
    if pd.api.types.is_numeric_dtype(column):
        file.create_dataset(name, data=column.fillna(LINCS_NULL).to_numpy())
        return
    text = column.astype(object).where(column.notna(), keys.LINCS_NULL).astype(str)
    if text.str.contains("\0", regex=False).any():
        raise SvqvaeError(f"{path}: GCTX cannot hold the NUL character in '{name}'; remove it")
    file.create_dataset(name, data=text.to_list(), dtype=h5py.string_dtype("utf-8"))
