"""How mechanisms resemble each other, and what they do: heatmap of relations, profiles."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from svqvae import keys
from svqvae.pl.style import DIVERGING, cluster_palette, short
from svqvae.tl.relations.relations import as_matrix


def correlation_heatmap(relations: pd.DataFrame, clusters: pd.DataFrame, z: np.ndarray) -> Figure:
    """Draw all code correlations in the order of the class tree.

    Parameters
    ----------
    relations
        Table of :func:`svqvae.tl.relations.relations.relation_table`.
    clusters
        Table of :func:`svqvae.tl.relations.stability.cluster_table`.
    z
        Tree of the classes in alphabetical order, from :func:`svqvae.tl.relations.clusters.tree`.
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
