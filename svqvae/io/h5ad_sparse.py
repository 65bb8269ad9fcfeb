"""A sparse matrix of an h5ad (CSR or CSC, of any anndata): any part of it, made dense."""

from __future__ import annotations

from itertools import pairwise

import h5py
import numpy as np
from scipy import sparse

from svqvae.errors import SvqvaeError
from svqvae.io.hdf5_file import whole
from svqvae.io.hdf5_inside import require_sound
from svqvae.io.limits import require_memory

#: Rows (of CSR) or genes (of CSC) made dense at a time.
BLOCK = 1024
#: Unwanted values between two wanted rows that cost less to read than to skip.
_GAP = 16 << 10


class SparseMatrix:
    """A stored sparse matrix whose pointers are held, its values left on disk.

    Raises
    ------
    SvqvaeError
        If its parts do not fit together.
    """

    def __init__(self, group: h5py.Group, what: str) -> None:
        self._group, self._what = group, what
        kind = group.attrs.get("h5sparse_format", group.attrs.get("encoding-type", ""))
        kind = kind.decode() if isinstance(kind, bytes) else str(kind)
        if kind.removesuffix("_matrix") not in ("csr", "csc"):
            raise SvqvaeError(f"{what} is encoded as '{kind}', expected csr_matrix or csc_matrix")
        self.by_gene = kind.startswith("csc")
        shape = group.attrs.get("shape", group.attrs.get("h5sparse_shape"))
        self.shape = tuple(int(n) for n in np.atleast_1d(shape)) if shape is not None else ()
        for name in ("data", "indices", "indptr"):
            if not isinstance(group.get(name), h5py.Dataset):
                raise SvqvaeError(f"{what}: its {name} are missing, or no array")
        self.dtype = group["data"].dtype
        if len(self.shape) != 2 or min(self.shape) < 0:
            raise SvqvaeError(f"{what} has the shape {self.shape}, expected two numbers")
        if self.dtype.kind not in "fiub":
            raise SvqvaeError(f"{what} holds {self.dtype}, not numbers")
        self._pointers = self._checked_pointers()

    def _checked_pointers(self) -> np.ndarray:
        data, indices, stored = (self._group[k] for k in ("data", "indices", "indptr"))
        if indices.dtype.kind not in "iu" or stored.dtype.kind not in "iu":
            raise SvqvaeError(f"{self._what}: its indices are not whole numbers")
        for name, part in (("data", data), ("indices", indices)):
            require_sound(part, f"{self._what}/{name}")
        pointers = whole(stored, f"{self._what}/indptr").astype(np.int64)
        n = self.shape[1] if self.by_gene else self.shape[0]
        sound = (
            pointers.shape == (n + 1,)
            and pointers[0] == 0
            and (np.diff(pointers) >= 0).all()
            and data.shape == indices.shape == (pointers[-1],)
        )
        if not sound:
            raise SvqvaeError(
                f"{self._what}: indptr, indices and data do not fit together "
                f"({stored.shape}, {indices.shape}, {data.shape} for {self.shape})"
            )
        return pointers

    def read(self, rows: np.ndarray, genes: np.ndarray) -> np.ndarray:
        """Return the chosen signatures x genes, float32, dense."""
        x = np.empty((len(rows), len(genes)), dtype=np.float32)
        # Along the axis that it is stored by; every stored value is read once.
        major, minor = (genes, rows) if self.by_gene else (rows, genes)
        order = np.argsort(major, kind="stable")
        for start in range(0, len(major), BLOCK):
            at = order[start : start + BLOCK]
            block = self._dense(major[at], minor)
            if self.by_gene:
                x[:, at] = block.T
            else:
                x[at] = block
        return x

    def _dense(self, major: np.ndarray, minor: np.ndarray) -> np.ndarray:
        """Return ``major`` (sorted) x ``minor``, of one block."""
        wanted, back = np.unique(major, return_inverse=True)
        columns, column_of = np.unique(minor, return_inverse=True)
        values, indices, lengths = self._stored(wanted)
        n_minor = self.shape[0] if self.by_gene else self.shape[1]
        if len(indices) and not (indices.min() >= 0 and indices.max() < n_minor):
            raise SvqvaeError(f"{self._what}: an index lies outside of its shape {self.shape}")
        place = np.full(n_minor, -1)
        place[columns] = np.arange(len(columns))
        column = place[indices]
        kept = column >= 0
        row = np.repeat(np.arange(len(wanted)), lengths)[kept]
        with np.errstate(over="raise"):
            kept_values = values[kept].astype(np.float32)
        shape = (len(wanted), len(columns))
        dense = sparse.coo_array((kept_values, (row, column[kept])), shape=shape).toarray()
        return dense[back][:, column_of]

    def _stored(self, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return values, indices and number of values of the rows (or genes) ``wanted``."""
        starts, stops = self._pointers[wanted], self._pointers[wanted + 1]
        lengths = stops - starts
        require_memory(int(lengths.sum()) * 32, f"{self._what}: a block of it")
        first = np.r_[0, np.flatnonzero(starts[1:] - stops[:-1] > _GAP) + 1, len(wanted)]
        values, indices = [], []
        for begin, end in pairwise(first.tolist()):
            low, high = int(starts[begin]), int(stops[end - 1])
            within = np.repeat(starts[begin:end] - low, lengths[begin:end])
            ends = np.cumsum(lengths[begin:end])
            within += np.arange(len(within)) - np.repeat(
                ends - lengths[begin:end], lengths[begin:end]
            )
            values.append(self._group["data"][low:high][within])
            indices.append(self._group["indices"][low:high][within])
        return np.concatenate(values), np.concatenate(indices), lengths
