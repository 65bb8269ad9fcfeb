"""How good the models are: benchmark, confusion, training, planted truth, filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from svqvae import keys
from svqvae.pl import roles
from svqvae.pl.heatmap import Heatmap
from svqvae.pl.labels import labels, wrapped
from svqvae.pl.palette import colour_of
from svqvae.pl.style import FAINT, GRID, INK, ROLE_COLOURS, SEQUENTIAL, in_house_style
from svqvae.tl.evaluation.metrics import METRICS
from svqvae.tl.evaluation.recovery import QUANTITIES

#: Classes up to which shares are written into a confusion matrix, and width of its columns then.
_WRITTEN, _WIDE = 12, 22.0
#: Width of a page, in inches.
_PAGE = 7.2
_DASHES = ("-", "--", ":", "-.")
_CENTRED: dict[str, Any] = {"ha": "center", "va": "center"}


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
    figure, axes = _panels(len(drawn), summary["model"].nunique())
    # Models, then baselines, each as configured.
    by_role = summary.sort_values("role", ascending=False, kind="stable")
    order = list(dict.fromkeys(by_role["model"]))
    at = {name: i for i, name in enumerate(reversed(order))}
    for ax, (name, metric) in zip(axes, drawn.items(), strict=True):
        pooled = summary[summary["metric"] == name]
        y, colours = pooled["model"].map(at), pooled["role"].map(ROLE_COLOURS)
        _dots(ax, runs[runs["metric"] == name], at)
        ax.hlines(y, pooled["ci_low"], pooled["ci_high"], color=colours, lw=2)
        roles.values(ax, pooled["value"], y, pooled["role"])
        _rows(ax, at, f"{metric.title} {'↓' if metric.lower_is_better else '↑'}")
    roles.legend(figure, by_role["role"], (roles.INTERVAL, roles.SINGLE))
    return figure


def _panels(n: int, rows: int) -> tuple[Figure, list[Axes]]:
    """Return a figure of a page's width with panels side by side, and room for rows."""
    figure, axes = plt.subplots(
        1, n, figsize=(_PAGE, 0.95 + 0.24 * rows), sharey=True, squeeze=False, layout="constrained"
    )
    return figure, list(axes[0])


def _rows(ax: Axes, at: Mapping[str, int], title: str) -> None:
    """Name the rows of a panel, and the panel."""
    ax.set_title(wrapped(title, 60 // len(ax.figure.axes)), fontsize=8)
    ax.set(yticks=list(at.values()), yticklabels=labels(at, 34), ylim=(-0.6, len(at) - 0.4))
    ax.locator_params(axis="x", nbins=4)
    ax.grid(axis="x", color=GRID, lw=0.6)
    ax.tick_params(left=False)


def _dots(ax: Axes, table: pd.DataFrame, at: Mapping[str, int]) -> None:
    """Draw the single values of each model as small dots below its row."""
    y, colour = table["model"].map(at) - 0.22, table["role"].map(ROLE_COLOURS)
    ax.scatter(table["value"], y, s=9, color=colour, alpha=0.35, linewidth=0)


@in_house_style
def confusion(confusion: pd.DataFrame, clusters: pd.DataFrame | None = None) -> Figure:
    """Draw the share of each class's held-out signatures that went to each class.

    Parameters
    ----------
    confusion
        Table of :func:`svqvae.tl.evaluation.evaluate.confusion`: true x predicted.
    clusters
        Table of :func:`svqvae.tl.relations.stability.cluster_table`, in whose order classes stand.
    """
    of, order = None, list(confusion.index)
    if clusters is not None:
        of = clusters.set_index(keys.CLASS)[keys.CLUSTER]
        order = [name for name in of.index if name in confusion.index]
    shares = confusion.loc[order, order]
    high = max(0.3, float(shares.to_numpy().max(initial=0)))
    drawn = Heatmap(
        shares,
        label="share of the true class's held-out signatures",
        colours=SEQUENTIAL,
        low=0,
        high=high,
        clusters=of,
        column=_WIDE if len(order) <= _WRITTEN else None,
    )
    drawn.name_columns(order)
    drawn.strip_of_columns()
    drawn.ax.set_xlabel("predicted")
    drawn.ax.set_ylabel("true", labelpad=18 if of is not None else 4)
    if len(order) <= _WRITTEN:
        for row, column in np.ndindex(shares.shape):
            share = float(shares.iloc[row, column])
            colour = "white" if share > 0.6 * high else INK
            drawn.ax.text(column, row, f"{share:.2f}", color=colour, fontsize=6, **_CENTRED)
    return drawn.finished()


@in_house_style
def training(history: pd.DataFrame) -> Figure:
    """Draw each term of the objective over the epochs."""
    terms = [c for c in history.columns if c not in ("epoch", "lr")]
    figure, ax = plt.subplots(figsize=(6, 3.4))
    for k, term in enumerate(terms, start=1):
        # Told apart by the colour-blind too: dashes differ where colours come again.
        own: dict[str, Any] = {"color": colour_of(k), "lw": 1.3, "ls": _DASHES[k % len(_DASHES)]}
        emphasis = {"color": INK, "lw": 2} if term == "loss" else own
        ax.plot(history["epoch"], history[term], label=term, **emphasis)
    ax.axhline(0, color=FAINT, lw=0.6, zorder=0)
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
    models = list(dict.fromkeys(recovery["model"]))
    at = {name: i for i, name in enumerate(reversed(models))}
    figure, axes = _panels(len(QUANTITIES), len(models))
    for ax, quantity in zip(axes, QUANTITIES, strict=True):
        part = recovery[recovery["quantity"] == quantity]
        y = part["model"].map(at)
        ax.hlines(y, part["fold_min"], part["fold_max"], color=part["role"].map(ROLE_COLOURS), lw=2)
        roles.values(ax, part["value"], y, part["role"])
        # Index and correlations may lie below 0.
        least = np.nanmin(part[["value", "fold_min"]].to_numpy(float), initial=0.0)
        ax.set_xlim(least - 0.05, 1.05)
        _rows(ax, at, quantity.replace("_", " ").replace("auroc", "AUROC").replace("ari", "ARI"))
    roles.legend(figure, recovery["role"], (roles.RANGE,))
    return figure


@in_house_style
def realism(realism: pd.DataFrame) -> Figure:
    """Draw the two-sample test of simulated signatures, and their nearest held-out class."""
    models = list(dict.fromkeys(realism["model"]))
    at = {name: i for i, name in enumerate(reversed(models))}
    figure, axes = _panels(2, len(models))
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
        roles.values(ax, pooled["value"], y, pooled["role"])
        ax.set_xlim(-0.03, 1.03)
        _rows(ax, at, title)
    axes[0].axvline(0.5, color=INK, lw=0.8, zorder=0)
    real = realism[realism["quantity"] == "nearest_class_real"].drop_duplicates("model")
    axes[1].scatter(real["value"], real["model"].map(at), marker="|", s=160, color=INK)
    roles.legend(figure, realism["role"], (roles.INTERVAL, roles.CLASS, roles.REAL))
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
    ax.set_xlim(0, filters["signatures"].max() * 1.25)
    ax.locator_params(axis="x", nbins=5)
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.tick_params(left=False)
    return figure
