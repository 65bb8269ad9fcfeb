"""How mechanisms resemble each other: the heatmap of all code correlations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from svqvae import keys
from svqvae.pl.style import DIVERGING, cluster_palette, in_house_style, short
from svqvae.tl.relations.clusters import tree
from svqvae.tl.relations.relations import as_matrix

if TYPE_CHECKING:
    from anndata import AnnData


@in_house_style
def mechanism_correlations(
    relations: pd.DataFrame, clusters: pd.DataFrame, classes: AnnData
) -> Figure:
    """Draw all code correlations in the order of Ward's tree of the classes.

    Parameters
    ----------
    relations
        Table of :func:`svqvae.tl.relations.relations.relation_table`.
    clusters
        Table of :func:`svqvae.tl.relations.stability.cluster_table`.
    classes
        The model's ``classes()``, whose codes the tree is of.
    """
    matrix = as_matrix(relations)
    z = tree(classes[list(matrix.index)].obsm[keys.X_CODE])
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
