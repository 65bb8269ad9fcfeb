"""Signatures and class codes in the plane in which the codes differ most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from svqvae import keys
from svqvae.models.base import ClassModel
from svqvae.pl.heatmap import NAMED
from svqvae.pl.labels import labels, wrapped
from svqvae.pl.palette import colour_of, distinct, marker_of
from svqvae.pl.places import Room
from svqvae.pl.style import INK, SMALL, SOFT, in_house_style, note

if TYPE_CHECKING:
    from anndata import AnnData

#: Beyond this many signatures the map draws a random part of them.
MAX_POINTS = 3000
#: In points: width and height of the map, and radius of a code, which no name covers.
_SIZE, _RADIUS = (430.0, 350.0), 3.6
#: Beyond this a name is led to its code by a line.
_NEAR = 3.0
#: Letters of a name, of one line of it, and lines of a column of the legend.
_LETTERS, _LINE, _LEGEND = 44, 24, 26


def map_table(model: ClassModel, adata: AnnData, clusters: pd.DataFrame) -> pd.DataFrame:
    """Return signatures and codes in the plane of the codes' first two principal components.

    The signatures' own first components are mostly cell line and strength; this plane is that
    of the differences between classes.

    Returns
    -------
    DataFrame
        name, kind (signature or code), class, cluster, pc1, pc2, and of signatures pert_id and
        pert_iname where they are known; ``attrs["explained"]`` holds the share of the codes'
        variance on the two components.
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
    for column in (keys.PERT_ID, keys.PERT_NAME):
        if column in part.obs:
            table[column] = [*part.obs[column].astype(object), *[None] * len(codes)]
    table.attrs["explained"] = [float(r) for r in explained[:2]]
    return table


@in_house_style
def latent_map(table: pd.DataFrame) -> Figure:
    """Draw the map: signatures as dots, codes outlined, in colour and shape of their cluster.

    Parameters
    ----------
    table
        Of :func:`map_table`.
    """
    signatures, codes = (table[table["kind"] == k] for k in ("signature", "code"))
    size = _SIZE if len(codes) <= NAMED else (1.25 * _SIZE[0], 1.25 * _SIZE[1])
    figure = plt.figure(figsize=(size[0] / 72, size[1] / 72))
    ax = figure.add_axes((0, 0, 1, 1))
    # The outermost hundredth would press the rest into a corner.
    for column, limits in (("pc1", ax.set_xlim), ("pc2", ax.set_ylim)):
        low, high = signatures[column].quantile([0.005, 0.995])
        low, high = min(low, codes[column].min()), max(high, codes[column].max())
        room = 0.06 * max(high - low, 1e-9)
        limits(low - room, high + room)
    numbers = sorted(int(number) for number in table[keys.CLUSTER].unique())
    for number in numbers:
        style: dict[str, Any] = {"color": colour_of(number), "marker": marker_of(number)}
        part = signatures[signatures[keys.CLUSTER] == number]
        ax.scatter(part["pc1"], part["pc2"], s=7, alpha=0.4, linewidth=0, rasterized=True, **style)
        part = codes[codes[keys.CLUSTER] == number]
        ax.scatter(
            part["pc1"], part["pc2"], s=34, edgecolor="black", linewidth=0.7, zorder=3, **style
        )
    named = _name_codes(ax, codes, size)
    first, second = table.attrs.get("explained", [0.0, 0.0])
    ax.set(xlabel=f"PC 1 of the codes ({first:.0%})", ylabel=f"PC 2 of the codes ({second:.0%})")
    _legend(ax, numbers)
    said = []
    if named < len(codes):
        said.append(f"{named} of {len(codes)} names have room; the table beside has all.")
    if len(numbers) > distinct():
        said.append(f"From cluster {distinct() + 1} on colours and shapes begin anew.")
    if said:
        note(figure, " ".join(said))
    return figure


def _legend(ax: Axes, numbers: list[int]) -> None:
    """Explain shapes and colours to the right, in as many columns as it takes."""
    marks: list[Line2D] = [
        Line2D([], [], ls="", marker="o", ms=3, color=SOFT, alpha=0.6, label="signature"),
        Line2D([], [], ls="", marker="o", ms=6, color="white", mec="black", label="class code"),
    ]
    for number in numbers:
        style: dict[str, Any] = {"color": colour_of(number), "marker": marker_of(number)}
        marks.append(Line2D([], [], ls="", ms=5, mec="none", label=f"cluster {number}", **style))
    ax.legend(
        handles=marks,
        loc="upper left",
        bbox_to_anchor=(1.01, 1),
        borderaxespad=0,
        fontsize=SMALL,
        ncols=-(-len(marks) // _LEGEND),
        handletextpad=0.3,
    )


def _name_codes(ax: Axes, codes: pd.DataFrame, size: tuple[float, float]) -> int:
    """Name the codes from the outside in, where there is room; count the names."""
    low = np.array([ax.get_xlim()[0], ax.get_ylim()[0]])
    span = np.array([np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())])
    xy = (codes[["pc1", "pc2"]].to_numpy(dtype=float) - low) / span * size
    reach = np.hypot(*(xy - np.median(xy, axis=0)).T)
    room = Room((2, 2, size[0] - 2, size[1] - 2), xy, _RADIUS)
    names = labels(codes[keys.CLASS], _LETTERS)
    named = 0
    for k in np.argsort(-reach, kind="stable"):
        text = ax.annotate(
            wrapped(names[k], _LINE),
            (0, 0),
            xycoords="axes points",
            fontsize=SMALL - 0.5,
            color=INK,
            ha="left",
            va="bottom",
            linespacing=1.0,
            zorder=4,
        )
        box = text.get_window_extent()
        scale = 72 / ax.figure.dpi
        corner = room.beside(int(k), (box.width * scale, box.height * scale))
        if corner is None:
            text.remove()
        else:
            text.xy = (float(corner[0]), float(corner[1]))
            text.set_position(text.xy)
            named += 1
            nearest = np.clip(xy[k], corner, corner + np.array([box.width, box.height]) * scale)
            if np.hypot(*(nearest - xy[k])) > _RADIUS + _NEAR:
                ax.annotate(
                    "",
                    (float(xy[k, 0]), float(xy[k, 1])),
                    xytext=(float(nearest[0]), float(nearest[1])),
                    xycoords="axes points",
                    arrowprops={"arrowstyle": "-", "lw": 0.4, "color": SOFT},
                )
    return named
