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
    grid = sns.clustermap(
        matrix.set_axis(labels, axis=0).set_axis(labels, axis=1),
        row_linkage=z,
        col_linkage=z,
        row_colors=colours.set_axis(labels).rename("cluster"),
        cmap=DIVERGING,
        vmin=-1,
        vmax=1,
        figsize=(size + 1.5, size),
        dendrogram_ratio=(0.12, 0.05),
        colors_ratio=0.02,
        cbar_pos=(0.01, 0.86, 0.015, 0.12),
        cbar_kws={"label": "code correlation"},
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
    figure, ax = plt.subplots(figsize=(9.5, 7))
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
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=6.5,
            zorder=3,
        )
    ax.legend(
        handles=[
            Line2D([], [], color="#1d2733", lw=2, label="nearest of each other"),
            Line2D([], [], color="#b9c0c7", lw=2, label="nearest of one"),
        ],
        loc="upper left",
        fontsize=7,
    )
    ax.margins(0.08)
    ax.axis("off")
    return figure


def _component_layout(graph: nx.Graph) -> dict[str, np.ndarray]:
    """Lay out each connected part by itself and pack the parts in rows."""
    place: dict[str, np.ndarray] = {}
    parts = sorted(nx.connected_components(graph), key=len, reverse=True)
    area = np.array([np.sqrt(len(p)) for p in parts])
    row_width, x, y, tallest = max(area.max() * 2.2, np.sqrt((area**2).sum()) * 1.6), 0.0, 0.0, 0.0
    for part, side in zip(parts, area, strict=True):
        if x and x + side > row_width:
            x, y, tallest = 0.0, y - tallest, 0.0
        inner = nx.kamada_kawai_layout(graph.subgraph(sorted(part)), weight=None)
        points = np.array([inner[c] for c in sorted(part)])
        span = np.maximum(np.ptp(points, axis=0), 1e-9)
        scaled = (points - points.min(0)) / span.max() * side * 0.8
        for name, (px, py) in zip(sorted(part), scaled, strict=True):
            place[name] = np.array([x + 0.1 * side + px, y - 0.1 * side - py])
        x, tallest = x + side, max(tallest, side)
    return place


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
        ax.set_title(name, loc="center")
    return figure
