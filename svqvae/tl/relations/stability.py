"""How many clusters the classes fall in, and how sure each is: what resamples agree on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score, silhouette_score

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.tl.relations.clusters import RESOLUTIONS, leiden_cuts, ward_cuts
from svqvae.tl.relations.relations import code_correlations


@dataclass(frozen=True)
class Clustering:
    """One method's clusters of the classes.

    Attributes
    ----------
    clusters
        Number of each class's cluster, from 1.
    again
        The same cut of each replicate.
    choice
        setting (number of clusters asked for, or resolution), n_clusters, stability (mean
        adjusted Rand index of the replicates' cuts with this one), silhouette, chosen.
    """

    clusters: np.ndarray
    again: list[np.ndarray]
    choice: pd.DataFrame

    def class_support(self) -> np.ndarray:
        """Return how well each class keeps its company.

        That is the mean Jaccard overlap, over replicates, of its cluster with the one it falls
        in there; missing without replicates.
        """
        overlaps = [_overlap(self.clusters, other) for other in self.again]
        return np.mean(overlaps, axis=0) if overlaps else np.full(len(self.clusters), np.nan)

    def cluster_support(self) -> np.ndarray:
        """Return, for each class, how well its cluster as a whole is found again.

        That is the mean over replicates of the best Jaccard overlap of the cluster with any
        there (Hennig 2007); missing without replicates.
        """
        best = np.full((len(self.again), len(self.clusters)), np.nan)
        for row, other in zip(best, self.again, strict=True):
            overlap = _overlap(self.clusters, other)
            for cluster in np.unique(self.clusters):
                inside = self.clusters == cluster
                row[inside] = overlap[inside].max()
        return best.mean(0) if self.again else np.full(len(self.clusters), np.nan)


def ward_clusters(
    codes: np.ndarray,
    replicates: Sequence[np.ndarray] = (),
    *,
    n_clusters: int | Literal["auto"] = "auto",
) -> Clustering:
    """Cut Ward's tree into as many clusters as asked for, or as are most stable.

    Parameters
    ----------
    codes
        Classes x dimensions, of the model of all data.
    replicates
        Codes of models that were each trained without a part of the perturbagens.
    n_clusters
        A number, or ``auto``: of 2 to half the number of classes.

    Raises
    ------
    SvqvaeError
        If there are fewer classes than ``n_clusters``.
    """
    n = len(codes)
    if n_clusters == "auto":
        return _most_stable(codes, replicates, ward_cuts, range(2, max(3, n // 2 + 1)))
    if not 1 <= n_clusters <= n:
        raise SvqvaeError(f"analysis.clusters is {n_clusters}, expected 1 to {n} (classes) or auto")
    return _most_stable(codes, replicates, ward_cuts, [n_clusters], within=(1, n))


def leiden_clusters(codes: np.ndarray, replicates: Sequence[np.ndarray] = ()) -> Clustering:
    """Find Leiden's communities at the resolution that is most stable; see ``ward_clusters``."""
    return _most_stable(codes, replicates, leiden_cuts, RESOLUTIONS)


def _most_stable(
    codes: np.ndarray,
    replicates: Sequence[np.ndarray],
    cuts_of: Callable[[np.ndarray], Callable[[float], np.ndarray]],
    settings: Sequence[float] | np.ndarray | range,
    *,
    within: tuple[int, int] | None = None,
) -> Clustering:
    """Choose the setting of the most stable cuts over replicates, by silhouette where they tie.

    Cuts of one cluster, or of more than half as many clusters as classes, are as stable as
    meaningless, and no candidates. Without replicates the silhouette chooses alone.
    """
    low, high = within or (2, max(2, len(codes) // 2))
    distance = 1 - code_correlations(codes)
    np.fill_diagonal(distance, 0)
    cut, cuts_again = cuts_of(codes), [cuts_of(replicate) for replicate in replicates]
    rows, cuts = [], []
    for setting in settings:
        found = cut(setting)
        n_found = len(np.unique(found))
        if not low <= n_found <= high:
            continue
        again = [other(setting) for other in cuts_again]
        stability = [adjusted_rand_score(found, other) for other in again]
        silhouette = np.nan
        if 2 <= n_found < len(codes):
            silhouette = silhouette_score(distance, found, metric="precomputed")
        mean = float(np.mean(stability)) if stability else np.nan
        rows.append((setting, n_found, mean, silhouette))
        cuts.append((found, again))
    choice = pd.DataFrame(rows, columns=["setting", "n_clusters", "stability", "silhouette"])
    choice["chosen"] = False
    if not cuts:
        one = np.ones(len(codes), dtype=int)
        return Clustering(one, [one for _ in replicates], choice)
    order = choice.round(6).sort_values(["stability", "silhouette"], ascending=False, kind="stable")
    best = order.index[0]
    choice.loc[best, "chosen"] = True
    found, again = cuts[best]
    return Clustering(found, again, choice)


def _overlap(clusters: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return each class's Jaccard overlap of its cluster in the one cut and in the other."""
    mates, again = clusters[:, None] == clusters, others[:, None] == others
    return np.asarray((mates & again).sum(1) / (mates | again).sum(1))


def cluster_table(classes: Sequence[str], ward: Clustering, leiden: Clustering) -> pd.DataFrame:
    """Return one row per class with its clusters by both methods.

    Returns
    -------
    DataFrame
        class, cluster, support, cluster_support (Ward's), leiden, leiden_support,
        leiden_cluster_support; these are missing where there are no communities.
    """
    # One cluster of everything stands for none.
    found = bool(leiden.choice["chosen"].any())
    table = pd.DataFrame(
        {
            keys.CLASS: list(classes),
            keys.CLUSTER: ward.clusters,
            keys.SUPPORT: ward.class_support(),
            "cluster_support": ward.cluster_support(),
            "leiden": leiden.clusters if found else np.nan,
            "leiden_support": leiden.class_support() if found else np.nan,
            "leiden_cluster_support": leiden.cluster_support() if found else np.nan,
        }
    )
    return table.sort_values([keys.CLUSTER, keys.CLASS], ignore_index=True)


def stability_table(ward: Clustering, leiden: Clustering) -> pd.DataFrame:
    """Return both methods' choices and, as ``agreement``, the adjusted Rand index between them."""
    choices = [ward.choice.assign(method="ward"), leiden.choice.assign(method="leiden")]
    table = pd.concat([c for c in choices if len(c)] or choices[:1], ignore_index=True)
    table.insert(0, "method", table.pop("method"))
    both = ward.choice["chosen"].any() and leiden.choice["chosen"].any()
    table["agreement"] = adjusted_rand_score(ward.clusters, leiden.clusters) if both else np.nan
    return table
