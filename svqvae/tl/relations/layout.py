"""Where classes stand on the map of relations, in print and on the page: near to their like."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import require_extra
from svqvae.tl.relations.network import nearest_edges, significant_edges

#: Pull of a pair beyond chance, beside that of a nearest class.
_PULL = 3.0
_ROUNDS = 100


def positions(relations: pd.DataFrame) -> pd.DataFrame:
    """Return a place in the unit square for every class.

    Each class is pulled to its nearest one, and more so to those that it resembles beyond chance.

    Parameters
    ----------
    relations
        mechanism_correlations.tsv.

    Returns
    -------
    DataFrame
        class, x, y.
    """
    require_extra("analysis", "networkx")
    import networkx as nx

    names = sorted({*relations["class_a"], *relations["class_b"]})
    graph = nx.Graph()
    graph.add_nodes_from(names)
    pairs = nearest_edges(relations)[["class_a", "class_b"]]
    graph.add_edges_from(pairs.itertuples(index=False), weight=1.0)
    sure = significant_edges(relations)[["class_a", "class_b"]]
    graph.add_edges_from(sure.itertuples(index=False), weight=_PULL)
    spread = 1.6 / np.sqrt(max(len(names), 1))
    place = nx.spring_layout(graph, k=spread, iterations=_ROUNDS, seed=0, scale=1.0)
    xy = np.array([place[name] for name in names]).reshape(-1, 2)
    # Ranks and places both count: far outliers would leave the rest in a heap.
    ranks = xy.argsort(0).argsort(0) / max(len(names) - 1, 1)
    span = np.maximum(np.ptp(xy, axis=0), 1e-9) if len(xy) else 1.0
    xy = 0.5 * (xy - xy.min(0)) / span + 0.5 * ranks if len(xy) else xy
    return pd.DataFrame({keys.CLASS: names, "x": xy[:, 0].round(3), "y": xy[:, 1].round(3)})
