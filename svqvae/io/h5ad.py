"""h5ad (AnnData in HDF5): any part of X without the rest, and writing X part by part."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError, shortened
from svqvae.io import sums
from svqvae.io.atomic import atomic_path
from svqvae.io.blocks import is_plain_file, read_block
from svqvae.io.h5ad_rest import add_rest, is_unknown_kind
from svqvae.io.h5ad_sparse import SparseMatrix
from svqvae.io.h5ad_table import LeftOut, noting, old_categories, read_ids, read_table
from svqvae.io.hdf5_file import Hdf5File, fill, group_of, new_hdf5, without_null
from svqvae.io.hdf5_inside import require_sound
from svqvae.io.limits import require_memory
from svqvae.io.output import refuse_twin_columns

if TYPE_CHECKING:
    from anndata import AnnData

log = logging.getLogger("svqvae")

#: Parts left out that one warning names.
_NAMED = 10


class H5adFile(Hdf5File):
    """An open h5ad file with a dense or sparse X, of any anndata since 0.6.

    What is not needed and cannot be read (an encoding of a newer anndata, types of other
    tools) is left out; a warning in the log names it.
    """

    kind = "an h5ad (AnnData in HDF5)"

    def _check(self) -> None:
        self._ids: dict[str, pd.Index] = {}
        for name in ("obs", "var"):
            if name not in self._file:
                self._refuse_other_kind(f"its {name} is missing, expected a dataframe")
        shape = self._matrix("X").shape
        sizes = (len(self.ids("obs")), len(self.ids("var")))
        if shape != sizes:
            raise SvqvaeError(f"{self.path}: X is {shape} but obs and var are {sizes}")

    def ids(self, name: str) -> pd.Index:
        """Return the ids of ``obs`` or ``var`` without their other columns."""
        if name not in self._ids:
            with self._plain_errors():
                self._ids[name] = read_ids(self._file, name, self.path)
        return self._ids[name]

    @cached_property
    def obs(self) -> pd.DataFrame:  # type: ignore[override]
        """Signature table; -666 and words for a missing value are missing."""
        return self._table("obs")

    @cached_property
    def var(self) -> pd.DataFrame:  # type: ignore[override]
        """Gene table; -666 and words for a missing value are missing."""
        return self._table("var")

    def _table(self, name: str) -> pd.DataFrame:
        with self._plain_errors():
            table, left_out = read_table(self._file, name, self.ids(name), self.path)
        self._warn(left_out)
        return table

    def _warn(self, left_out: LeftOut) -> None:
        if left_out:
            named = [f"{name} ({why})" for name, why in list(left_out.items())[:_NAMED]]
            more = len(left_out) - len(named)
            text = "; ".join(shortened(n, 200) for n in named) + (f"; {more} more" if more else "")
            log.warning("%s: left out, as it cannot be read: %s", self.path, text)

    def read(self, rows: np.ndarray, genes: np.ndarray) -> np.ndarray:
        """Return the chosen signatures x genes, -666 as NaN; a sparse X becomes dense."""
        with self._plain_errors():
            return self._part("X", rows, genes)

    def _matrix(self, name: str) -> h5py.Dataset | SparseMatrix:
        """Return X or a layer, checked."""
        stored, what = self._file.get(name), f"{self.path}: {name}"
        if isinstance(stored, h5py.Group):
            if stored.attrs.get("encoding-type") == "null":
                stored = None
            elif "data" in stored:
                return SparseMatrix(stored, what)
        if stored is None or getattr(stored, "shape", ()) is None:
            raise SvqvaeError(f"{self.path}: its AnnData has no {name}")
        if not isinstance(stored, h5py.Dataset):
            encoding = stored.attrs.get("encoding-type", "a group")
            raise SvqvaeError(f"{what} is {encoding}, expected numbers, dense or sparse")
        if stored.dtype.kind not in "fiub":
            raise SvqvaeError(f"{what} holds {stored.dtype}, not numbers")
        require_sound(stored, what)
        return stored

    def _part(self, name: str, rows: np.ndarray, genes: np.ndarray) -> np.ndarray:
        require_memory(4 * len(rows) * len(genes), f"{self.path}: what is asked for")
        matrix = self._matrix(name)
        if matrix.shape != (len(self.ids("obs")), len(self.ids("var"))):
            raise SvqvaeError(f"{self.path}: {name} has the shape {matrix.shape}")
        if isinstance(matrix, SparseMatrix):
            return without_null(matrix.read(rows, genes))
        row_sums = self._sums if name == "X" else None
        return without_null(read_block(matrix, rows, genes, row_sums))

    def mapped(self) -> np.ndarray | None:
        """Return X mapped into memory, where it is stored as plain float32, else None.

        As it is stored: -666 is not set to NaN.
        """
        x = self._file["X"]
        plain_type = isinstance(x, h5py.Dataset) and x.dtype == np.float32 and x.size
        offset = x.id.get_offset() if plain_type and is_plain_file(x) else None
        if offset is None:
            return None
        with self._plain_errors():
            sums.require_whole(self.hdf5_path)
            return np.memmap(self.hdf5_path, dtype=x.dtype, mode="r", offset=offset, shape=x.shape)

    def anndata(self, rows: np.ndarray, genes: np.ndarray) -> AnnData:
        """Return the chosen part with all that can be read beside X, but for ``raw``."""
        import anndata as ad

        x = self.read(rows, genes)
        # The name of an index that is a column's too could not be written again.
        obs, var = (
            table.rename_axis(None) if table.index.name in table else table
            for table in (self.obs, self.var)
        )
        frame = ad.AnnData(obs=obs, var=var)
        with self._plain_errors():
            left_out = add_rest(frame, self._file, self.path, but=old_categories(self._file))
            names = list(group_of(self._file, "layers") or ())
            frame = frame[rows, genes].copy()
            frame.X = x
            for name in names:
                with noting(left_out, f"layers/{name}", self.path):
                    frame.layers[name] = self._part(f"layers/{name}", rows, genes)
        self._warn(left_out)
        return frame


def write_h5ad(
    path: str | Path,
    x: np.ndarray | Iterable[np.ndarray],
    obs: pd.DataFrame,
    var: pd.DataFrame,
    *,
    uns: Mapping[str, Any] | None = None,
) -> None:
    """Write an AnnData whose float32 X comes as a whole or in parts, in order.

    X is stored contiguous and uncompressed, so that training can map it into memory.
    """
    import anndata as ad

    adata = ad.AnnData(obs=obs, var=var, uns=dict(uns or {}))
    with atomic_path(path) as temporary:
        with new_hdf5(temporary) as file:
            _write_elements(file, adata, path)
            place, row_sums = _write_matrix(file, x, (len(obs), len(var)))
        sums.seal(temporary, place, row_sums)


def _write_matrix(
    file: h5py.File, x: np.ndarray | Iterable[np.ndarray], shape: tuple[int, int]
) -> tuple[sums.Place | None, np.ndarray]:
    matrix = file.create_dataset("X", shape, dtype=np.float32)
    matrix.attrs["encoding-type"], matrix.attrs["encoding-version"] = "array", "0.2.0"
    row_sums = fill(matrix, x)
    return sums.Place.of(matrix), row_sums


def write_anndata(path: str | Path, adata: AnnData) -> None:
    """Write an AnnData whole.

    Raises
    ------
    SvqvaeError
        If it holds what an h5ad cannot, or the file cannot be written.
    """
    with atomic_path(path) as temporary:
        with new_hdf5(temporary) as file:
            _write_elements(file, adata, path)
        sums.seal(temporary)


def _write_elements(file: h5py.File, adata: AnnData, path: str | Path) -> None:
    from anndata.io import write_elem

    refuse_twin_columns(path, adata.obs, adata.var)
    adata.strings_to_categoricals()
    file.attrs["encoding-type"], file.attrs["encoding-version"] = "anndata", "0.1.0"
    aligned = ("obsm", "varm", "obsp", "varp", "layers", "uns")
    elements = {"X": adata.X, "obs": _plain_text(adata.obs), "var": _plain_text(adata.var)}
    elements |= {name: dict(getattr(adata, name)) for name in aligned}
    if adata.raw is not None:
        elements["raw"] = adata.raw
    for name, element in elements.items():
        if element is None:
            continue
        try:
            write_elem(file, name, element)
        except Exception as error:
            known = isinstance(error, TypeError | ValueError | NotImplementedError)
            if not (known or is_unknown_kind(error)):
                raise
            notes = " ".join(getattr(error, "__notes__", ()))
            raise SvqvaeError(
                f"{path}: an h5ad cannot hold this {name}: {shortened(f'{error} {notes}', 300)}"
            ) from error


def _plain_text(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without nullable text, which older anndata cannot read."""
    plain = table.copy(deep=False)
    for name, column in table.items():
        if isinstance(column.dtype, pd.StringDtype):
            gone = column.isna().to_numpy()
            text = column.astype(object).where(~gone, None)
            plain[name] = pd.Categorical(text) if gone.any() else text.to_numpy()
        elif isinstance(column.dtype, pd.CategoricalDtype):
            if isinstance(column.cat.categories.dtype, pd.StringDtype):
                plain[name] = column.array.set_categories(column.cat.categories.astype(object))
    if isinstance(table.index.dtype, pd.StringDtype):
        plain.index = table.index.astype(object)
    return plain
