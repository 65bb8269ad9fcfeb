"""Cluster the class codes: Ward's tree of standardised codes, cut where silhouette is best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.tl.relations import code_correlations


def tree(codes: np.ndarray) -> np.ndarray:
    """Return Ward's tree (scipy's Z matrix) of class codes.

    The distance is the square root of 2 (1 - correlation), which is Euclidean between
    standardised codes. On the real consensus compounds average and complete linkage, cut by
    silhouette, split three outlying classes from all others; Ward's gave clusters of 1 to 7.
    """
    distance = np.sqrt(2 * np.maximum(1 - code_correlations(codes), 0))
    return linkage(squareform(distance, checks=False), method="ward", optimal_ordering=True)


def cut(codes: np.ndarray, n_clusters: int | Literal["auto"] = "auto") -> np.ndarray:
    """Return cluster numbers from 1, in the order of the tree's leaves.

    Parameters
    ----------
    n_clusters
        How many, or ``auto``: the number from 2 to classes - 1 with the best mean silhouette
        on 1 - correlation.
    """
    from sklearn.metrics import silhouette_score

    n = len(codes)
    if n_clusters != "auto" and not 1 <= n_clusters <= n:
        raise SvqvaeError(f"analysis.clusters is {n_clusters}, expected 1 to {n} (classes) or auto")
    z = tree(codes)
    if n_clusters == "auto":
        distance = 1 - code_correlations(codes)
        np.fill_diagonal(distance, 0)
        cuts = {k: fcluster(z, k, criterion="maxclust") for k in range(2, n)}
        cuts = {k: c for k, c in cuts.items() if 2 <= len(set(c)) < n}
        silhouette = {
            k: silhouette_score(distance, c, metric="precomputed") for k, c in cuts.items()
        }
        # Two classes, or distances all the same, have no silhouette to choose by.
        best = max(silhouette, key=lambda k: silhouette[k]) if silhouette else 1
        return fcluster(z, best, criterion="maxclust")
    return fcluster(z, n_clusters, criterion="maxclust")


def cluster_table(
    classes: Sequence[str],
    codes: np.ndarray,
    replicates: Sequence[np.ndarray] = (),
    *,
    n_clusters: int | Literal["auto"] = "auto",
) -> pd.DataFrame:
    """Cluster the classes and say how well each keeps its company in resamples.

    Parameters
    ----------
    replicates
        Codes of models trained without a part of the perturbagens, cut to as many clusters.

    Returns
    -------
    DataFrame
        class, cluster, support. ``support`` is the mean Jaccard overlap, over replicates, of
        the class's cluster with the one it falls in there (Hennig 2007); missing without
        replicates.
    """
    found = cut(codes, n_clusters)
    table = pd.DataFrame({keys.CLASS: list(classes), keys.CLUSTER: found, keys.SUPPORT: np.nan})
    if replicates:
        mates = found[:, None] == found
        overlaps = []
        for replicate in replicates:
            again = cut(replicate, len(set(found)))
            others = again[:, None] == again
            overlaps.append((mates & others).sum(1) / (mates | others).sum(1))
        table[keys.SUPPORT] = np.mean(overlaps, axis=0)
    return table.sort_values([keys.CLUSTER, keys.CLASS], ignore_index=True)
