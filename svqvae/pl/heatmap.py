"""Heat maps of classes, drawn to measure: every name has its line, or clusters stand for classes.

Sizes are points (1/72 inch), so that a row is never lower than its name. Beyond :data:`NAMED`
classes no page holds all names: rows get thinner, clusters are numbered at the side, and the figure
says where the names are.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns  # brings the colours of DIVERGING
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy.cluster.hierarchy import dendrogram

from svqvae.pl.labels import labels
from svqvae.pl.palette import colour_of, ink_on
from svqvae.pl.style import INK, SMALL, SOFT, TINY, note

#: Classes up to which each is named.
NAMED = 100
#: Lowest and highest row with a name; all rows together where there are none.
_LOWEST, _HIGHEST, _PAGE = 6.6, 13.0, 640.0
#: Height of a row to that of its letters.
_LEADING = 1.22
#: Strip of clusters, gap beside it, tree, colour bar (and what it needs above the map).
_STRIP, _GAP, _TREE, _BAR, _HEAD = 12.0, 2.5, 44.0, 6.0, 34.0
_LETTERS = 46


class Heatmap:
    """A heat map that parts are added to: names, clusters, a tree.

    Parameters
    ----------
    values
        Rows are classes, in the order in which they are drawn.
    label
        What the numbers are.
    colours, low, high
        Colour map, and the values at its ends.
    clusters
        Of classes, by name.
    column
        Width of a column; by default that of a row's height.
    tree
        Of the rows (scipy's), whose leaves are in their order.
    """

    def __init__(
        self,
        values: pd.DataFrame,
        *,
        label: str,
        colours: str,
        low: float,
        high: float,
        clusters: pd.Series | None = None,
        column: float | None = None,
        tree: np.ndarray | None = None,
    ) -> None:
        n, wide = values.shape
        self.names = list(values.index)
        self.is_named = n <= NAMED
        self.row = (
            float(np.clip(500 / max(n, 1), _LOWEST, _HIGHEST)) if self.is_named else _PAGE / n
        )
        self.column = column or self.row
        self.clusters = clusters
        self.left = (_TREE if tree is not None else 0) + (_STRIP + _GAP if self._has_strip else 0)
        self.width, self.height = self.column * wide, self.row * n
        top = _HEAD + (_STRIP + _GAP if self._has_strip else 0)
        self.size = (self.left + self.width, self.height + top)
        self.figure = plt.figure(figsize=(self.size[0] / 72, self.size[1] / 72))
        self.ax = self._axes(self.left, 0, self.width, self.height)
        self.image = self.ax.imshow(
            values.to_numpy(dtype=float),
            cmap=sns.color_palette(colours, as_cmap=True),
            vmin=low,
            vmax=high,
            aspect="auto",
            interpolation="nearest",
        )
        self.ax.set(xticks=[], yticks=[])
        self.ax.tick_params(length=0, pad=2)
        self.ax.spines[:].set_visible(False)
        self._colour_bar(label)
        if tree is not None:
            self._draw_tree(tree)
        if self._has_strip:
            self._strip_of_rows()
        if self.is_named:
            self._name(self.ax.yaxis, self.names, self.row)
            self.ax.yaxis.tick_right()

    @property
    def _has_strip(self) -> bool:
        return self.clusters is not None

    def _axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        w, h = self.size
        return self.figure.add_axes((left / w, bottom / h, width / w, height / h))

    def _name(self, axis: Axis, names: list[str], room: float) -> None:
        axis.set_ticks(range(len(names)), labels(names, _LETTERS))
        axis.set_tick_params(labelsize=min(8.0, room / _LEADING))

    def name_columns(self, names: list[str], *, limit: float = _LOWEST) -> None:
        """Write the columns' names below them, if they are wide enough."""
        if self.column >= limit:
            self._name(self.ax.xaxis, names, self.column)
            self.ax.xaxis.set_tick_params(rotation=90)

    def _colour_bar(self, label: str) -> None:
        width = float(np.clip(0.4 * self.width, 60, 150))
        bar = self._axes(self.left, self.size[1] - _BAR - 11, width, _BAR)
        self.figure.colorbar(self.image, cax=bar, orientation="horizontal")
        bar.tick_params(labelsize=SMALL - 0.5, length=2, pad=1.5)
        bar.locator_params(nbins=4)
        bar.set_title(label, fontsize=SMALL + 0.5, fontweight="normal", loc="left", pad=3)

    def runs(self) -> list[tuple[int, int, int]]:
        """Return cluster, first row and number of rows of each run of rows of one cluster."""
        assert self.clusters is not None
        found, at = [], 0
        for cluster, members in groupby(int(self.clusters[name]) for name in self.names):
            n = len(list(members))
            found.append((cluster, at, n))
            at += n
        return found

    def _strip_of_rows(self) -> None:
        ax = self._axes(self.left - _STRIP - _GAP, 0, _STRIP, self.height)
        ax.set(xlim=(0, _STRIP), ylim=(self.height, 0))
        ax.axis("off")
        for cluster, first, n in self.runs():
            colour, size = colour_of(cluster), n * self.row
            ax.add_patch(_cell(0, first * self.row, _STRIP, size, colour))
            if size >= TINY + 1:
                middle = (first + n / 2) * self.row
                ax.text(_STRIP / 2, middle, str(cluster), color=ink_on(colour), **_NUMBER)
        ax.text(_STRIP, -_GAP, "cluster", fontsize=SMALL, color=SOFT, ha="right", va="bottom")

    def strip_of_columns(self) -> None:
        """Show the clusters above the map too, of whose columns are the same classes."""
        if not self._has_strip:
            return
        ax = self._axes(self.left, self.height + _GAP, self.width, _STRIP)
        ax.set(xlim=(0, self.width), ylim=(0, _STRIP))
        ax.axis("off")
        for cluster, first, n in self.runs():
            colour, size = colour_of(cluster), n * self.column
            ax.add_patch(_cell(first * self.column, 0, size, _STRIP, colour))
            if size >= 4 * len(str(cluster)) + 1:
                middle = (first + n / 2) * self.column
                ax.text(middle, _STRIP / 2, str(cluster), color=ink_on(colour), **_NUMBER)

    def _draw_tree(self, tree: np.ndarray) -> None:
        ax = self._axes(0, 0, _TREE - _GAP, self.height)
        drawn = dendrogram(tree, no_plot=True)
        lines = [np.c_[x, y] for x, y in zip(drawn["dcoord"], drawn["icoord"], strict=True)]
        ax.add_collection(LineCollection(lines, colors=SOFT, linewidths=0.6))
        # Leaves are ten apart, the first at five.
        highest = max(float(tree[:, 2].max()), 1e-9)
        ax.set(xlim=(highest * 1.02, 0), ylim=(10 * len(self.names), 0))
        ax.axis("off")

    def finished(self) -> Figure:
        """Return the figure, which says below all else what it does not name."""
        if not self.is_named:
            by_table = f"{len(self.names)} classes, in the order of the table beside this figure"
            note(self.figure, self._name_clusters() if self._has_strip else by_table)
        return self.figure

    def _name_clusters(self) -> str:
        """Write numbers and sizes of clusters to the right; return what has to be said."""
        runs = self.runs()
        gap = SMALL * _LEADING
        most = int(self.height / gap)
        named = sorted(sorted(runs, key=lambda run: -run[2])[:most], key=lambda run: run[1])
        middles = np.array([(first + n / 2) * self.row for _, first, n in named])
        heights = spread(middles, gap, self.height)
        # The axes' units are columns and rows; their lines begin at the right edge.
        right = self.width / self.column - 0.5
        for (cluster, _, n), middle, at in zip(named, middles, heights, strict=True):
            x = right + np.array([2, 10, 12]) / self.column
            y = np.array([middle, at]) / self.row - 0.5
            self.ax.plot(x[:2], y, color=SOFT, lw=0.6, clip_on=False, scalex=False, scaley=False)
            text = f"cluster {cluster}: {n} {'class' if n == 1 else 'classes'}"
            self.ax.text(x[2], y[1], text, fontsize=SMALL, va="center", color=INK)
        count = len({cluster for cluster, *_ in runs})
        rest = f"; the {len(named)} largest are named" if len(named) < len(runs) else ""
        return (
            f"{len(self.names)} classes in {count} clusters{rest}. "
            "class_clusters.tsv has the classes of each."
        )


_NUMBER: dict[str, Any] = {
    "fontsize": TINY,
    "ha": "center",
    "va": "center_baseline",
    "fontweight": "bold",
}


def _cell(x: float, y: float, width: float, height: float, colour: str) -> Rectangle:
    return Rectangle((x, y), width, height, facecolor=colour, edgecolor="white", linewidth=0.4)


def spread(at: np.ndarray, gap: float, end: float) -> np.ndarray:
    """Return places between 0 and ``end`` that are ``gap`` apart, moved as little as possible.

    Examples
    --------
    >>> spread(np.array([10.0, 11.0, 50.0]), 5.0, 60.0).tolist()
    [8.0, 13.0, 50.0]
    """
    # Blocks of places that push each other; each stands at the mean of what its places want.
    blocks: list[list[float]] = []
    for k, place in enumerate(at):
        blocks.append([place - k * gap, 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (a, n), (b, m) = blocks[-2:]
            blocks[-2:] = [[(a * n + b * m) / (n + m), n + m]]
    moved = np.repeat([b[0] for b in blocks], [int(b[1]) for b in blocks])
    highest = max(end - gap * (len(at) - 0.5), gap / 2)
    return np.clip(moved, gap / 2, highest) + gap * np.arange(len(at))
