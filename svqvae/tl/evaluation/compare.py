"""Models side by side: metrics with intervals, and paired differences."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.tl.evaluation.metrics import METRICS, Metric, measured
from svqvae.tl.evaluation.resampling import cluster_weights, percentile_interval

#: For each model and metric, the estimate and then its bootstrap draws.
Draws = Mapping[str, Mapping[str, np.ndarray]]


def _sums(scores: pd.DataFrame, metrics: Mapping[str, Metric]) -> pd.DataFrame:
    """Return what the metrics are made of, summed within each perturbagen and class.

    Of each metric the sum of the values, and ``n_`` and its name, how many there are.
    """
    parts = {keys.PERT_ID: scores[keys.PERT_ID], keys.CLASS: scores[keys.CLASS]}
    for name, metric in metrics.items():
        value = metric.of(scores)
        parts |= {name: value, f"n_{name}": value.notna().astype(float)}
    grouped = pd.DataFrame(parts).groupby([keys.PERT_ID, keys.CLASS], as_index=False, sort=True)
    return grouped.sum()


def _weighted_metrics(
    sums: pd.DataFrame, weights: np.ndarray, metrics: Mapping[str, Metric]
) -> dict[str, np.ndarray]:
    """Return each metric once per row of ``weights`` (draws x rows of ``sums``).

    Class-balanced metrics are means over the classes that have weight in a draw. A metric is
    missing where no signature has a value.
    """
    code, classes = pd.factorize(sums[keys.CLASS])
    one_hot = np.eye(len(classes))[code]
    weights = weights.astype(float)
    found = {}
    for name, metric in metrics.items():
        value, n = sums[name].to_numpy(), sums[f"n_{name}"].to_numpy()
        with np.errstate(invalid="ignore", divide="ignore"):
            if metric.balanced:
                per_class = (weights * n) @ one_hot
                found[name] = np.nanmean((weights * value) @ one_hot / per_class, axis=1)
            else:
                found[name] = np.asarray(weights @ value / (weights @ n))
    return found


def benchmark(scores: pd.DataFrame, *, model: str, role: str) -> pd.DataFrame:
    """Return benchmark rows: model, role, fold, seed, metric, value; one per fold and seed."""
    rows, metrics = [], measured(scores)
    for (fold, seed), part in scores.groupby([keys.FOLD, keys.SEED], sort=True):
        sums = _sums(part, metrics)
        value = _weighted_metrics(sums, np.ones((1, len(sums))), metrics)
        rows += [(model, role, fold, seed, name, float(value[name][0])) for name in metrics]
    return pd.DataFrame(rows, columns=["model", "role", keys.FOLD, keys.SEED, "metric", "value"])


def bootstrap_metrics(
    scores: Mapping[str, pd.DataFrame],
    *,
    metrics: Mapping[str, Metric] | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> Draws:
    """Return each model's metrics over all held-out signatures, and in bootstrap draws.

    Perturbagens are drawn, the same ones for every model, so that differences are paired. Seeds
    are averaged within a draw.

    Parameters
    ----------
    scores
        Held-out scores of each model, from :func:`svqvae.tl.evaluation.evaluate.score_held_out`,
        all folds and seeds.
    metrics
        By default those that the scores have the columns of.
    """
    drawn = {}
    if metrics is None:
        # Models of a data set are scored on the same signatures.
        metrics = measured(next(iter(scores.values()))) if scores else {}
    for name, table in scores.items():
        per_seed = []
        for _, part in table.groupby(keys.SEED):
            sums = _sums(part, metrics)
            weights = cluster_weights(sums[keys.PERT_ID].to_numpy(), draws=draws, seed=seed)
            # The first row, all ones, is the estimate itself.
            weights = np.vstack([np.ones((1, len(sums))), weights])
            per_seed.append(_weighted_metrics(sums, weights, metrics))
        drawn[name] = {m: np.mean([s[m] for s in per_seed], axis=0) for m in metrics}
    return drawn


def summarise(drawn: Draws, *, roles: Mapping[str, str], reference: str) -> pd.DataFrame:
    """Return each model's metrics with intervals, and what sets it apart from the reference.

    Parameters
    ----------
    drawn
        From :func:`bootstrap_metrics`.
    reference
        Name of the model (usually the cosine class mean) that the others are compared with.

    Returns
    -------
    DataFrame
        model, role, metric, value, ci_low, ci_high, difference, difference_low,
        difference_high. ``value`` pools the folds.
    """
    rows = []
    for name, metrics in drawn.items():
        for metric in metrics:
            value, difference = metrics[metric], metrics[metric] - drawn[reference][metric]
            rows.append(
                {
                    "model": name,
                    "role": roles[name],
                    "metric": metric,
                    "value": value[0],
                    **_interval("ci", value[1:]),
                    "difference": difference[0],
                    **_interval("difference", difference[1:]),
                }
            )
    return pd.DataFrame(rows)


def compare(drawn: Draws, *, roles: Mapping[str, str], subject: str) -> pd.DataFrame:
    """Return the subject minus each other model, draw by draw.

    Returns
    -------
    DataFrame
        subject, rival, role (of the rival), metric, difference, ci_low, ci_high, better: the share
        of draws in which the subject is better, which of the errors is lower.
    """
    rows = []
    for rival, metrics in drawn.items():
        if rival == subject:
            continue
        for metric in metrics:
            difference = drawn[subject][metric] - metrics[metric]
            ahead = -difference if METRICS[metric].lower_is_better else difference
            rows.append(
                {
                    "subject": subject,
                    "rival": rival,
                    "role": roles[rival],
                    "metric": metric,
                    "difference": difference[0],
                    **_interval("ci", difference[1:]),
                    "better": float((ahead[1:] > 0).mean()),
                }
            )
    columns = ["subject", "rival", "role", "metric", "difference", "ci_low", "ci_high", "better"]
    return pd.DataFrame(rows, columns=columns)


def _interval(prefix: str, draws: np.ndarray) -> dict[str, float]:
    low, high = percentile_interval(draws)
    return {f"{prefix}_low": low, f"{prefix}_high": high}
