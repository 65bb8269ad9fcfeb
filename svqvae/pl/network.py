"""Networks of mechanisms: pairs beyond chance, and the published one of nearest classes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from svqvae import keys
from svqvae.pl.style import cluster_palette, in_house_style, short

_INK, _FAINT = "#1d2733", "#b9c0c7"
#: Share of resamples from which on an edge is drawn solid.
_SUPPORTED = 0.8
#: In points: height of a name, width of a letter, of a dot, height for each class of a small graph.
_HEIGHT, _LETTER, _DOT, _ROOM = 12.0, 4.2, 10.0, 36.0
#: Longest name, and rounds in which names are moved apart.
_LETTERS, _MOVES = 30, 500


@in_house_style
def mechanism_network(
    edges: pd.DataFrame, clusters: pd.DataFrame, relations: pd.DataFrame | None = None
) -> Figure:
    """Draw the pairs of classes that resemble each other beyond chance.

    Parameters
    ----------
    edges
        Table of :func:`svqvae.tl.relations.network.significant_edges`. Classes without an edge are
        counted, not drawn.
    clusters
        Table of :func:`svqvae.tl.relations.stability.cluster_table`.
    relations
        Table of :func:`svqvae.tl.relations.relations.relation_table`, by which the title says
        whether there were held-out compounds to test any pair by.
    """
    tested = relations is None or bool(relations["p_value"].notna().any())
    graph = nx.Graph()
    graph.add_edges_from(edges[["class_a", "class_b"]].itertuples(index=False))
    alone = len(clusters) - len(graph)
    figure, ax, place = _canvas(_component_layout(graph))
    if len(graph):
        for row in edges.itertuples():
            solid = row.edge_support >= _SUPPORTED
            width = 0.8 + 2.5 * float(np.clip(row.correlation, 0, 1))
            _line(ax, place[row.class_a], place[row.class_b], _INK, width, "-" if solid else ":")
        _nodes(ax, place, clusters)
        handles = [
            Line2D([], [], color=_INK, lw=2, label=f"found in {_SUPPORTED:.0%} of resamples"),
            Line2D([], [], color=_INK, lw=2, ls=":", label="in fewer"),
        ]
        _legend(ax, handles)
    none = "No pair is beyond chance" if tested else "No pair could be tested"
    found = f"{len(edges)} pairs beyond chance" if len(edges) else none
    rest = f"; {alone} of {len(clusters)} classes have none" if alone else ""
    ax.set_title(f"{found}{rest}", loc="left", fontsize=9, y=-0.04)
    return figure


@in_house_style
def nearest_network(edges: pd.DataFrame, clusters: pd.DataFrame) -> Figure:
    """Draw an edge from every class to its nearest (Xue et al. 2019), mutual pairs in black.

    Parameters
    ----------
    edges
        Table of :func:`svqvae.tl.relations.network.nearest_edges`.
    """
    graph = nx.Graph()
    graph.add_nodes_from(clusters[keys.CLASS])
    graph.add_edges_from(edges[["class_a", "class_b"]].itertuples(index=False))
    figure, ax, place = _canvas(_component_layout(graph))
    for row in edges.itertuples():
        start, end = place[row.class_a], place[row.class_b]
        colour = _INK if row.mutual_nearest else _FAINT
        _line(ax, start, end, colour, 0.5 + 3 * max(row.correlation, 0), "-")
        if row.mutual_nearest:
            middle = (start + end) / 2
            ax.text(
                middle[0],
                middle[1],
                f"{row.correlation:.2f}",
                fontsize=6,
                ha="center",
                va="center",
                color=_INK,
                bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.8},
            )
    _nodes(ax, place, clusters)
    handles = [
        Line2D([], [], color=_INK, lw=2, label="nearest of each other"),
        Line2D([], [], color=_FAINT, lw=2, label="nearest of one"),
    ]
    _legend(ax, handles)
    return figure


def _canvas(place: dict[str, np.ndarray]) -> tuple[Figure, Axes, dict[str, np.ndarray]]:
    """Return axes whose unit is a point (1/72 inch), and the places there, no names overlapping."""
    width = 72 * float(np.clip(5 + 0.22 * len(place), 6, 15))
    size = np.array([width, min(0.72 * width, _ROOM * len(place))])
    low, high = np.zeros(2), size
    if place:
        xy = np.array(list(place.values()))
        xy = (xy - xy.min(0)) / np.maximum(np.ptp(xy, axis=0), 1e-9) * size
        wide = np.array([_LETTER * len(short(name, _LETTERS)) + _DOT for name in place])
        xy = _names_apart(xy, wide)
        place = dict(zip(place, xy, strict=True))
        low, high = xy.min(0), (xy + np.c_[wide, 0 * wide]).max(0)
    low, high = low - 2 * _DOT, high + 2 * _DOT
    figure = plt.figure(figsize=tuple((high - low) / 72))
    ax = figure.add_axes((0, 0, 1, 1), xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    ax.axis("off")
    return figure, ax, place


def _names_apart(xy: np.ndarray, wide: np.ndarray) -> np.ndarray:
    """Move points up and down until the names to their right do not overlap.

    Parameters
    ----------
    xy
        Points, unit 1/72 inch.
    wide
        Width of each name, the dot before it included.
    """
    x, y = xy[:, 0], xy[:, 1].copy()
    beside = (x[:, None] < x + wide) & (x < (x + wide)[:, None]) & ~np.eye(len(x), dtype=bool)
    order = np.arange(len(x))
    for _ in range(_MOVES):
        gap = y[:, None] - y
        # Of two at one height the later goes down.
        up = np.where(gap == 0, np.sign(order - order[:, None]), np.sign(gap))
        push = np.where(beside, np.maximum(_HEIGHT - np.abs(gap), 0), 0)
        if push.max() < _HEIGHT / 50:
            break
        y += (up * push).sum(1) / 4
    return np.c_[x, y]


def _line(
    ax: Axes, start: np.ndarray, end: np.ndarray, colour: str, width: float, style: str
) -> None:
    ax.plot([start[0], end[0]], [start[1], end[1]], style, color=colour, lw=width, zorder=1)


def _nodes(ax: Axes, place: dict[str, np.ndarray], clusters: pd.DataFrame) -> None:
    """Draw the classes in the colours of their clusters, names to the right."""
    cluster_of = clusters.set_index(keys.CLASS)[keys.CLUSTER]
    palette = cluster_palette(cluster_of)
    xy = np.array(list(place.values()))
    colours = [palette[cluster_of[c]] for c in place]
    ax.scatter(xy[:, 0], xy[:, 1], s=60, color=colours, zorder=2, edgecolor="white")
    for name, at in place.items():
        ax.annotate(
            short(name, _LETTERS),
            (at[0], at[1]),
            xytext=(6, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            fontsize=7.5,
            zorder=3,
            bbox={"boxstyle": "round,pad=0.05", "fc": "white", "ec": "none", "alpha": 0.7},
        )


def _legend(ax: Axes, handles: list[Line2D]) -> None:
    ax.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=8)


def _component_layout(graph: nx.Graph, *, aspect: float = 1.4) -> dict[str, np.ndarray]:
    """Lay out each connected part by itself, then pack the parts in rows, largest first."""
    parts = sorted((sorted(p) for p in nx.connected_components(graph)), key=len, reverse=True)
    if not parts:
        return {}
    side = np.sqrt([len(p) for p in parts])
    corners = min(
        (_shelves(side, width) for width in np.cumsum(side)),
        key=lambda c: max((c[:, 0] + side).max() / aspect, (c[:, 1] + side).max()),
    )
    place: dict[str, np.ndarray] = {}
    for part, size, corner in zip(parts, side, corners, strict=True):
        inner = nx.kamada_kawai_layout(_ordered(graph, part), weight=None)
        scaled = _turned(np.array([inner[c] for c in part])) * 0.8 + 0.1
        x, y = corner[0] + size * scaled[:, 0], -(corner[1] + size * scaled[:, 1])
        place |= {name: np.array(xy) for name, xy in zip(part, zip(x, y, strict=True), strict=True)}
    return place


def _ordered(graph: nx.Graph, nodes: list[str]) -> nx.Graph:
    """Return a part of a graph, nodes and edges in order: a layout begins from it.

    ``graph.subgraph`` keeps nodes in the order of a set, which is another in every process.
    """
    part = nx.Graph()
    part.add_nodes_from(nodes)
    part.add_edges_from(sorted(tuple(sorted(edge)) for edge in graph.subgraph(nodes).edges))
    return part


def _turned(points: np.ndarray) -> np.ndarray:
    """Turn points, and scale them into a unit square, so that names beside them keep apart.

    Names are written across: of the turns whose closest two nodes in height are far apart
    (nearly as far as any turn makes them), the narrowest.
    """
    turns = []
    for angle in np.deg2rad(np.arange(0, 180, 3)):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        turned = points @ turn
        turned = (turned - turned.min(0)) / max(float(np.ptp(turned, axis=0).max()), 1e-9)
        gap = float(np.diff(np.sort(turned[:, 1])).min()) if len(points) > 1 else 0.0
        turns.append((gap, turned))
    widest = max(gap for gap, _ in turns)
    apart = [turned for gap, turned in turns if gap >= 0.8 * widest]
    return min(apart, key=lambda turned: np.ptp(turned[:, 0]))


def _shelves(side: np.ndarray, width: float) -> np.ndarray:
    """Return the corner (x, y down) of squares put in rows of at most ``width``."""
    corners, x, y, tallest = [], 0.0, 0.0, 0.0
    for size in side:
        if x and x + size > width + 1e-9:
            x, y, tallest = 0.0, y + tallest, 0.0
        corners.append((x, y))
        x, tallest = x + size, max(tallest, float(size))
    return np.array(corners)
