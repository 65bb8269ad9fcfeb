"""Intervals from bootstraps that draw whole compounds."""

from __future__ import annotations

import numpy as np

LEVEL = 0.95


def cluster_weights(group: np.ndarray, *, draws: int, seed: int = 0) -> np.ndarray:
    """Return bootstrap weights, draws x rows, that resample whole groups (perturbagens).

    A row's weight is how often its group was drawn; within a draw the weights of the groups
    sum to the number of groups.

    Examples
    --------
    >>> cluster_weights(np.array(["a", "a", "b", "c"]), draws=2).tolist()
    [[1, 1, 1, 1], [0, 0, 0, 3]]
    """
    _, at = np.unique(group, return_inverse=True)
    n = int(at.max()) + 1
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws)
    return counts[:, at]


def percentile_interval(draws: np.ndarray, *, level: float = LEVEL) -> tuple[float, float]:
    """Return the percentile interval of bootstrap draws, ignoring undefined ones.

    Examples
    --------
    >>> low, high = percentile_interval(np.arange(101.0))
    >>> round(low, 1), high
    (2.5, 97.5)
    """
    low, high = np.nanquantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
