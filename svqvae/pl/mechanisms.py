"""How mechanisms resemble each other: the heat map of all code correlations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.cluster.hierarchy import leaves_list

from svqvae import keys
from svqvae.pl.heatmap import Heatmap
from svqvae.pl.style import DIVERGING, INK, in_house_style
from svqvae.tl.fdr import FDR
from svqvae.tl.relations.clusters import tree
from svqvae.tl.relations.relations import as_matrix

if TYPE_CHECKING:
    from anndata import AnnData

#: Lowest row in which a pair beyond chance can be marked.
_MARKED = 4.0


@in_house_style
def mechanism_correlations(
    relations: pd.DataFrame, clusters: pd.DataFrame, classes: AnnData
) -> Figure:
    """Draw all code correlations in the order of Ward's tree; squares mark pairs beyond chance.

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
    order = [matrix.index[k] for k in leaves_list(z)]
    # The scale covers the pairs; the diagonal of ones saturates.
    limit = max(0.05, float(np.quantile(np.abs(relations["correlation"]), 0.995)))
    drawn = Heatmap(
        matrix.loc[order, order],
        label="correlation of class codes",
        colours=DIVERGING,
        low=-limit,
        high=limit,
        clusters=clusters.set_index(keys.CLASS)[keys.CLUSTER],
        tree=z,
    )
    # Rows and columns are the same classes: named once, numbered twice.
    drawn.strip_of_columns()
    if "q_value" in relations and drawn.row >= _MARKED:
        found = relations[relations["q_value"] <= FDR]
        at = {name: k for k, name in enumerate(order)}
        a, b = found["class_a"].map(at), found["class_b"].map(at)
        drawn.ax.scatter(
            [*a, *b],
            [*b, *a],
            marker="s",
            s=(0.62 * drawn.row) ** 2,
            facecolor="none",
            edgecolor=INK,
            linewidth=0.8,
        )
    return drawn.finished()
