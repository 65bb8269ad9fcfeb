"""How models and baselines are told apart: by colour and by shape, with a legend."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from svqvae.pl.style import INK, ROLE_COLOURS, SMALL, SOFT

_MARKERS = {"model": "D", "baseline": "o"}
_SIZES = {"model": 26, "baseline": 30}
#: What marks may mean beside a role, for the legend.
INTERVAL = Line2D([], [], color=SOFT, lw=2, label="95 % interval")
RANGE = Line2D([], [], color=SOFT, lw=2, label="range over models of folds")
SINGLE = Line2D([], [], ls="", marker="o", ms=3, color=SOFT, alpha=0.5, label="fold and seed")
CLASS = Line2D([], [], ls="", marker="o", ms=3, color=SOFT, alpha=0.5, label="one class")
REAL = Line2D([], [], ls="", marker="|", ms=9, color=INK, label="real signatures")
UNDECIDED = Line2D(
    [], [], ls="", marker="o", ms=5, mfc="white", mec=SOFT, label="hollow: interval holds 0"
)


def values(ax: Axes, value: pd.Series, y: Any, role: pd.Series, *, hollow: Any = False) -> None:
    """Draw one mark for each row of a table, in the colour and shape of its role."""
    hollow, y = np.broadcast_to(hollow, len(value)), np.asarray(y)
    for name, colour in ROLE_COLOURS.items():
        for empty in (False, True):
            part = (role == name).to_numpy() & (hollow == empty)
            if part.any():
                ax.scatter(
                    value[part],
                    y[part],
                    marker=_MARKERS[name],
                    s=_SIZES[name],
                    facecolor="white" if empty else colour,
                    edgecolor=colour if empty else "white",
                    zorder=3,
                )


def legend(figure: Figure, roles: Iterable[str], more: Iterable[Line2D] = ()) -> None:
    """Explain roles, and what else there is, below a figure."""
    marks = []
    for role in dict.fromkeys(roles):
        look: dict[str, Any] = {"marker": _MARKERS[role], "color": ROLE_COLOURS[role]}
        marks.append(Line2D([], [], ls="", ms=5.5, mec="white", label=role, **look))
    marks += [_copied(mark) for mark in more]
    figure.legend(handles=marks, loc="outside lower center", ncols=len(marks), fontsize=SMALL)


def _copied(mark: Line2D) -> Line2D:
    """Return a mark that belongs to no figure yet."""
    copy = Line2D([], [])
    copy.update_from(mark)
    copy.set_label(mark.get_label())
    return copy
