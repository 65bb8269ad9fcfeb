"""h5ad (AnnData in HDF5): any part of X without the rest, and writing X part by part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path
from svqvae.io.blocks import is_plain_file, read_block
from svqvae.io.hdf5_file import Hdf5File, fill

if TYPE_CHECKING:
    from anndata import AnnData

#: Rows (of CSR) or genes (of CSC) made dense at a time.
_SPARSE_BLOCK = 1024
#: What an h5ad holds beside X, layers and the two tables.
_REST = ("obsm", "varm", "obsp", "varp", "uns")


class H5adFile(Hdf5File):
    """An open h5ad file with a dense or sparse X."""

    kind = "an h5ad (AnnData in HDF5)"

    def _check(self) -> None:
        for name in ("obs", "var"):
            found = self._file[name].attrs.get("encoding-type") if name in self._file else None
            if found != "dataframe":
                raise SvqvaeError(
                    f"{self.path}: not an h5ad (AnnData in HDF5) file: its {name} is "
                    f"{found or 'missing'}, expected a dataframe"
                )
        if "X" not in self._file:
            raise SvqvaeError(f"{self.path}: its AnnData has no X")
        x = self._file["X"]
        values = x if isinstance(x, h5py.Dataset) else x["data"]
        if values.dtype.kind not in "fiub":
            raise SvqvaeError(f"{self.path}: X holds {values.dtype}, not numbers")
        shape = tuple(x.shape if isinstance(x, h5py.Dataset) else x.attrs["shape"])
        sizes = (len(self.obs), len(self.var))
        if shape != sizes:
            raise SvqvaeError(f"{self.path}: X is {shape} but obs and var are {sizes}")

    @cached_property
    def obs(self) -> pd.DataFrame:  # type: ignore[override]
        """Signature table."""
        return self._element("obs")

    @cached_property
    def var(self) -> pd.DataFrame:  # type: ignore[override]
        """Gene table."""
        return self._element("var")

    def _element(self, name: str) -> Any:
        from anndata.io import read_elem

        return read_elem(self._file[name])

    def read(self, rows: np.ndarray, genes: np.ndarray) -> np.ndarray:
        """Return the chosen signatures x genes; a sparse X becomes dense."""
        with self._plain_errors():
            return self._part("X", rows, genes)

    def _part(self, name: str, rows: np.ndarray, genes: np.ndarray) -> np.ndarray:
        from anndata.io import sparse_dataset

        stored = self._file[name]
        if isinstance(stored, h5py.Dataset):
            return read_block(stored, rows, genes)
        x = np.empty((len(rows), len(genes)), dtype=np.float32)
        # The stored sparse matrix wants increasing positions, along the axis it is stored by.
        by_gene = stored.attrs["encoding-type"] == "csc_matrix"
        chosen = genes if by_gene else rows
        for start in range(0, len(chosen), _SPARSE_BLOCK):
            here = slice(start, start + _SPARSE_BLOCK)
            distinct, at = np.unique(chosen[here], return_inverse=True)
            if by_gene:
                x[:, here] = sparse_dataset(stored)[:, distinct].tocsc()[rows].toarray()[:, at]
            else:
                x[here] = sparse_dataset(stored)[distinct].tocsr()[:, genes].toarray()[at]
        return x

    def mapped(self) -> np.ndarray | None:
        """Return X mapped into memory, where it is stored as plain float32, else None."""
        x = self._file["X"]
        plain = isinstance(x, h5py.Dataset) and x.dtype == np.float32 and x.size
        offset = x.id.get_offset() if plain and is_plain_file(x) else None
        if offset is None:
            return None
        return np.memmap(self.path, dtype=x.dtype, mode="r", offset=offset, shape=x.shape)

    def anndata(self, rows: np.ndarray, genes: np.ndarray) -> AnnData:
        """Return the chosen part with all that the file holds beside X, but for ``raw``."""
        import anndata as ad

        with self._plain_errors():
            rest = {name: self._element(name) for name in _REST if name in self._file}
            layers = {
                name: self._part(f"layers/{name}", rows, genes)
                for name in self._file.get("layers", ())
            }
            frame = ad.AnnData(obs=self.obs, var=self.var, **rest)[rows, genes].copy()
            frame.X = self.read(rows, genes)
        frame.layers.update(layers)
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

    with atomic_path(path) as temporary:
        ad.AnnData(obs=obs, var=var, uns=dict(uns or {})).write_h5ad(temporary)
        with h5py.File(temporary, "r+") as file:
            if "X" in file:
                del file["X"]
            matrix = file.create_dataset("X", (len(obs), len(var)), dtype=np.float32)
            matrix.attrs["encoding-type"], matrix.attrs["encoding-version"] = "array", "0.2.0"
            fill(matrix, x)
