"""Calibration of probabilities on held-out compounds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.tl.evaluation.resampling import cluster_weights, percentile_interval

BINS = 10


def reliability(
    scores: pd.DataFrame, *, draws: int = 1000, seed: int = 0
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Compare the confidence in the first class with how often it is right.

    Parameters
    ----------
    scores
        Held-out scores of one model: pert_id (compound), true_rank, confidence. Seeds are
        pooled: each is a model of its own, evaluated on the same signatures.

    Returns
    -------
    bins
        bin (from 0), low, high, n, confidence, accuracy, ci_low, ci_high: means within ten bins of
        equal width, with a bootstrap interval of the accuracy over compounds; empty bins left out.
    error
        ece, ece_low, ece_high: the expected calibration error ``sum_b n_b / N |accuracy -
        confidence|`` (Guo et al. 2017) and its bootstrap interval over compounds. Where few
        compounds fill a bin the error of a perfect model is above 0 too.
    """
    confidence = scores["confidence"].to_numpy()
    right = (scores["true_rank"] == 1).to_numpy(dtype=float)
    at = np.minimum((confidence * BINS).astype(int), BINS - 1)
    compound, _ = pd.factorize(scores[keys.PERT_ID])
    # Sums of each compound in each bin: what every draw is a weighted sum of.
    cell = compound * BINS + at
    shape = (compound.max() + 1, BINS)
    n, confident, correct = (
        np.bincount(cell, weights=w, minlength=shape[0] * BINS).reshape(shape)
        for w in (np.ones(len(at)), confidence, right)
    )
    weights = cluster_weights(np.arange(shape[0]), draws=draws, seed=seed)
    weights = np.vstack([np.ones((1, shape[0])), weights])
    n, confident, correct = weights @ n, weights @ confident, weights @ correct
    error = np.abs(correct - confident).sum(1) / n.sum(1)
    low, high = percentile_interval(error[1:])
    rows = []
    for one in np.flatnonzero(n[0]):
        with np.errstate(invalid="ignore"):
            accuracy = correct[:, one] / n[:, one]
        interval = percentile_interval(accuracy[1:])
        rows.append(
            {
                "bin": int(one),
                "low": one / BINS,
                "high": (one + 1) / BINS,
                "n": int(n[0, one]),
                "confidence": confident[0, one] / n[0, one],
                "accuracy": accuracy[0],
                "ci_low": interval[0],
                "ci_high": interval[1],
            }
        )
    return pd.DataFrame(rows), {"ece": float(error[0]), "ece_low": low, "ece_high": high}
