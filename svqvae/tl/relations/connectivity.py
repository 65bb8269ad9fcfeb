"""CMap connectivity of classes, a baseline without any model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from svqvae import keys
from svqvae.tl.genes.markers import perturbagen_means

if TYPE_CHECKING:
    from anndata import AnnData


def class_connectivity(adata: AnnData, classes: Sequence[str]) -> np.ndarray:
    """Return the median rank-based similarity between members of each pair of classes.

    Members are perturbagens (means of their signatures), their similarity is Spearman's
    correlation over all genes; a perturbagen of both classes is not compared with itself. After
    the perturbagen classes of Subramanian et al. (2017), but not their tau: no reference
    distribution is asked.

    Returns
    -------
    ndarray
        Classes x classes, symmetric; 1 on the diagonal.
    """
    members = perturbagen_means(adata)
    ranks = rankdata(np.asarray(members.X), axis=1)
    ranks -= ranks.mean(1, keepdims=True)
    unit = ranks / np.maximum(np.linalg.norm(ranks, axis=1, keepdims=True), 1e-12)
    label = members.obs[keys.CLASS].astype(str).to_numpy()
    compound = members.obs[keys.PERT_ID].to_numpy()
    rows = [np.flatnonzero(label == name) for name in classes]
    result = np.eye(len(rows))
    for a, own in enumerate(rows):
        similarity = unit[own] @ unit.T
        similarity[compound[own][:, None] == compound] = np.nan
        for b, others in enumerate(rows[:a]):
            result[a, b] = result[b, a] = np.nanmedian(similarity[:, others])
    return result
