"""Predictions of the signatures that a model is surest of: accuracy by coverage."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.tl.evaluation.resampling import cluster_weights, percentile_interval

#: Shares of the signatures that are answered, and those that tables and figures name.
COVERAGES = tuple(k / 20 for k in range(1, 21))
NAMED = (0.1, 0.2, 0.5)
#: Weights (draws x signatures) held at a time.
_MOST = 5_000_000


def risk_coverage(
    scores: Mapping[str, Mapping[str, pd.DataFrame]],
    *,
    roles: Mapping[str, str],
    subject: str,
    draws: int = 1000,
) -> pd.DataFrame:
    """Return each model's accuracy on what it is surest of, at every coverage.

    Parameters
    ----------
    scores
        By what is predicted (signature or compound), the held-out scores of each model: pert_id,
        seed, true_rank, confidence.
    subject
        The model that the others are compared with.

    Returns
    -------
    DataFrame
        unit (signature or compound), model, role, coverage, n (predictions that are answered),
        confidence (the least among them), accuracy, ci_low, ci_high, subject, difference (the
        model minus the subject at the same coverage), difference_low, difference_high: 95 %
        intervals of the paired bootstrap over compounds.
    """
    rows = []
    for unit, tables in scores.items():
        drawn = {m: accuracy_at(table, draws=draws) for m, table in tables.items()}
        for model, accuracy in drawn.items():
            confidence = np.sort(tables[model]["confidence"].to_numpy())[::-1]
            n_seeds = tables[model][keys.SEED].nunique()
            apart = accuracy - drawn[subject]
            for k, coverage in enumerate(COVERAGES):
                n = max(1, round(coverage * len(confidence)))
                low, high = percentile_interval(accuracy[1:, k])
                difference_low, difference_high = percentile_interval(apart[1:, k])
                rows.append(
                    {
                        "unit": unit,
                        "model": model,
                        "role": roles[model],
                        "coverage": coverage,
                        "n": max(1, round(n / n_seeds)),
                        "confidence": confidence[n - 1],
                        "accuracy": accuracy[0, k],
                        "ci_low": low,
                        "ci_high": high,
                        "subject": subject,
                        "difference": apart[0, k],
                        "difference_low": difference_low,
                        "difference_high": difference_high,
                    }
                )
    return pd.DataFrame(rows)


def accuracy_at(scores: pd.DataFrame, *, draws: int = 1000, seed: int = 0) -> np.ndarray:
    """Return the accuracy at every coverage, first the estimate and then bootstrap draws.

    Parameters
    ----------
    scores
        Held-out scores of one model. Seeds are averaged within a draw.

    Returns
    -------
    ndarray
        (1 + draws) x coverages. Compounds are drawn, the same ones for models that are scored on
        the same. Where predictions of one confidence are answered in part, each has the same
        share in the answer: the mean over all orders in which they could stand.
    """
    per_seed = [_of_seed(part, draws, seed) for _, part in scores.groupby(keys.SEED)]
    return np.asarray(np.mean(per_seed, axis=0))


def _of_seed(scores: pd.DataFrame, draws: int, seed: int) -> np.ndarray:
    compound, names = pd.factorize(scores[keys.PERT_ID], sort=True)
    times = cluster_weights(np.arange(len(names)), draws=draws, seed=seed)
    times = np.vstack([np.ones((1, len(names))), times])
    order = np.argsort(-scores["confidence"].to_numpy(), kind="stable")
    confidence = scores["confidence"].to_numpy()[order]
    right = (scores["true_rank"] == 1).to_numpy(dtype=float)[order]
    # The last of each run of equal confidence: between these, sums grow evenly.
    ends = np.flatnonzero(np.append(np.diff(confidence) != 0, True))
    at_a_time = max(1, _MOST // len(order))
    parts = [
        _curves(times[start : start + at_a_time][:, compound[order]], right, ends)
        for start in range(0, len(times), at_a_time)
    ]
    return np.concatenate(parts)


def _curves(weight: np.ndarray, right: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return the accuracy at each coverage of weighted predictions, the surest first."""
    answered = np.cumsum(weight, axis=1)[:, ends]
    correct = np.cumsum(weight * right, axis=1)[:, ends]
    found = np.empty((len(weight), len(COVERAGES)))
    for row, (n, n_right) in enumerate(zip(answered, correct, strict=True)):
        wanted = np.array(COVERAGES) * n[-1]
        found[row] = np.interp(wanted, np.append(0, n), np.append(0, n_right)) / wanted
    return found
