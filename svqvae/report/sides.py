"""Models side by side: every pair's difference with its interval, who is level, and chance."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.tl.evaluation.by_compound import RANKED, compound_scores
from svqvae.tl.evaluation.compare import Draws, bootstrap_metrics
from svqvae.tl.evaluation.metrics import METRICS
from svqvae.tl.evaluation.resampling import percentile_interval

#: By which headlines compare models: a mean over signatures, at the end that serves it.
HEADLINE = "mrr_micro"
_FIRST = ("balanced_accuracy", "balanced_accuracy_macro", "balanced_accuracy_micro")


def differences(scores: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the difference between each two models by each metric, with its interval.

    Parameters
    ----------
    scores
        held_out_scores.tsv of each model.

    Returns
    -------
    DataFrame
        model, other, metric, difference (model minus other), ci_low, ci_high: 95 % intervals of
        the paired bootstrap over compounds, by the same draws as benchmark_comparisons.tsv.
    """
    return _between(bootstrap_metrics(scores))


def differences_by_compound(predictions: Mapping[str, pd.DataFrame | None]) -> pd.DataFrame | None:
    """Return the same of compounds; None where some model has no predictions of them.

    Parameters
    ----------
    predictions
        compound_predictions.tsv of each model.
    """
    found = {m: table for m, table in predictions.items() if table is not None and len(table)}
    if not found or len(found) < len(predictions):
        return None
    scores = {m: compound_scores(table) for m, table in found.items()}
    return _between(bootstrap_metrics(scores, metrics=RANKED))


def headline_metric(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return the metric of headlines; compounds are ranked by the models' own balance alone."""
    return "mrr" if heads_by_compound(tables) else HEADLINE


def heads_by_compound(tables: Mapping[str, pd.DataFrame]) -> bool:
    """Return whether what is said of compounds comes first: most have several signatures."""
    table = tables.get("benchmark_by_compound")
    return table is not None and bool((table["signatures_per_compound"] > 1).any())


def headline(
    tables: Mapping[str, pd.DataFrame],
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return scores and differences that come first: of compounds, or of signatures."""
    if heads_by_compound(tables):
        return tables["benchmark_by_compound"], tables.get("differences_by_compound")
    return tables.get("benchmark_summary"), tables.get("differences")


def _between(drawn: Draws) -> pd.DataFrame:
    """Return the differences between each two models, from draws."""
    rows = []
    for model, other in combinations(drawn, 2):
        for metric in drawn[model]:
            difference = drawn[model][metric] - drawn[other][metric]
            if not np.isnan(difference[0]):
                low, high = percentile_interval(difference[1:])
                rows.append((model, other, metric, float(difference[0]), low, high))
    names = ["model", "other", "metric", "difference", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=names)


def standing(
    summary: pd.DataFrame, pairs: pd.DataFrame, metric: str = HEADLINE
) -> tuple[pd.DataFrame, list[str]]:
    """Return the models sorted by a metric, and those that are level with the first of them.

    Level is every model whose paired difference to the first has an interval that holds 0; one
    without such an interval (a model that was not compared) is level too, as nothing sets it apart.
    """
    lower = METRICS[metric].lower_is_better
    rows = summary[(summary["metric"] == metric) & summary["value"].notna()]
    rows = rows.sort_values("value", ascending=lower, kind="stable")
    if rows.empty:
        return rows, []
    first = str(rows["model"].iloc[0])
    mine = pairs[
        (pairs["metric"] == metric) & ((pairs["model"] == first) | (pairs["other"] == first))
    ]
    apart = mine[(mine["ci_low"] > 0) | (mine["ci_high"] < 0)]
    behind = {*apart["model"], *apart["other"]} - {first}
    return rows, [str(m) for m in rows["model"] if m not in behind]


def chance(
    tables: Mapping[str, pd.DataFrame], scores: pd.DataFrame | None = None
) -> dict[str, float]:
    """Return what no evidence gives, for the metrics that it is defined for.

    Where classes count alike, of ``n`` classes ranked at random the first is right in 1 / n, and
    the mean reciprocal rank is (1 + 1/2 + ... + 1/n) / n. Where signatures count alike, who ranks
    classes by their size does better: with p_1 >= p_2 >= ... the classes' shares, p_1 and
    p_1 + p_2 / 2 + p_3 / 3 + ...

    Parameters
    ----------
    scores
        held_out_scores.tsv of any model, for the shares; without it the classes are of one size.
    """
    filters = tables.get("filters")
    if filters is None or not len(filters) or filters["classes"].iloc[-1] < 1:
        return {}
    n = int(filters["classes"].iloc[-1])
    alike = np.full(n, 1 / n)
    shares = alike if scores is None else _shares(scores, compounds=heads_by_compound(tables))
    return {
        "accuracy": float(shares[0]),
        **dict.fromkeys(_FIRST, 1 / n),
        "balanced_top5": min(1.0, 5 / n),
        "mrr_macro": _reciprocal_rank(alike),
        **dict.fromkeys(("mrr", "mrr_micro"), _reciprocal_rank(shares)),
    }


def _shares(scores: pd.DataFrame, *, compounds: bool) -> np.ndarray:
    """Return the classes' shares of signatures or of compounds, the largest first."""
    one = scores.drop_duplicates([keys.PERT_ID, keys.CLASS]) if compounds else scores
    return one[keys.CLASS].astype(str).value_counts(normalize=True).to_numpy()


def _reciprocal_rank(shares: np.ndarray) -> float:
    return float((shares / np.arange(1, len(shares) + 1)).sum())
