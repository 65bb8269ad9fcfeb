"""Intervals from models that each left a part of the perturbagens out, and from bootstraps."""

from __future__ import annotations

import numpy as np
from scipy import stats

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


def t_interval(
    estimate: np.ndarray, se: np.ndarray, *, groups: int, level: float = LEVEL
) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of an estimate with a jackknife standard error of ``groups`` groups."""
    half = stats.t.ppf((1 + level) / 2, groups - 1) * se
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
