"""How mechanisms resemble each other: heatmap, network, decoded profiles."""

from __future__ import annotations

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from svqvae import keys
from svqvae.pl.style import DIVERGING, cluster_palette, short
from svqvae.tl.relations import as_matrix


def correlation_heatmap(relations: pd.DataFrame, clusters: pd.DataFrame, z: np.ndarray) -> Figure:
    """Draw all code correlations in the order of the class tree.

    Parameters
    ----------
    relations
        Table of :func:`svqvae.tl.relations.relation_table`.
    clusters
        Table of :func:`svqvae.tl.clusters.cluster_table`.
    z
        Tree of the classes in alphabetical order, from :func:`svqvae.tl.clusters.tree`.
    """
    matrix = as_matrix(relations)
    n = len(matrix)
    cluster_of = clusters.set_index(keys.CLASS)[keys.CLUSTER]
    palette = cluster_palette(cluster_of)
    colours = pd.Series([palette[c] for c in cluster_of[matrix.index]], index=matrix.index)
    labels = [short(c) for c in matrix.index]
    size = float(np.clip(3.5 + 0.17 * n, 5, 14))
    # The scale covers the pairs; the diagonal of ones saturates.
    limit = max(0.05, float(np.quantile(np.abs(relations["correlation"]), 0.995)))
    grid = sns.clustermap(
        matrix.set_axis(labels, axis=0).set_axis(labels, axis=1),
        row_linkage=z,
        col_linkage=z,
        row_colors=colours.set_axis(labels).rename("cluster"),
        cmap=DIVERGING,
        vmin=-limit,
        vmax=limit,
        figsize=(size + 1.5, size),
        dendrogram_ratio=(0.12, 0.07),
        colors_ratio=0.02,
        cbar_pos=(0.2, 0.945, 0.25, 0.015),
        # Ticks and label above the bar: below it they would lie on the heatmap.
        cbar_kws={"label": "code correlation", "orientation": "horizontal", "ticklocation": "top"},
        rasterized=True,
        xticklabels=n <= 60,
        yticklabels=n <= 100,
    )
    grid.ax_heatmap.tick_params(labelsize=7, length=0)
    grid.ax_heatmap.set(xlabel="", ylabel="")
    grid.ax_col_dendrogram.set_visible(False)
    return grid.figure


