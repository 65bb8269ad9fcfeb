"""CMap's weighted connectivity score of gene lists and ranked profiles."""

from __future__ import annotations

import numpy as np


class Profiles:
    """Profiles that lists of genes are looked for in.

    Parameters
    ----------
    x
        Profiles x genes.
    """

    def __init__(self, x: np.ndarray) -> None:
        by = np.argsort(-x, axis=1, kind="stable")
        self._rank: np.ndarray = np.empty(x.shape, dtype=np.int32)
        np.put_along_axis(self._rank, by, np.arange(x.shape[1], dtype=np.int32)[None], axis=1)
        self._weight = np.abs(x).astype(np.float32)

    def enrichment(self, genes: np.ndarray) -> np.ndarray:
        """Return the weighted enrichment score of a set of genes in each profile.

        The running sum goes up by ``|x|`` of a gene of the set, shares of their total, and down by
        one over their number at the others; its furthest from 0 is the score (GSEA with p = 1,
        Subramanian et al. 2005).

        Parameters
        ----------
        genes
            Positions of the set.
        """
        rank = self._rank[:, genes]
        at = np.argsort(rank, axis=1)
        rank = np.take_along_axis(rank, at, 1)
        weight = np.take_along_axis(self._weight[:, genes], at, 1)
        hits = np.cumsum(weight, axis=1, dtype=np.float64)
        hits /= np.maximum(hits[:, -1:], 1e-12)
        k, n = len(genes), self._rank.shape[1]
        missed = (rank - np.arange(k)) / max(n - k, 1)
        # It turns only at genes of the set: before a gene, and with it.
        before = np.pad(hits[:, :-1], ((0, 0), (1, 0))) - missed
        both = np.concatenate([hits - missed, before], axis=1)
        return np.take_along_axis(both, np.abs(both).argmax(1)[:, None], 1)[:, 0]

    def connectivity(self, up: np.ndarray, down: np.ndarray) -> np.ndarray:
        """Return WTCS of two lists in each profile: -1 to 1 (Subramanian et al. 2017).

        Half the difference of the enrichment scores; 0 where both have the same sign.
        """
        of_up, of_down = self.enrichment(up), self.enrichment(down)
        return np.where(np.sign(of_up) != np.sign(of_down), (of_up - of_down) / 2, 0.0)


def lists_of(x: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ``n`` genes that go up most and the ``n`` that go down most, rows x n each."""
    by = np.argsort(-x, axis=1, kind="stable")
    return by[:, :n], by[:, ::-1][:, :n]
