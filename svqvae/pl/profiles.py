"""What each class does: its code decoded to expression, or to an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from svqvae import keys
from svqvae.pl.heatmap import Heatmap
from svqvae.pl.labels import labels, wrapped
from svqvae.pl.style import DIVERGING, in_house_style

if TYPE_CHECKING:
    from anndata import AnnData

#: Genes of the heat map: about this many in all, as many of each class; one of each class up to
#: the second number of classes, and of so many classes beyond.
_GENES, _MOST = 60, 100
#: Width of a gene's column.
_COLUMN = 7.4


def profile_table(classes: AnnData, markers: pd.DataFrame, adata: AnnData) -> pd.DataFrame:
    """Return what to draw of the decoded profiles: strongest markers, or all pixels of images.

    Parameters
    ----------
    classes
        The model's ``classes()``.
    markers
        Table of :func:`svqvae.tl.genes.markers.class_markers`.
    adata
        The signatures, which say whether they are images.

    Returns
    -------
    DataFrame
        Classes x genes (symbols, class after class) or x pixels. Of very many classes, the
        strongest marker of those in which it is strongest.
    """
    profiles = classes.to_df().rename_axis(keys.CLASS)
    if _image_shape(adata) is not None:
        return profiles
    per_class = max(1, _GENES // markers[keys.CLASS].nunique())
    strongest = markers.groupby(keys.CLASS, sort=False).head(per_class)
    if len(strongest) > _MOST:
        most = strongest["score"].abs().nlargest(_MOST, keep="first").index
        strongest = strongest.loc[strongest.index.isin(most)]
    chosen = strongest.drop_duplicates("gene_id").astype({"gene_id": str})
    return profiles[chosen["gene_id"].to_list()].set_axis(chosen["gene"].to_list(), axis=1)


@in_house_style
def class_profiles(
    profiles: pd.DataFrame, clusters: pd.DataFrame, adata: AnnData | None = None
) -> Figure:
    """Draw the decoded profiles: a heat map of genes in the order of clusters, or images.

    Parameters
    ----------
    profiles
        Table of :func:`profile_table`.
    clusters
        Table of :func:`svqvae.tl.relations.stability.cluster_table`.
    adata
        The signatures; needed of images, whose shape they hold.
    """
    shape = None if adata is None else _image_shape(adata)
    return _heatmap(profiles, clusters) if shape is None else _images(profiles, shape)


def _image_shape(adata: AnnData) -> tuple[int, int] | None:
    shape = adata.uns.get(keys.UNS, {}).get(keys.IMAGE_SHAPE)
    return None if shape is None else (int(shape[0]), int(shape[1]))


def _heatmap(profiles: pd.DataFrame, clusters: pd.DataFrame) -> Figure:
    order = [c for c in clusters[keys.CLASS] if c in profiles.index]
    data = profiles.loc[order]
    # Each gene stands where the class is in which it is strongest.
    strongest = np.abs(data.to_numpy()).argmax(0)
    data = data.iloc[:, np.argsort(strongest, kind="stable")]
    limit = float(np.quantile(np.abs(data.to_numpy()), 0.99)) or 1.0
    drawn = Heatmap(
        data,
        label="decoded value",
        colours=DIVERGING,
        low=-limit,
        high=limit,
        clusters=clusters.set_index(keys.CLASS)[keys.CLUSTER],
        column=_COLUMN,
    )
    drawn.name_columns(list(data.columns))
    return drawn.finished()


def _images(profiles: pd.DataFrame, shape: tuple[int, int]) -> Figure:
    names = labels(profiles.index, 34)
    columns = min(len(names), 5)
    rows = -(-len(names) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(1.6 * columns, 1.85 * rows), squeeze=False)
    for ax in axes.ravel():
        ax.axis("off")
    for ax, profile, name in zip(axes.ravel(), profiles.to_numpy(), names, strict=False):
        ax.imshow(profile.reshape(shape), cmap="gray_r", vmin=-1, vmax=1)
        ax.set_title(wrapped(name, 17), loc="center", fontsize=8, fontweight="normal")
    return figure
