"""Moderated z-scores (MODZ): replicates of one perturbation to one signature, as L1000 level 5.

Subramanian et al., Cell 171 (2017), as CMap's own code computes it (cmapM: ``distil``, ``modzs``,
``SigStrength``). With r_ij the Spearman correlation of replicates i and j over landmark genes,

    w_i = max(sum_{j != i} max(r_ij, 0) / 2, 0.01),    signature = sum_i w_i z_i / sum_i w_i

z-scores are clipped to +-10 before. One replicate is its own signature, of two the mean.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

#: Published: z-scores are clipped to it, a weight is at least so much.
CLIP, LEAST_WEIGHT = 10.0, 0.01
#: Genes at each end whose means make ``distil_ss``; z-scores that make ``ss_ngene``.
_EXTREME, _CUTOFF = 100, 2.0
#: Least count and correlation in the product of TAS.
_LEAST = 1e-3


class Collapsed(NamedTuple):
    """Signatures and what replicates say of them, a row or value for each group.

    Attributes
    ----------
    x
        Signatures x genes, float32.
    weights
        Of each replicate, in the order of the rows; those of a group add up to 1.
    n_sample, cc_q75
        Replicates, and the upper quartile of their correlations; NaN of a single one.
    """

    x: np.ndarray
    weights: np.ndarray
    n_sample: np.ndarray
    cc_q75: np.ndarray


def modz(z: np.ndarray, groups: np.ndarray, landmark: np.ndarray) -> Collapsed:
    """Collapse replicates to signatures.

    Parameters
    ----------
    z
        Replicates x genes: z-scores (level 4).
    groups
        Of each row the number of its group, from 0, none left out.
    landmark
        Positions of the genes by which replicates are correlated.
    """
    z = np.clip(z, -CLIP, CLIP)
    sizes = np.bincount(groups)
    # Rows of a group side by side: groups of one size are then one array.
    order = np.argsort(groups, kind="stable")
    starts = np.cumsum(sizes) - sizes
    ranks = _standard_ranks(z[:, landmark])
    weights = np.ones(len(z))
    cc_q75 = np.full(len(sizes), np.nan)
    x = np.empty((len(sizes), z.shape[1]), dtype=np.float32)
    for size in np.unique(sizes):
        mine = np.flatnonzero(sizes == size)
        rows = order[starts[mine][:, None] + np.arange(size)]
        if size > 1:
            r = np.einsum("gil,gjl->gij", ranks[rows], ranks[rows], optimize=True)
            weights[rows] = _weights(r)
            cc_q75[mine] = np.quantile(
                r[(slice(None), *np.triu_indices(size, 1))], 0.75, axis=1, method="hazen"
            )
        x[mine] = np.einsum("gi,gil->gl", weights[rows], z[rows], optimize=True)
    return Collapsed(x, weights, sizes, cc_q75)


def _standard_ranks(z: np.ndarray) -> np.ndarray:
    """Return ranks whose inner product is Spearman's correlation; of constant rows it is 0."""
    ranks = rankdata(z, axis=1) - (z.shape[1] + 1) / 2
    length = np.linalg.norm(ranks, axis=1, keepdims=True)
    return ranks / np.where(length > 0, length, 1)


def _weights(r: np.ndarray) -> np.ndarray:
    """Return groups x replicates: weights that add up to 1, of groups' correlations."""
    positive = np.clip(r, 0, None)
    own = np.einsum("gii->gi", positive)
    raw = np.maximum((positive.sum(2) - own) / 2, LEAST_WEIGHT)
    return raw / raw.sum(1, keepdims=True)


def strength(x: np.ndarray) -> np.ndarray:
    """Return ``distil_ss``: mean of the 100 highest z-scores less that of the 100 lowest.

    Parameters
    ----------
    x
        Signatures x landmark genes, at least 200 of them.
    """
    ordered = np.sort(x, axis=1)
    return ordered[:, -_EXTREME:].mean(1) - ordered[:, :_EXTREME].mean(1)


def has_strength(n_genes: int) -> bool:
    """Return whether so many landmark genes are enough for :func:`strength`."""
    return n_genes >= 2 * _EXTREME


def genes_changed(x: np.ndarray, n_sample: np.ndarray) -> np.ndarray:
    """Return ``ss_ngene``: genes beyond +-2 after z-scores were multiplied by sqrt(replicates)."""
    return (np.abs(x) * np.sqrt(n_sample)[:, None] >= _CUTOFF).sum(1)


def activity(n_changed: np.ndarray, cc_q75: np.ndarray, n_genes: int) -> np.ndarray:
    """Return ``tas``, the transcriptional activity score from 0 to 1; NaN of single replicates.

    The geometric mean of the share of genes that change and of the replicates' correlation.
    """
    correlation = np.clip(cc_q75, _LEAST, 1)
    return np.sqrt(np.maximum(n_changed, _LEAST) * correlation / n_genes)
