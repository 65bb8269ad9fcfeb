"""The matrices of an h5ad beside X: its layers, and ``raw`` with genes of its own."""

from __future__ import annotations

import h5py
import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError
from svqvae.io.blocks import read_block
from svqvae.io.h5ad import H5adFile
from svqvae.io.h5ad_sparse import SparseMatrix
from svqvae.io.h5ad_table import read_ids, read_table
from svqvae.io.hdf5_file import group_of


class StoresFile(H5adFile):
    """An open h5ad of which any matrix can be read: ``X``, ``layers/NAME``, ``raw/X``."""

    def stores(self) -> list[str]:
        """Return the names of the matrices."""
        layers = [f"layers/{name}" for name in group_of(self._file, "layers") or ()]
        # Before anndata 0.7, raw is two entries of the file.
        return ["X", *layers, *(name for name in ("raw/X", "raw.X") if name in self._file)]

    def genes(self, store: str) -> pd.DataFrame:
        """Return the gene table of a matrix: that of ``raw`` is its own."""
        if not store.startswith("raw"):
            return self.var
        name = f"{store[:-1]}var"
        with self._plain_errors():
            ids = read_ids(self._file, name, self.path)
            table, left_out = read_table(self._file, name, ids, self.path)
        self._warn(left_out)
        return table

    def is_by_gene(self, store: str) -> bool:
        """Return whether a matrix is stored gene by gene: then all its cells are read at once."""
        matrix = self._matrix(store)
        return isinstance(matrix, SparseMatrix) and matrix.by_gene

    def part(self, store: str, rows: np.ndarray, genes: np.ndarray) -> np.ndarray:
        """Return part of a matrix, dense float32."""
        with self._plain_errors():
            matrix = self._matrix(store)
            if matrix.shape != (len(self.ids("obs")), len(self.genes(store))):
                raise SvqvaeError(f"{self.path}: {store} has the shape {matrix.shape}")
            if isinstance(matrix, SparseMatrix):
                return matrix.read(rows, genes)
            assert isinstance(matrix, h5py.Dataset)
            return read_block(matrix, rows, genes)