def nearest_edges(relations: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that some class's nearest class makes: one edge per class, no repeats."""
    both = pd.concat(
        [relations, relations.rename(columns={"class_a": "class_b", "class_b": "class_a"})]
    )
    best = both.sort_values("correlation", ascending=False).drop_duplicates("class_a").copy()
    pair = best[["class_a", "class_b"]].to_numpy()
    best[["class_a", "class_b"]] = np.sort(pair.astype(str), axis=1)
    return best.drop_duplicates(["class_a", "class_b"]).reset_index(drop=True)


def nearest_network(relations: pd.DataFrame, clusters: pd.DataFrame) -> Figure:
    """Draw an edge from every class to its nearest (Xue et al. 2019), mutual pairs in black."""
    edges = nearest_edges(relations)
    cluster_of = clusters.set_index(keys.CLASS)[keys.CLUSTER]
    palette = cluster_palette(cluster_of)
    graph = nx.Graph()
    graph.add_nodes_from(cluster_of.index)
    for row in edges.itertuples():
        graph.add_edge(row.class_a, row.class_b, weight=max(row.correlation, 0.01))
    place = _component_layout(graph)
    width = float(np.clip(5 + 0.22 * len(place), 8, 15))
    figure, ax = plt.subplots(figsize=(width, width * 0.72))
    for row in edges.itertuples():
        (x0, y0), (x1, y1) = place[row.class_a], place[row.class_b]
        colour = "#1d2733" if row.mutual_nearest else "#b9c0c7"
        ax.plot([x0, x1], [y0, y1], color=colour, lw=0.5 + 3 * max(row.correlation, 0), zorder=1)
        if row.mutual_nearest:
            ax.annotate(
                f"{row.correlation:.2f}",
                ((x0 + x1) / 2, (y0 + y1) / 2),
                fontsize=6,
                ha="center",
                va="center",
                color="#1d2733",
                bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.8},
            )
    xy = np.array([place[c] for c in cluster_of.index])
    ax.scatter(
        xy[:, 0],
        xy[:, 1],
        s=60,
        color=[palette[c] for c in cluster_of],
        zorder=2,
        edgecolor="white",
    )
    for name, (x, y) in zip(cluster_of.index, xy, strict=True):
        ax.annotate(
            short(name, 30),
            (x, y),
            xytext=(6, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            fontsize=7.5,
            zorder=3,
            bbox={"boxstyle": "round,pad=0.05", "fc": "white", "ec": "none", "alpha": 0.7},
        )
    ax.legend(
        handles=[
            Line2D([], [], color="#1d2733", lw=2, label="nearest of each other"),
            Line2D([], [], color="#b9c0c7", lw=2, label="nearest of one"),
        ],
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=2,
        fontsize=8,
    )
    ax.margins(0.1)
    ax.axis("off")
    return figure


def _component_layout(graph: nx.Graph, *, aspect: float = 1.4) -> dict[str, np.ndarray]:
    """Lay out each connected part by itself, then pack the parts in rows, largest first."""
    parts = sorted((sorted(p) for p in nx.connected_components(graph)), key=len, reverse=True)
    side = np.sqrt([len(p) for p in parts])
    corners = min(
        (_shelves(side, width) for width in np.cumsum(side)),
        key=lambda c: max((c[:, 0] + side).max() / aspect, (c[:, 1] + side).max()),
    )
    place: dict[str, np.ndarray] = {}
    for part, size, corner in zip(parts, side, corners, strict=True):
        inner = nx.kamada_kawai_layout(graph.subgraph(part), weight=None)
        scaled = _turned(np.array([inner[c] for c in part])) * 0.8 + 0.1
        x, y = corner[0] + size * scaled[:, 0], -(corner[1] + size * scaled[:, 1])
        place |= {name: np.array(xy) for name, xy in zip(part, zip(x, y, strict=True), strict=True)}
    return place


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


def profile_heatmap(profiles: pd.DataFrame, clusters: pd.DataFrame) -> Figure:
    """Draw decoded profiles of the classes on their strongest marker genes.

    Parameters
    ----------
    profiles
        Classes x genes (symbols), of the genes to show.
    """
    order = [c for c in clusters[keys.CLASS] if c in profiles.index]
    data = profiles.loc[order]
    limit = float(np.quantile(np.abs(data.to_numpy()), 0.99)) or 1.0
    height = float(np.clip(1.5 + 0.17 * len(data), 3, 13))
    figure, ax = plt.subplots(figsize=(10, height))
    sns.heatmap(
        data.set_axis([short(c) for c in order], axis=0),
        cmap=DIVERGING,
        center=0,
        vmin=-limit,
        vmax=limit,
        ax=ax,
        cbar_kws={"label": "decoded value", "shrink": 0.6},
        rasterized=True,
        xticklabels=True,
        yticklabels=True,
    )
    ax.tick_params(labelsize=6, length=0)
    ax.set(xlabel="", ylabel="")
    return figure


def class_images(profiles: np.ndarray, names: list[str], shape: tuple[int, int]) -> Figure:
    """Draw each class's decoded profile as an image."""
    columns = min(len(names), 5)
    rows = -(-len(names) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(1.6 * columns, 1.75 * rows), squeeze=False)
    for ax in axes.ravel():
        ax.axis("off")
    for ax, profile, name in zip(axes.ravel(), profiles, names, strict=False):
        ax.imshow(profile.reshape(shape), cmap="gray_r", vmin=-1, vmax=1)
        ax.set_title(short(name, 20), loc="center")
    return figure
