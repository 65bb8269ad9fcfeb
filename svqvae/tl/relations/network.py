"""Networks of mechanisms: pairs beyond chance, the published nearest classes, and hubs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from svqvae import keys
from svqvae.errors import require_extra
from svqvae.io.atomic import atomic_path
from svqvae.io.text import without_controls
from svqvae.tl.fdr import FDR, benjamini_hochberg
from svqvae.tl.relations.relations import as_matrix
from svqvae.tl.relations.shared import shared_loadings

_PAIR = ["class_a", "class_b"]


def significant_edges(relations: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs beyond chance at :data:`FDR`, the best supported first.

    Parameters
    ----------
    relations
        Table of :func:`svqvae.tl.relations.relations.relation_table`.
    """
    found = relations[relations["q_value"] <= FDR]
    return found.sort_values(
        ["edge_support", "q_value", "p_value", "correlation"],
        ascending=[False, True, True, False],
        kind="stable",
        ignore_index=True,
    )


def nearest_edges(relations: pd.DataFrame, measure: str = "correlation") -> pd.DataFrame:
    """Return the pairs that some class's nearest class makes: one edge per class, no repeats.

    The network of Xue et al. (2019). Every class has a nearest one, related to it or not.
    """
    best = _nearest(relations, measure)
    pair = best[_PAIR].to_numpy()
    best[_PAIR] = np.sort(pair.astype(str), axis=1)
    return best.drop_duplicates(_PAIR).reset_index(drop=True)


def _nearest(relations: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return one row per class (class_a) with its nearest class (class_b)."""
    turned = relations.rename(columns={"class_a": "class_b", "class_b": "class_a"})
    both = pd.concat([relations, turned[relations.columns]])
    best = both.sort_values([measure, *_PAIR], ascending=[False, True, True])
    return best.drop_duplicates("class_a").copy()


def hub_table(relations: pd.DataFrame) -> pd.DataFrame:
    """Count how often each class is another's nearest, and test it for being a hub.

    A code that carries much of the shared response, or is short, is near to many classes whatever
    its mechanism. The tested relations correct for that; this table shows where it matters.

    Returns
    -------
    DataFrame
        class, shared_response (the class's loading on it, 0 to 1), nearest_of (classes whose most
        correlated class it is, as in the published network), p_value, q_value (one-sided binomial,
        every class choosing at random; Benjamini-Hochberg), hub (q <= FDR), nearest_of_specific
        (the same count with the shared response held constant), edges (pairs beyond chance);
        the most frequent first.
    """
    correlation = as_matrix(relations)
    names, n = correlation.index, len(correlation)
    table = pd.DataFrame({keys.CLASS: names})
    table["shared_response"] = shared_loadings(correlation.to_numpy())
    for column, measure in (
        ("nearest_of", "correlation"),
        ("nearest_of_specific", "specific_correlation"),
    ):
        table[column] = _counts(_nearest(relations, measure)["class_b"], names)
    p = stats.binom.sf(table["nearest_of"] - 1, n - 1, 1 / (n - 1))
    table.insert(3, "p_value", p)
    table.insert(4, "q_value", benjamini_hochberg(p))
    table.insert(5, "hub", table["q_value"] <= FDR)
    found = significant_edges(relations)
    table["edges"] = _counts(pd.concat([found["class_a"], found["class_b"]]), names)
    return table.sort_values(["nearest_of", keys.CLASS], ascending=[False, True], ignore_index=True)


def _counts(values: pd.Series, names: pd.Index) -> np.ndarray:
    return np.asarray(values.value_counts().reindex(names, fill_value=0).to_numpy())


def node_table(clusters: pd.DataFrame, hubs: pd.DataFrame, obs: pd.DataFrame) -> pd.DataFrame:
    """Return what is known of each class, one row each: the nodes of a network.

    Parameters
    ----------
    clusters
        Table of :func:`svqvae.tl.relations.stability.cluster_table`.
    hubs
        Table of :func:`hub_table`.
    obs
        Of the model's ``classes()``, by class.
    """
    own = obs.drop(columns=keys.CLUSTER, errors="ignore")
    return clusters.merge(hubs, on=keys.CLASS).merge(own, left_on=keys.CLASS, right_index=True)


def write_graphml(
    edges: pd.DataFrame, classes: pd.DataFrame, path: str | Path, *, weight: str = "correlation"
) -> None:
    """Write a network for Cytoscape and Gephi: all classes, edges with all their columns.

    Parameters
    ----------
    edges
        class_a, class_b and attributes; missing values are left out, as GraphML has none.
    classes
        class and attributes of the nodes.
    weight
        Column that is repeated as ``weight``, the name that programs lay out by.
    """
    require_extra("analysis", "networkx")
    import networkx as nx

    graph = nx.Graph()
    for row in classes.to_dict("records"):
        graph.add_node(_in_xml(row[keys.CLASS]), **_attributes(row, {keys.CLASS}))
    for row in edges.to_dict("records"):
        graph.add_edge(
            _in_xml(row["class_a"]),
            _in_xml(row["class_b"]),
            weight=max(float(row[weight]), 0.0),
            **_attributes(row, set(_PAIR)),
        )
    with atomic_path(path) as temporary:
        nx.write_graphml(graph, temporary)


def _attributes(row: Mapping[Any, Any], without: set[str]) -> dict[str, bool | int | float | str]:
    """Return a row's values as Python's own types, those that are there."""
    plain = {k: v.item() if isinstance(v, np.generic) else v for k, v in row.items()}
    text = {k: _in_xml(v) if isinstance(v, str) else v for k, v in plain.items()}
    return {k: v for k, v in text.items() if k not in without and not pd.isna(v)}


def _in_xml(name: object) -> str:
    """Return a name without the characters that XML cannot hold."""
    return without_controls(str(name), "\ufffd")
