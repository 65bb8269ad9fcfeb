"""Signatures and class codes in the plane in which the codes differ most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from svqvae import keys
from svqvae.models.base import ClassModel
from svqvae.pl.style import cluster_palette, in_house_style, short

if TYPE_CHECKING:
    from anndata import AnnData

#: Beyond this many signatures the map draws a random part of them.
MAX_POINTS = 3000


def map_table(model: ClassModel, adata: AnnData, clusters: pd.DataFrame) -> pd.DataFrame:
    """Return signatures and codes in the plane of the codes' first two principal components.

    The signatures' own first components are mostly cell line and strength; this plane is that
    of the differences between classes.

    Returns
    -------
    DataFrame
        name, kind (signature or code), class, cluster, pc1, pc2; ``attrs["explained"]`` holds
        the share of the codes' variance on the two components.
    """
    rng = np.random.default_rng(0)
    keep = np.sort(rng.permutation(adata.n_obs)[:MAX_POINTS])
    part = adata[keep]
    centre = model.codes.mean(0)
    _, size, axes = np.linalg.svd(model.codes - centre, full_matrices=False)
    # One gene, or two classes, span a line: the second axis is then empty.
    axes = np.pad(axes, ((0, max(0, 2 - len(axes))), (0, 0)))
    size = np.pad(size, (0, max(0, 2 - len(size))))
    codes = (model.codes - centre) @ axes[:2].T
    signatures = (model.get_latent_representation(part) - centre) @ axes[:2].T
    explained = size**2 / max(float((size**2).sum()), 1e-12)
    cluster_of = clusters.set_index(keys.CLASS)[keys.CLUSTER]
    signature_class = part.obs[keys.CLASS].astype(str).to_numpy()
    table = pd.DataFrame(
        {
            "name": [*part.obs_names, *model.class_names],
            "kind": np.repeat(["signature", "code"], [len(keep), len(codes)]),
            keys.CLASS: [*signature_class, *model.class_names],
            "pc1": np.r_[signatures[:, 0], codes[:, 0]],
            "pc2": np.r_[signatures[:, 1], codes[:, 1]],
        }
    )
    table.insert(3, keys.CLUSTER, table[keys.CLASS].map(cluster_of).to_numpy())
    table.attrs["explained"] = [float(r) for r in explained[:2]]
    return table


@in_house_style
def latent_map(table: pd.DataFrame) -> Figure:
    """Draw the map: signatures as dots, codes as diamonds, coloured by cluster of classes.

    Parameters
    ----------
    table
        Of :func:`map_table`.
    """
    palette = cluster_palette(table[keys.CLUSTER])
    signatures, codes = (table[table["kind"] == k] for k in ("signature", "code"))
    figure, ax = plt.subplots(figsize=(8, 6))
    for part, style in (
        (signatures, {"s": 7, "alpha": 0.4, "linewidth": 0, "rasterized": True}),
        (codes, {"s": 55, "marker": "D", "edgecolor": "black", "linewidth": 0.7, "zorder": 3}),
    ):
        ax.scatter(
            part["pc1"], part["pc2"], color=[palette[c] for c in part[keys.CLUSTER]], **style
        )
    # The outermost hundredth would press the rest into a corner.
    for column, limits in (("pc1", ax.set_xlim), ("pc2", ax.set_ylim)):
        low, high = signatures[column].quantile([0.005, 0.995])
        low, high = min(low, codes[column].min()), max(high, codes[column].max())
        limits(low - 0.06 * (high - low), high + 0.1 * (high - low))
    _name_codes(ax, codes)
    first, second = table.attrs.get("explained", [0.0, 0.0])
    ax.set(xlabel=f"PC 1 of the codes ({first:.0%})", ylabel=f"PC 2 of the codes ({second:.0%})")
    return figure


def _name_codes(ax: Axes, codes: pd.DataFrame) -> None:
    """Name the codes from the outside in, leaving out names that would cover another."""
    centre = codes[["pc1", "pc2"]].median()
    reach = np.hypot(codes["pc1"] - centre["pc1"], codes["pc2"] - centre["pc2"])
    width, height = np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())
    placed: list[tuple[float, float]] = []
    for at in reach.sort_values(ascending=False).index:
        x, y = codes.loc[at, "pc1"] / width, codes.loc[at, "pc2"] / height
        if any(abs(x - px) < 0.2 and abs(y - py) < 0.025 for px, py in placed):
            continue
        placed.append((x, y))
        ax.annotate(
            short(str(codes.loc[at, keys.CLASS]), 24),
            (x * width, y * height),
            xytext=(5, 3),
            fontsize=6.5,
            textcoords="offset points",
            zorder=4,
        )
