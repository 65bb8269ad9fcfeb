"""How the models compare pair by pair, and whether their probabilities can be trusted."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from svqvae.pl.style import ROLE_COLOURS, in_house_style, short
from svqvae.tl.evaluation.metrics import METRICS

_UNDECIDED = "#b9c0c7"


@in_house_style
def comparison(comparison: pd.DataFrame) -> Figure:
    """Draw the subject minus each rival; grey where the interval contains 0."""
    rivals = list(dict.fromkeys(comparison["rival"]))
    at = {name: i for i, name in enumerate(reversed(rivals))}
    # To the right the subject is better.
    compared = {n: m.title for n, m in METRICS.items() if m.drawn and not m.lower_is_better}
    figure, axes = plt.subplots(
        1, len(compared), figsize=(10, 1.0 + 0.3 * len(rivals)), sharey=True
    )
    for ax, (metric, title) in zip(axes, compared.items(), strict=True):
        part = comparison[comparison["metric"] == metric]
        decided = (part["ci_low"] > 0) | (part["ci_high"] < 0)
        colours = np.where(decided, part["role"].map(ROLE_COLOURS), _UNDECIDED)
        y = part["rival"].map(at)
        ax.axvline(0, color="#1d2733", lw=0.8, zorder=0)
        ax.hlines(y, part["ci_low"], part["ci_high"], color=colours, lw=2.2)
        ax.scatter(part["difference"], y, color=colours, s=26, edgecolor="white", zorder=3)
        ax.set(title=title, yticks=list(at.values()), yticklabels=[short(r, 28) for r in at])
        ax.set_ylim(-0.6, len(rivals) - 0.4)
        ax.grid(axis="x", color="#e5e8eb", lw=0.6)
        ax.tick_params(left=False)
    subject = comparison["subject"].iloc[0] if len(comparison) else ""
    figure.supxlabel(f"{subject} minus the other", fontsize=9)
    figure.tight_layout()
    return figure


@in_house_style
def reliability(reliability: pd.DataFrame, calibration: pd.DataFrame) -> Figure:
    """Draw accuracy against confidence, one panel a model; dots by number of signatures."""
    models = list(dict.fromkeys(reliability["model"]))
    columns = min(5, len(models))
    rows = -(-len(models) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(2.1 * columns, 2.25 * rows), sharex=True, sharey=True, squeeze=False
    )
    error = calibration.set_index("model")["ece"]
    for ax, name in zip(axes.flat, models, strict=False):
        part = reliability[reliability["model"] == name]
        colour = ROLE_COLOURS[part["role"].iloc[0]]
        ax.plot([0, 1], [0, 1], color="#b9c0c7", lw=0.8)
        ax.vlines(part["confidence"], part["ci_low"], part["ci_high"], color=colour, lw=1)
        size = 6 + 90 * part["n"] / part["n"].sum()
        ax.scatter(part["confidence"], part["accuracy"], s=size, color=colour, edgecolor="white")
        ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), aspect="equal")
        ax.set_title(f"{short(name, 20)}\nECE {error[name]:.3f}", fontsize=8, loc="center")
    for ax in axes.flat[len(models) :]:
        ax.set_visible(False)
    figure.supxlabel("confidence", fontsize=9)
    figure.supylabel("share right", fontsize=9)
    figure.tight_layout()
    return figure
