"""How good the models are: benchmark, confusion, training, planted truth, filters."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from svqvae.pl.style import ROLE_COLOURS, SEQUENTIAL, in_house_style, short
from svqvae.tl.evaluation.metrics import METRICS
from svqvae.tl.evaluation.recovery import QUANTITIES


@in_house_style
def benchmark(summary: pd.DataFrame, runs: pd.DataFrame) -> Figure:
    """Draw each metric: dots for folds and seeds, a bar for the pooled value's 95 % interval.

    Parameters
    ----------
    summary
        Table of :func:`svqvae.tl.evaluation.compare.summarise`.
    runs
        Table of :func:`svqvae.tl.evaluation.compare.benchmark`, of all models.
    """
    drawn = {name: metric for name, metric in METRICS.items() if metric.drawn}
    figure, axes = plt.subplots(
        1, len(drawn), figsize=(11, 0.7 + 0.36 * summary["model"].nunique()), sharey=True
    )
    # Models, then baselines, each as configured.
    by_role = summary.sort_values("role", ascending=False, kind="stable")
    order = list(dict.fromkeys(by_role["model"]))
    for ax, (name, metric) in zip(axes, drawn.items(), strict=True):
        pooled = summary[summary["metric"] == name].set_index("model").loc[order]
        single = runs[runs["metric"] == name]
        at = {name: i for i, name in enumerate(reversed(order))}
        colours = pooled["role"].map(ROLE_COLOURS)
        _dots(ax, single, at)
        for model, row in pooled.iterrows():
            ax.plot(
                [row["ci_low"], row["ci_high"]],
                [at[model]] * 2,
                color=colours[model],
                lw=2,
                solid_capstyle="butt",
            )
            ax.plot(row["value"], at[model], "D", color=colours[model], ms=5, mec="white")
        title = f"{metric.title} {'↓' if metric.lower_is_better else '↑'}"
        ax.set(title=title, yticks=list(at.values()), yticklabels=list(at))
        ax.set_ylim(-0.6, len(order) - 0.4)
        ax.grid(axis="x", color="#e5e8eb", lw=0.6)
        ax.tick_params(left=False)
    figure.tight_layout()
    return figure


def _dots(ax: Axes, table: pd.DataFrame, at: Mapping[str, int]) -> None:
    """Draw the single values of each model as small dots below its row."""
    y, colour = table["model"].map(at) - 0.22, table["role"].map(ROLE_COLOURS)
    ax.scatter(table["value"], y, s=9, color=colour, alpha=0.35, linewidth=0)


@in_house_style
def confusion(confusion: pd.DataFrame) -> Figure:
    """Draw the share of each class's held-out signatures that went to each class."""
    n = len(confusion)
    size = float(np.clip(2.5 + 0.16 * n, 4.5, 12))
    labels = [short(c, 34) for c in confusion.index]
    figure, ax = plt.subplots(figsize=(size + 1.2, size))
    sns.heatmap(
        confusion.set_axis(labels, axis=0).set_axis(labels, axis=1),
        cmap=SEQUENTIAL,
        vmin=0,
        vmax=max(0.3, float(confusion.to_numpy().max())),
        square=True,
        ax=ax,
        cbar_kws={"label": "share of held-out signatures", "shrink": 0.6},
        rasterized=True,
        xticklabels=n <= 60,
        yticklabels=n <= 100,
        annot=n <= 12,
        fmt=".2f",
    )
    ax.set(xlabel="predicted", ylabel="true")
    ax.tick_params(labelsize=6.5, length=0)
    return figure


@in_house_style
def training(history: pd.DataFrame) -> Figure:
    """Draw each term of the objective over the epochs."""
    terms = [c for c in history.columns if c not in ("epoch", "lr")]
    figure, ax = plt.subplots(figsize=(6, 3.4))
    for term, colour in zip(terms, sns.color_palette("deep", len(terms)), strict=True):
        emphasis = {"lw": 2, "color": "#1d2733"} if term == "loss" else {"lw": 1.2, "color": colour}
        ax.plot(history["epoch"], history[term], label=term, **emphasis)
    ax.axhline(0, color="#b9c0c7", lw=0.6, zorder=0)
    ax.set(xlabel="epoch", ylabel="term of the objective")
    ax.legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


