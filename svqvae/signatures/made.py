"""Signatures that were made: their matrix and tables, in memory or on their way to a file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.io.formats import kind_of, writer_of
from svqvae.io.own import open_h5ad
from svqvae.io.tables import tidy

if TYPE_CHECKING:
    from anndata import AnnData

#: Values of the matrix that are held at a time.
BLOCK_CELLS = 8 << 20
#: Key of ``uns["svqvae"]`` that says how signatures were made.
HOW = "signatures"


@dataclass(frozen=True, kw_only=True)
class Made:
    """Signatures x genes with what is known of them.

    Attributes
    ----------
    x
        float32; of plates it lies in a file of its own, not in memory.
    obs, var
        Signatures by sig_id, and genes.
    how
        Method, source and settings, for ``uns["svqvae"]["signatures"]``.
    notes
        Sentences for people: what was chosen, what was left out and why.
    """

    x: np.ndarray
    obs: pd.DataFrame
    var: pd.DataFrame
    how: dict[str, Any]
    notes: list[str] = field(default_factory=list)

    def _uns(self) -> dict[str, Any]:
        return {keys.UNS: {HOW: {**self.how, "notes": self.notes}}}

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield the matrix in parts."""
        size = max(1, BLOCK_CELLS // max(1, self.x.shape[1]))
        for start in range(0, len(self.x), size):
            yield np.asarray(self.x[start : start + size])

    def anndata(self) -> AnnData:
        """Return everything in memory."""
        import anndata as ad

        obs, var = tidy(self.obs), tidy(self.var)
        return ad.AnnData(np.array(self.x), obs=obs, var=var, uns=self._uns())

    def write(self, path: str | Path) -> None:
        """Write a file of signatures; of all kinds, h5ad alone keeps how they were made."""
        more = {"uns": self._uns()} if kind_of(path) == "h5ad" else {}
        writer_of(path)(path, self.blocks(), tidy(self.obs), tidy(self.var), **more)


def matrix_on_disk(n_rows: int, n_genes: int) -> np.ndarray:
    """Return a float32 matrix in a file that is gone when nothing refers to it any more."""
    if not n_rows * n_genes:
        return np.empty((n_rows, n_genes), dtype=np.float32)
    with tempfile.TemporaryFile(prefix="svqvae-") as file:
        return np.memmap(file, dtype=np.float32, mode="w+", shape=(n_rows, n_genes))


def how_made(path: str | Path) -> dict[str, Any]:
    """Return how the signatures of an h5ad were made, as :meth:`Made.write` left it there."""
    return dict(open_h5ad(path, backed=True).uns[keys.UNS][HOW])
