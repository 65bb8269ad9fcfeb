"""What each class does: its code decoded to expression, or to an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from svqvae import keys
from svqvae.pl.style import DIVERGING, in_house_style, short

if TYPE_CHECKING:
    from anndata import AnnData

#: Genes of the heatmap: the strongest markers of each class, at most this many in all.
_GENES = 60


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
        Classes x genes (symbols, class after class) or x pixels.
    """
    profiles = classes.to_df().rename_axis(keys.CLASS)
    if _image_shape(adata) is not None:
        return profiles
    per_class = max(2, _GENES // markers[keys.CLASS].nunique())
    strongest = markers.groupby(keys.CLASS, sort=False).head(per_class)
    chosen = strongest.drop_duplicates("gene_id").astype({"gene_id": str})
    return profiles[chosen["gene_id"].to_list()].set_axis(chosen["gene"].to_list(), axis=1)


@in_house_style
def class_profiles(
    profiles: pd.DataFrame, clusters: pd.DataFrame, adata: AnnData | None = None
) -> Figure:
    """Draw the decoded profiles: a heatmap of genes in the order of clusters, or images.

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


def _images(profiles: pd.DataFrame, shape: tuple[int, int]) -> Figure:
    names = [str(name) for name in profiles.index]
    columns = min(len(names), 5)
    rows = -(-len(names) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(1.6 * columns, 1.75 * rows), squeeze=False)
    for ax in axes.ravel():
        ax.axis("off")
    for ax, profile, name in zip(axes.ravel(), profiles.to_numpy(), names, strict=False):
        ax.imshow(profile.reshape(shape), cmap="gray_r", vmin=-1, vmax=1)
        ax.set_title(short(name, 20), loc="center")
    return figure