@in_house_style
def recovery(recovery: pd.DataFrame) -> Figure:
    """Draw how much of the planted truth each model found, and the range over fold models.

    Parameters
    ----------
    recovery
        model, role and the columns of :func:`svqvae.tl.evaluation.recovery.recovery`.
    """
    quantities = list(QUANTITIES)
    models = list(dict.fromkeys(recovery["model"]))
    figure, axes = plt.subplots(
        1, len(quantities), figsize=(11, 0.9 + 0.34 * len(models)), sharey=True
    )
    for ax, quantity in zip(axes, quantities, strict=True):
        part = recovery[recovery["quantity"] == quantity].set_index("model").loc[models]
        y = np.arange(len(models))[::-1]
        colours = part["role"].map(ROLE_COLOURS)
        ax.hlines(y, part["fold_min"], part["fold_max"], color=colours, lw=2.5)
        ax.scatter(part["value"], y, color=colours, marker="D", s=28, edgecolor="white", zorder=3)
        # Index and correlations may lie below 0.
        least = np.nanmin(part[["value", "fold_min"]].to_numpy(float), initial=0.0)
        limits = (least - 0.05, 1.05)
        ax.set(title=quantity.replace("_", " "), xlim=limits, yticks=y, yticklabels=models)
        ax.grid(axis="x", color="#e5e8eb", lw=0.6)
        ax.tick_params(left=False)
    figure.tight_layout()
    return figure


@in_house_style
def realism(realism: pd.DataFrame) -> Figure:
    """Draw the two-sample test of simulated signatures, and their nearest held-out class."""
    models = list(dict.fromkeys(realism["model"]))
    at = {name: i for i, name in enumerate(reversed(models))}
    figure, axes = plt.subplots(1, 2, figsize=(9, 1.1 + 0.4 * len(models)), sharey=True)
    titles = {
        "auc": "two-sample test (AUC) ↓",
        "nearest_class": "nearest real one is of the class ↑",
    }
    for ax, (quantity, title) in zip(axes, titles.items(), strict=True):
        part = realism[realism["quantity"] == quantity]
        # The first row of each model is over all classes; a class may be called "all" too.
        is_pooled = ~part.duplicated("model")
        of_class, pooled = part[~is_pooled], part[is_pooled]
        _dots(ax, of_class, at)
        y, colours = pooled["model"].map(at), pooled["role"].map(ROLE_COLOURS)
        ax.hlines(y, pooled["ci_low"], pooled["ci_high"], color=colours, lw=2)
        ax.scatter(pooled["value"], y, color=colours, marker="D", s=28, edgecolor="white", zorder=3)
        ax.set(title=title, xlim=(-0.03, 1.03), yticks=list(at.values()), yticklabels=list(at))
        ax.set_ylim(-0.6, len(models) - 0.4)
        ax.grid(axis="x", color="#e5e8eb", lw=0.6)
        ax.tick_params(left=False)
    axes[0].axvline(0.5, color="#1d2733", lw=0.8, zorder=0)
    real = realism[realism["quantity"] == "nearest_class_real"].drop_duplicates("model")
    axes[1].scatter(real["value"], real["model"].map(at), marker="|", s=160, color="#1d2733")
    figure.tight_layout()
    return figure


@in_house_style
def filters(filters: pd.DataFrame) -> Figure:
    """Draw how many signatures were left after each step."""
    figure, ax = plt.subplots(figsize=(7, 0.7 + 0.32 * len(filters)))
    y = np.arange(len(filters))[::-1]
    ax.barh(y, filters["signatures"], color="#7fa3b8", height=0.65)
    ax.barh(y, filters["dropped"], left=filters["signatures"], color="#e4d4c8", height=0.65)
    for at, row in zip(y, filters.itertuples(), strict=True):
        text = f" {row.signatures:,}" + (f"  (-{row.dropped:,})" if row.dropped > 0 else "")
        ax.text(row.signatures + max(row.dropped, 0), at, text, va="center", fontsize=7)
    ax.set(yticks=y, yticklabels=filters["step"], xlabel="signatures left (dropped in brackets)")
    ax.set_xlim(0, filters["signatures"].max() * 1.18)
    ax.tick_params(left=False)
    return figure
