"""Networks of mechanisms: pairs beyond chance, and the published one of nearest classes."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from svqvae import keys
from svqvae.pl.components import component_layout
from svqvae.pl.heatmap import NAMED
from svqvae.pl.net_canvas import NetCanvas
from svqvae.pl.style import FAINT, INK, in_house_style, note
from svqvae.tl.fdr import FDR
from svqvae.tl.relations.layout import positions
from svqvae.tl.relations.network import nearest_edges

#: Share of resamples from which on an edge is drawn solid.
_SUPPORTED = 0.8
_PAIR = ["class_a", "class_b"]


@in_house_style
def mechanism_network(
    edges: pd.DataFrame, clusters: pd.DataFrame, relations: pd.DataFrame | None = None
) -> Figure:
    """Draw all classes on one map, and the pairs that resemble each other beyond chance.

    Parameters
    ----------
    edges
        Table of :func:`svqvae.tl.relations.network.significant_edges`.
    clusters
        Table of :func:`svqvae.tl.relations.stability.cluster_table`.
    relations
        Table of :func:`svqvae.tl.relations.relations.relation_table`, by which classes find their
        places; the edges to nearest classes lie faint behind. Without it classes lie by ``edges``.
    """
    if relations is None:
        near, place = pd.DataFrame(columns=_PAIR), _by_edges(edges, clusters)
    else:
        # Of some classes alone, those whose nearest one is drawn too.
        near = nearest_edges(relations)
        near = near[near[_PAIR].isin(set(clusters[keys.CLASS])).all(axis=1)]
        place = positions(relations).set_index(keys.CLASS)[["x", "y"]]
    joined = {*edges["class_a"], *edges["class_b"]}
    canvas = NetCanvas(place.loc[clusters[keys.CLASS]], clusters)
    for row in near.itertuples():
        canvas.faint(row.class_a, row.class_b)
    for row in edges.itertuples():
        solid = row.edge_support >= _SUPPORTED
        canvas.line(row.class_a, row.class_b, style="-" if solid else ":", width=_width(row))
    named = canvas.names(joined)
    tested = relations is None or bool(relations["p_value"].notna().any())
    none = "No pair is beyond chance" if tested else "No pair could be tested"
    found = f"{len(edges)} pairs beyond chance" if len(edges) else none
    alone, n = len(clusters) - len(joined), len(clusters)
    rest = f"; {alone} of {n} classes have none" if alone else ""
    canvas.ax.set_title(found + rest)
    handles = [
        Line2D([], [], color=INK, lw=2, label=f"q ≤ {FDR}, again in {_SUPPORTED:.0%} of resamples"),
        Line2D([], [], color=INK, lw=2, ls=":", label="in fewer (wider: higher correlation)"),
    ]
    if len(near):
        faint = Line2D([], [], color=FAINT, lw=1, label="nearest class (each has one; no finding)")
        handles.append(faint)
    canvas.legend(handles)
    _say_named(canvas.figure, named, n)
    return canvas.figure


def _width(edge: object) -> float:
    return 0.8 + 2.5 * float(np.clip(edge.correlation, 0, 1))  # type: ignore[attr-defined]


def _by_edges(edges: pd.DataFrame, clusters: pd.DataFrame) -> pd.DataFrame:
    """Return places by edges alone."""
    graph = nx.Graph()
    graph.add_nodes_from(clusters[keys.CLASS])
    graph.add_edges_from(edges[_PAIR].itertuples(index=False))
    return pd.DataFrame(component_layout(graph), index=["x", "y"]).T


def _say_named(figure: Figure, named: int, n: int) -> None:
    if named < n:
        note(figure, f"{named} of {n} names have room; class_clusters.tsv has all")


@in_house_style
def nearest_network(edges: pd.DataFrame, clusters: pd.DataFrame) -> Figure:
    """Draw an edge from every class to its nearest (Xue et al. 2019), mutual pairs in black.

    Parameters
    ----------
    edges
        Table of :func:`svqvae.tl.relations.network.nearest_edges`.
    """
    canvas = NetCanvas(_by_edges(edges, clusters), clusters)
    for row in edges.sort_values("mutual_nearest", kind="stable").itertuples():
        colour = INK if row.mutual_nearest else FAINT
        width = 0.5 + 2.5 * max(row.correlation, 0)
        canvas.line(row.class_a, row.class_b, colour=colour, width=width)
        if row.mutual_nearest:
            canvas.number(row.class_a, row.class_b, f"{row.correlation:.2f}")
    # Of very many classes names that lie over lines would hide the network.
    named = canvas.names(canvas.index if len(clusters) <= NAMED else ())
    handles = [
        Line2D([], [], color=INK, lw=2, label="nearest of each other, with the correlation"),
        Line2D([], [], color=FAINT, lw=2, label="nearest of one (wider: higher correlation)"),
    ]
    canvas.legend(handles)
    _say_named(canvas.figure, named, len(clusters))
    return canvas.figure
