"""Cluster the classes by the correlation of their codes: Ward's tree and Leiden's communities."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from svqvae.errors import require_extra
from svqvae.tl.relations.relations import code_correlations

#: Resolutions tried: on similarities like ours from one cluster to one for nearly every class.
RESOLUTIONS = np.round(np.geomspace(0.7, 3.0, 24), 3)


def tree(codes: np.ndarray) -> np.ndarray:
    """Return Ward's tree (scipy's Z matrix) of class codes.

    The distance is the square root of 2 (1 - correlation), which is Euclidean between
    standardised codes. On the real consensus compounds average and complete linkage, cut by
    silhouette, split three outlying classes from all others; Ward's gave clusters of 1 to 7.
    """
    distance = np.sqrt(2 * np.maximum(1 - code_correlations(codes), 0))
    return np.asarray(
        linkage(squareform(distance, checks=False), method="ward", optimal_ordering=True)
    )


def ward_cuts(codes: np.ndarray) -> Callable[[float], np.ndarray]:
    """Return what cuts the tree into a number of clusters, numbered from 1 as the leaves are.

    Examples
    --------
    >>> codes = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 7.0], [3.0, 2.0, 1.0]])
    >>> ward_cuts(codes)(2).tolist()
    [1, 1, 2]
    """
    z = tree(codes)
    return lambda n_clusters: fcluster(z, n_clusters, criterion="maxclust")


def leiden_cuts(codes: np.ndarray) -> Callable[[float], np.ndarray]:
    """Return what finds Leiden's communities at a resolution, numbered from 1.

    Traag et al. (2019), by scanpy and igraph. The graph has an edge of weight r between classes
    whose codes correlate by r > 0. Modularity compares an edge with what the two classes' sums of
    weights make expect, so that a response that all classes share does not hold them together.
    """
    require_extra("analysis", "scanpy", "igraph")
    import anndata as ad
    import scanpy as sc
    from scipy.sparse import csr_matrix

    weight = np.maximum(code_correlations(codes), 0)
    np.fill_diagonal(weight, 0)
    graph = ad.AnnData(np.zeros((len(codes), 1), dtype=np.float32))
    edges = csr_matrix(weight)

    def at(resolution: float) -> np.ndarray:
        if not edges.nnz:
            return np.arange(1, len(codes) + 1)
        sc.tl.leiden(
            graph,
            resolution=resolution,
            adjacency=edges,
            flavor="igraph",
            directed=False,
            n_iterations=-1,
            random_state=0,
        )
        return np.asarray(graph.obs["leiden"].astype(int).to_numpy() + 1)

    return at
