"""The signatures that models see: in memory, or mapped from a file larger than it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from svqvae.checks import require_finite
from svqvae.io.h5ad import H5adFile
from svqvae.io.ids import positions

if TYPE_CHECKING:
    from anndata import AnnData

#: Signatures taken at a time where all are gone through.
BLOCK = 4096


class SignatureMatrix:
    """Signatures x genes as float32, taken row by row; a file behind it is never read whole.

    Parameters
    ----------
    values
        All rows, perhaps mapped from a file.
    rows, genes
        Positions in ``values`` of what this matrix consists of; None is everything.
    clip
        Values are clipped to +-clip as they are taken.
    """

    def __init__(
        self,
        values: np.ndarray,
        *,
        rows: np.ndarray | None = None,
        genes: np.ndarray | None = None,
        clip: float | None = None,
    ) -> None:
        everything = genes is not None and np.array_equal(genes, np.arange(values.shape[1]))
        self._values = values
        self._rows = np.arange(len(values)) if rows is None else rows
        self._genes = None if everything else genes
        self._clip = clip
        self.shape = (len(self._rows), values.shape[1] if genes is None else len(genes))

    @classmethod
    def of(cls, adata: AnnData, genes: list[str], *, clip: float | None = None) -> SignatureMatrix:
        """Return the ``genes`` (ids, in this order) of signatures in memory or backed by a file.

        Raises
        ------
        SvqvaeError
            If a gene is missing, a value not finite, or the backing file has other names.

        Notes
        -----
        A backed X that is dense, float32 and neither chunked nor compressed, as ``svqvae``
        writes it, is mapped; any other is first copied to such a temporary file, in parts.
        """
        at = positions(genes, adata.var_names, "gene", "these signatures")
        if adata.isbacked:
            matrix = cls._mapped(adata, genes, clip=clip)
        else:
            x = adata.X.toarray() if hasattr(adata.X, "toarray") else np.asarray(adata.X)
            # Clipped once, not each time a row is taken.
            matrix = cls(x if clip is None else np.clip(x, -clip, clip), genes=at)
        for start, block in zip(range(0, len(matrix), BLOCK), matrix.blocks(), strict=True):
            require_finite(block, adata.obs_names[start : start + BLOCK], genes)
        return matrix

    @classmethod
    def _mapped(cls, adata: AnnData, genes: list[str], *, clip: float | None) -> SignatureMatrix:
        path = adata.filename
        with H5adFile(path) as file:
            rows = positions(list(adata.obs_names), file.obs.index, "signature", path)
            at = positions(genes, file.var.index, "gene", path)
            mapped = file.mapped()
            if mapped is not None:
                return cls(mapped, rows=rows, genes=at, clip=clip)
            scratch = tempfile.TemporaryFile(prefix="svqvae-")
            for block in file.blocks(rows, at, size=BLOCK):
                scratch.write(block.tobytes())
        scratch.flush()
        shape = (len(rows), len(at))
        return cls(np.memmap(scratch, dtype=np.float32, mode="r", shape=shape), clip=clip)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: np.ndarray | slice) -> np.ndarray:
        """Return these signatures as one block of memory, genes in order, clipped."""
        x = self._values[self._rows[index]]
        x = x if self._genes is None else x[:, self._genes]
        # One memory layout, so that the order of the genes does not change the last digit.
        x = np.ascontiguousarray(x, dtype=np.float32)
        return x if self._clip is None else np.clip(x, -self._clip, self._clip, out=x)

    def subset(self, rows: np.ndarray) -> SignatureMatrix:
        """Return the signatures of a mask or of positions; nothing is copied."""
        chosen = copy(self)
        chosen._rows = self._rows[rows]
        chosen.shape = (len(chosen._rows), self.shape[1])
        return chosen

    def blocks(self, size: int = BLOCK) -> Iterator[np.ndarray]:
        """Yield all signatures in order, ``size`` at a time."""
        for start in range(0, len(self), size):
            yield self[start : start + size]


def group_sums(blocks: Iterator[np.ndarray], group: np.ndarray, n_groups: int) -> np.ndarray:
    """Return the sums, float64 groups x columns, of the rows of each group.

    Parameters
    ----------
    blocks
        Rows in order, in parts.
    group
        Of each row, 0 to ``n_groups`` - 1.
    """
    total: np.ndarray | None = None
    start = 0
    for block in blocks:
        mine = group[start : start + len(block)]
        member = sparse.csr_array(
            (np.ones(len(mine)), (mine, np.arange(len(mine)))), shape=(n_groups, len(mine))
        )
        part = member @ block.astype(np.float64)
        total = part if total is None else total + part
        start += len(block)
    if total is None:
        raise ValueError("no rows to sum")
    return total
