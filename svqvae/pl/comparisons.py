"""How the models compare pair by pair, and whether their probabilities can be trusted."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from svqvae.pl import roles
from svqvae.pl.labels import labels, wrapped
from svqvae.pl.style import FAINT, GRID, INK, ROLE_COLOURS, SMALL, in_house_style
from svqvae.tl.evaluation.metrics import METRICS


@in_house_style
def comparison(comparison: pd.DataFrame) -> Figure:
    """Draw the subject minus each rival; hollow where the interval holds 0."""
    rivals = list(dict.fromkeys(comparison["rival"]))
    at = {name: i for i, name in enumerate(reversed(rivals))}
    # To the right the subject is better.
    compared = {n: m.title for n, m in METRICS.items() if m.drawn and not m.lower_is_better}
    figure, axes = plt.subplots(
        1,
        len(compared),
        figsize=(7.2, 1.1 + 0.24 * len(rivals)),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for ax, (metric, title) in zip(axes[0], compared.items(), strict=True):
        part = comparison[comparison["metric"] == metric]
        decided = (part["ci_low"] > 0) | (part["ci_high"] < 0)
        y = part["rival"].map(at)
        ax.axvline(0, color=INK, lw=0.8, zorder=0)
        ax.hlines(y, part["ci_low"], part["ci_high"], color=part["role"].map(ROLE_COLOURS), lw=2)
        roles.values(ax, part["difference"], y, part["role"], hollow=~decided)
        ax.set_title(wrapped(title, 24), fontsize=8)
        ax.set(yticks=list(at.values()), yticklabels=labels(at, 34), ylim=(-0.6, len(at) - 0.4))
        ax.locator_params(axis="x", nbins=5)
        ax.grid(axis="x", color=GRID, lw=0.6)
        ax.tick_params(left=False)
    if len(comparison):
        subject = labels(comparison["subject"].iloc[:1], 34)[0]
        axes[0, len(compared) // 2].set_xlabel(f"{subject} minus the other")
        roles.legend(figure, comparison["role"], (roles.INTERVAL, roles.UNDECIDED))
    return figure


@in_house_style
def reliability(reliability: pd.DataFrame, calibration: pd.DataFrame) -> Figure:
    """Draw accuracy against confidence, one panel a model; dots by number of signatures."""
    models = list(dict.fromkeys(reliability["model"]))
    columns = min(5, len(models))
    rows = -(-len(models) // columns)
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(1.45 * columns, 1.8 * rows + 0.3),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    error = calibration.set_index("model")["ece"]
    for ax, name, label in zip(axes.flat, models, labels(models, 40), strict=False):
        part = reliability[reliability["model"] == name]
        colour = ROLE_COLOURS[part["role"].iloc[0]]
        ax.plot([0, 1], [0, 1], color=FAINT, lw=0.8)
        ax.vlines(part["confidence"], part["ci_low"], part["ci_high"], color=colour, lw=1)
        size = 6 + 90 * part["n"] / part["n"].sum()
        ax.scatter(part["confidence"], part["accuracy"], s=size, color=colour, edgecolor="white")
        ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), aspect="equal")
        title = f"{wrapped(label, 22)}\nECE {error[name]:.3f}"
        ax.set_title(title, fontsize=SMALL, fontweight="normal")
    for ax in axes.flat[len(models) :]:
        ax.set_visible(False)
    for k, ax in enumerate(axes.flat[: len(models)]):
        # The last of its column, whatever stands below.
        if k + columns >= len(models):
            ax.tick_params(labelbottom=True)
            ax.set_xlabel("confidence")
        if k % columns == 0:
            ax.set_ylabel("share right")
    roles.legend(figure, reliability["role"], (roles.INTERVAL,))
    return figure
