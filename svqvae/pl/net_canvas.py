"""What networks are drawn on: classes as dots with the number of their cluster, lines, names."""

from __future__ import annotations

from collections.abc import Collection

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.text import Text

from svqvae import keys
from svqvae.pl.labels import labels, wrapped
from svqvae.pl.palette import colour_of, ink_on
from svqvae.pl.places import Room, apart
from svqvae.pl.style import FAINT, INK, SMALL, SOFT, TINY

#: Letters of a name, and of one line of it.
_LETTERS, _LINE = 50, 25
#: Width of the map: least, for each root of a class, most. Height to width: least, most.
_LEAST, _EACH, _MOST = 400.0, 62.0, 740.0
_FLAT, _HIGH = 0.66, 0.9
#: Least distance of classes, as a share of what they would have on a grid.
_SPREAD = 0.62
#: Room for names at the edges of the map.
_BESIDE, _BELOW = 84.0, 10.0
#: Beyond this a name is led to its dot by a line.
_NEAR = 3.0
#: Lines are faint under a name; an outline of the letters would make an SVG's text shapes.
_GROUND = {"boxstyle": "square,pad=0.08", "fc": "white", "ec": "none", "alpha": 0.75}


class NetCanvas:
    """A map of classes whose unit is a point (1/72 inch).

    Parameters
    ----------
    place
        x and y by class, in any unit.
    clusters
        class, cluster.
    """

    def __init__(self, place: pd.DataFrame, clusters: pd.DataFrame) -> None:
        n = len(place)
        self.radius = 5.4 if n <= 120 else 4.8
        width = float(np.clip(_EACH * np.sqrt(n) + 130, _LEAST, _MOST))
        height = width * float(np.clip(_FLAT + n / 1200, _FLAT, _HIGH))
        inner = np.array([width - 2 * _BESIDE, height - 2 * _BELOW])
        xy = place.to_numpy(dtype=float)
        if n:
            xy = (xy - xy.min(0)) / np.maximum(np.ptp(xy, axis=0), 1e-9) * inner
        gap = max(2 * self.radius + 2.5, _SPREAD * float(np.sqrt(inner.prod() / max(n, 1))))
        self.xy = apart(xy, gap, inner) + np.array([_BESIDE, _BELOW])
        self.frame = (0.0, -_BELOW, width, height + _BELOW)
        self.index = {name: k for k, name in enumerate(place.index)}
        self.figure = plt.figure(figsize=(width / 72, (height + 2 * _BELOW) / 72))
        self.ax = self.figure.add_axes(
            (0, 0, 1, 1), xlim=(0, width), ylim=(self.frame[1], self.frame[3])
        )
        self.ax.axis("off")
        self._lines: list[np.ndarray] = []
        self._faint: list[np.ndarray] = []
        self._numbers: list[tuple[np.ndarray, str]] = []
        self._draw_classes(clusters.set_index(keys.CLASS)[keys.CLUSTER])

    def _draw_classes(self, cluster_of: pd.Series) -> None:
        numbers = [int(cluster_of[name]) for name in self.index]
        colours = [colour_of(number) for number in numbers]
        self.ax.scatter(
            self.xy[:, 0],
            self.xy[:, 1],
            s=(2 * self.radius) ** 2,
            color=colours,
            edgecolor="white",
            linewidth=0.8,
            zorder=3,
        )
        for (x, y), number, colour in zip(self.xy, numbers, colours, strict=True):
            self.ax.text(
                x,
                y,
                str(number),
                fontsize=TINY if number < 100 else TINY - 1.2,
                fontweight="bold",
                color=ink_on(colour),
                ha="center",
                va="center_baseline",
                zorder=4,
            )

    def line(self, a: str, b: str, *, width: float, colour: str = INK, style: str = "-") -> None:
        """Join two classes; names keep off the line."""
        ends = self.xy[[self.index[a], self.index[b]]]
        self.ax.plot(*ends.T, style, color=colour, lw=width, zorder=2)
        self._lines.append(ends.ravel())

    def faint(self, a: str, b: str) -> None:
        """Join two classes by a line that names may cover."""
        ends = self.xy[[self.index[a], self.index[b]]]
        self.ax.plot(*ends.T, color=FAINT, lw=0.7, zorder=1)
        self._faint.append(ends.ravel())

    def number(self, a: str, b: str, text: str) -> None:
        """Write a number on the line between two classes, where there is room."""
        self._numbers.append((self.xy[[self.index[a], self.index[b]]].mean(0), text))

    def names(self, first: Collection[str]) -> int:
        """Write names where there is room, those in ``first`` before others; count them.

        Of the rest, those that most lines meet come before others.
        """
        room = Room(self.frame, self.xy, self.radius, self._lines, self._faint)
        for middle, text in self._numbers:
            shown = self._text(text, size=TINY, colour=INK, zorder=2.5)
            self._put(
                shown,
                middle - np.array(self._size(shown)) / 2,
                room.take(middle, self._size(shown)),
            )
        # A class that many lines meet is what a reader looks for; later it would find no room.
        ends = np.array([*self._lines, *self._faint]).reshape(-1, 2)
        met = {name: int((ends == self.xy[at]).all(1).sum()) for name, at in self.index.items()}
        order = sorted(self.index, key=lambda name: (name not in first, -met[name], name))
        shown_names = dict(zip(self.index, labels(self.index, _LETTERS), strict=True))
        named = 0
        for name in order:
            is_first = name in first
            shown = self._text(
                wrapped(shown_names[name], _LINE),
                size=SMALL if is_first else SMALL - 0.5,
                colour=INK if is_first else SOFT,
                zorder=5,
            )
            size = self._size(shown)
            corner = room.beside(self.index[name], size, over_lines=is_first)
            self._put(shown, corner, corner is not None)
            if corner is not None:
                named += 1
                self._lead(self.xy[self.index[name]], corner, size)
        return named

    def _text(self, text: str, *, size: float, colour: str, zorder: float) -> Text:
        return self.ax.text(
            0,
            0,
            text,
            fontsize=size,
            color=colour,
            zorder=zorder,
            ha="left",
            va="bottom",
            linespacing=1.0,
            bbox=_GROUND,
        )

    def _size(self, text: Text) -> tuple[float, float]:
        box = text.get_window_extent()
        scale = 72 / self.figure.dpi
        return box.width * scale, box.height * scale

    def _put(self, text: Text, corner: np.ndarray | None, fits: bool) -> None:
        if fits and corner is not None:
            text.set_position((float(corner[0]), float(corner[1])))
        else:
            text.remove()

    def _lead(self, dot: np.ndarray, corner: np.ndarray, size: tuple[float, float]) -> None:
        """Draw a line from a dot to its name, if the two are apart."""
        nearest = np.clip(dot, corner, corner + size)
        if np.hypot(*(nearest - dot)) > self.radius + _NEAR:
            self.ax.plot(*np.c_[dot, nearest], color=SOFT, lw=0.4, zorder=1.5)

    def legend(self, handles: list[Line2D]) -> None:
        """Explain lines, and the numbers in the dots, below the map."""
        dot = Line2D(
            [], [], ls="", marker="o", ms=2 * self.radius, color=colour_of(1), mec="white",
            label="a class, with the number of its cluster",
        )  # fmt: skip
        self.ax.legend(
            handles=[*handles, dot],
            loc="upper left",
            bbox_to_anchor=(0, 0),
            ncols=2,
            fontsize=SMALL,
            borderaxespad=0.2,
        )
