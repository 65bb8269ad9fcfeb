"""Intervals from models that each left a part of the perturbagens out, and from bootstraps."""

from __future__ import annotations

import numpy as np
from scipy import stats
from scipy.optimize import brentq
from scipy.special import digamma, polygamma

LEVEL = 0.95


def jackknife_se(replicates: np.ndarray) -> np.ndarray:
    """Return the delete-a-group jackknife standard error of an estimate.

    Parameters
    ----------
    replicates
        Groups x ...: the estimate computed without each of g groups of equal size in turn.

    Notes
    -----
    ``se^2 = (g - 1) / g * sum_j (theta_(j) - mean)^2`` (Kott 2001; Efron 1982). The models of
    the folds are these replicates: each was trained without one fold of perturbagens.
    """
    g = len(replicates)
    spread = ((replicates - replicates.mean(0)) ** 2).sum(0)
    return np.sqrt((g - 1) / g * spread)


def moderate_variances(variance: np.ndarray, *, df: int) -> tuple[np.ndarray, float]:
    """Shrink many variances of few degrees of freedom toward their common value.

    Parameters
    ----------
    variance
        One for each of many estimates of the same kind, each with ``df`` degrees of freedom.

    Returns
    -------
    variance, df
        The moderated variances and their degrees of freedom, infinite where the variances
        differ no more than chance would have it.

    Notes
    -----
    Empirical Bayes by the moments of log variances (Smyth 2004, section 6.2), as in limma.
    """
    positive = np.maximum(variance, 1e-12)
    e = np.log(positive) - digamma(df / 2) + np.log(df / 2)
    excess = float(np.var(e, ddof=1) - polygamma(1, df / 2)) if len(e) > 1 else 0.0
    if excess <= 0:
        return np.full_like(positive, np.exp(e.mean())), np.inf
    # trigamma falls from infinity to 0: one root, beyond 1e8 as good as infinite.
    prior = 2 * brentq(lambda d: float(polygamma(1, d)) - excess, 1e-4, 1e8)
    common = np.exp(e.mean() + digamma(prior / 2) - np.log(prior / 2))
    return (prior * common + df * positive) / (prior + df), prior + df


def t_interval(
    estimate: np.ndarray, se: np.ndarray, *, df: float, level: float = LEVEL
) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of an estimate with a standard error of ``df`` degrees of freedom."""
    half = stats.t.ppf((1 + level) / 2, df) * se
    return estimate - half, estimate + half


def cluster_weights(group: np.ndarray, *, draws: int, seed: int = 0) -> np.ndarray:
    """Return bootstrap weights, draws x rows, that resample whole groups (perturbagens).

    A row's weight is how often its group was drawn; within a draw the weights of the groups
    sum to the number of groups.
    """
    _, at = np.unique(group, return_inverse=True)
    n = int(at.max()) + 1
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws)
    return counts[:, at]


def percentile_interval(draws: np.ndarray, *, level: float = LEVEL) -> tuple[float, float]:
    """Return the percentile interval of bootstrap draws, ignoring undefined ones."""
    low, high = np.nanquantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
