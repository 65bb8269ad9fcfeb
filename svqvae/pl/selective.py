"""How often models are right where they answer only what they are surest of."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from svqvae.pl import roles
from svqvae.pl.labels import labels
from svqvae.pl.style import GRID, ROLE_COLOURS, in_house_style
from svqvae.tl.evaluation.selective import NAMED

#: Width of a page, in inches.
_PAGE = 7.2


@in_house_style
def risk_coverage(curves: pd.DataFrame) -> Figure:
    """Draw accuracy by coverage, and for each model the accuracy at some coverages.

    Parameters
    ----------
    curves
        Table of :func:`svqvae.tl.evaluation.selective.risk_coverage`; of compounds, where it has
        them, else of signatures.
    """
    unit = "compound" if (curves["unit"] == "compound").any() else "signature"
    curves = curves[curves["unit"] == unit]
    by_role = curves.sort_values("role", ascending=False, kind="stable")
    order = list(dict.fromkeys(by_role["model"]))
    at = {name: i for i, name in enumerate(reversed(order))}
    height = max(2.4, 0.95 + 0.24 * len(order))
    figure = plt.figure(figsize=(_PAGE, height), layout="constrained")
    grid = figure.add_gridspec(1, 4, width_ratios=[2.2, 1, 1, 1])
    _curves(figure.add_subplot(grid[0]), curves, unit)
    axes = [figure.add_subplot(grid[1 + k]) for k in range(len(NAMED))]
    for ax, coverage in zip(axes, NAMED, strict=True):
        part = curves[np.isclose(curves["coverage"], coverage)]
        holds_zero = (part["difference_low"] <= 0) & (part["difference_high"] >= 0)
        y = part["model"].map(at)
        ax.hlines(y, part["ci_low"], part["ci_high"], color=part["role"].map(ROLE_COLOURS), lw=2)
        is_subject = part["model"] == part["subject"]
        roles.values(ax, part["accuracy"], y, part["role"], hollow=holds_zero & ~is_subject)
        ax.set_title(f"{100 * coverage:g} %", fontsize=8)
        names = labels(at, 34) if ax is axes[0] else []
        ax.set(yticks=list(at.values()), ylim=(-0.6, len(at) - 0.4))
        ax.set_yticklabels(names or [""] * len(at))
        ax.set(xlim=(-0.03, 1.03), xticks=[0, 0.5, 1], xticklabels=["0", "0.5", "1"])
        ax.grid(axis="x", color=GRID, lw=0.6)
        ax.tick_params(left=False)
    axes[len(axes) // 2].set_xlabel("share that is right, of those answered")
    roles.legend(figure, by_role["role"], (roles.INTERVAL, _level(curves)))
    return figure


def _curves(ax: Axes, curves: pd.DataFrame, unit: str) -> None:
    """Draw a line for each model, that of the subject wide and with its interval."""
    for model, part in curves.groupby("model", sort=False):
        colour = ROLE_COLOURS[part["role"].iloc[0]]
        is_subject = model == part["subject"].iloc[0]
        width, order, faint = (2.2, 3, 1.0) if is_subject else (0.9, 2, 0.6)
        ax.plot(
            part["coverage"], part["accuracy"], color=colour, lw=width, zorder=order, alpha=faint
        )
        if is_subject:
            ax.fill_between(
                part["coverage"], part["ci_low"], part["ci_high"], color=colour, alpha=0.15, lw=0
            )
    ax.set(xlim=(0, 1), ylim=(0, None), xlabel=f"share of {unit}s answered, the surest first")
    ax.set_ylabel("share that is right")
    ax.grid(color=GRID, lw=0.6)


def _level(curves: pd.DataFrame) -> Line2D:
    """Return what a hollow mark means, for the legend."""
    mark = Line2D([], [])
    mark.update_from(roles.UNDECIDED)
    subject = labels(curves["subject"].iloc[:1], 34)[0] if len(curves) else "the subject"
    mark.set_label(f"hollow: difference to {subject} may be 0")
    return mark
