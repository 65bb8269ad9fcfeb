"""The signatures that models see: in memory, or mapped from a file larger than it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from svqvae import keys
from svqvae.data.checks import SignCheck, require_finite
from svqvae.errors import SvqvaeError
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
        #: Largest absolute value before clipping; NaN unless :meth:`of` went through all of them.
        self.largest = float("nan")

    @classmethod
    def of(
        cls,
        adata: AnnData,
        genes: list[str],
        *,
        clip: float | None = None,
        trained_on: bool = False,
    ) -> SignatureMatrix:
        """Return the ``genes`` (ids, in this order) of signatures in memory or backed by a file.

        Parameters
        ----------
        trained_on
            Whether they are a whole set to train on, of which more can be told.

        Raises
        ------
        SvqvaeError
            If there are no signatures or no genes, a gene is missing, a value is not finite (before
            clipping) or -666, the values are levels of expression (:class:`SignCheck`), or the
            backing file has other names.

        Notes
        -----
        A backed X that is dense, float32 and neither chunked nor compressed, as ``svqvae``
        writes it, is mapped; any other is first copied to such a temporary file, in parts.
        """
        if not adata.n_obs:
            raise SvqvaeError("there are no signatures: the AnnData has no rows")
        if not genes:
            raise SvqvaeError("there are no genes: the AnnData has no columns")
        at = positions(genes, adata.var_names, "gene", "these signatures")
        matrix = cls._mapped(adata, genes) if adata.isbacked else cls(_dense(adata), genes=at)
        # As the values came: clipped, an infinite one would pass for a strong one.
        signs, largest = SignCheck(), 0.0
        for start, block in zip(range(0, len(matrix), BLOCK), matrix._raw_blocks(), strict=True):
            require_finite(block, adata.obs_names[start : start + BLOCK], genes)
            signs.add(block)
            largest = max(largest, float(block.max()), -float(block.min()))
        matrix.largest = largest
        if keys.IMAGE_SHAPE not in adata.uns.get(keys.UNS, {}):
            where = str(adata.filename or "these signatures")
            signs.require_signatures(where, trained_on=trained_on)
        if clip is not None and not adata.isbacked:
            # Clipped once, not each time a row is taken.
            matrix._values = np.clip(matrix._values, -clip, clip)
        elif clip is not None:
            matrix._clip = clip
        return matrix

    @classmethod
    def _mapped(cls, adata: AnnData, genes: list[str]) -> SignatureMatrix:
        path = adata.filename
        with H5adFile(path) as file:
            rows = positions(list(adata.obs_names), file.ids("obs"), "signature", path)
            at = positions(genes, file.ids("var"), "gene", path)
            mapped = file.mapped()
            if mapped is not None:
                return cls(mapped, rows=rows, genes=at)
            scratch = tempfile.TemporaryFile(prefix="svqvae-")
            try:
                for block in file.blocks(rows, at, size=BLOCK):
                    scratch.write(block.tobytes())
                scratch.flush()
            except OSError as error:
                raise SvqvaeError(
                    f"{path}: its X cannot be mapped and needs a copy of "
                    f"{4 * len(rows) * len(at) / 1e9:.1f} GB in {tempfile.gettempdir()}: "
                    f"{error.strerror or error}; make room, or set TMPDIR to another folder"
                ) from error
        shape = (len(rows), len(at))
        return cls(np.memmap(scratch, dtype=np.float32, mode="r", shape=shape))

    def __len__(self) -> int:
        return self.shape[0]

    def _raw(self, index: np.ndarray | slice) -> np.ndarray:
        """Return these signatures, genes in order, as they are stored."""
        x = self._values[self._rows[index]]
        return x if self._genes is None else x[:, self._genes]

    def _raw_blocks(self) -> Iterator[np.ndarray]:
        for start in range(0, len(self), BLOCK):
            yield self._raw(slice(start, start + BLOCK))

    def __getitem__(self, index: np.ndarray | slice) -> np.ndarray:
        """Return these signatures as one block of memory, genes in order, clipped."""
        x = self._raw(index)
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


def _dense(adata: AnnData) -> np.ndarray:
    """Return X in memory as an array of numbers."""
    if adata.X is None:
        raise SvqvaeError("these signatures have no X")
    x = adata.X.toarray() if hasattr(adata.X, "toarray") else np.asarray(adata.X)
    if x.dtype.kind not in "fiub":
        raise SvqvaeError(f"X holds {x.dtype}, not numbers; make it float32")
    return x


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
