"""The response that all mechanisms share, and partial correlations given it."""

from __future__ import annotations

import numpy as np

#: A class never shares more than this of its code; keeps partial correlations defined.
_LIMIT = 0.98
#: Loadings stay above this, so that ratios to them exist.
_FLOOR = 1e-3
_ROUNDS = 30


def shared_loadings(correlation: np.ndarray) -> np.ndarray:
    """Return how much each class carries of the one response that all share.

    Parameters
    ----------
    correlation
        Classes x classes, diagonal 1.

    Returns
    -------
    ndarray
        Loadings a of the one-factor model r_ij = a_i a_j, between 0 and 1, fitted to the
        off-diagonal entries by alternating least absolute deviations, so that pairs which
        truly resemble each other do not move them: least squares, even with Huber weights,
        took planted pairs for the shared response where there was none. Zeros for fewer than
        four classes, where the model would explain everything.
    """
    n = len(correlation)
    if n < 4:
        return np.zeros(n)
    off = ~np.eye(n, dtype=bool)
    median = np.median(correlation[off].reshape(n, n - 1), axis=1)
    loading = np.clip(median / np.sqrt(max(np.median(median), _FLOOR**2)), _FLOOR, _LIMIT)
    for _ in range(_ROUNDS):
        # The slope through 0 of least absolute deviation is a weighted median of ratios.
        ratio = np.where(off, correlation / loading, np.inf)
        order = np.argsort(ratio, axis=1)
        weight = np.take_along_axis(np.where(off, loading, 0.0), order, axis=1).cumsum(axis=1)
        middle = (weight >= weight[:, -1:] / 2).argmax(axis=1)
        slope = np.take_along_axis(ratio, order, axis=1)[np.arange(n), middle]
        loading = np.clip((loading + np.clip(slope, 0, _LIMIT)) / 2, _FLOOR, _LIMIT)
    return np.asarray(loading)


def specific_correlations(correlation: np.ndarray) -> np.ndarray:
    """Return the correlations with the shared response held constant, diagonal 1.

    The partial correlation (r_ij - a_i a_j) / sqrt((1 - a_i^2) (1 - a_j^2)).
    """
    loading = shared_loadings(correlation)
    own = np.sqrt(1 - loading**2)
    specific = (correlation - np.outer(loading, loading)) / np.outer(own, own)
    specific = np.clip(specific, -1, 1)
    np.fill_diagonal(specific, 1.0)
    return specific
