"""The covariance within classes, shrunk, and its roots; unit rows, which it is taken of."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular

#: Least variance of unit rows in any direction: one signature a class leaves nothing within
#: classes, and nothing to divide by.
_FLOOR = 1e-9
#: Error of a variance of unit rows, of sums in float32.
_ROUNDING = 1e-6


def unit_rows(x: np.ndarray) -> np.ndarray:
    """Return the rows at length 1; rows of zeros stay zeros."""
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)


def within_class_root(
    square: np.ndarray, sums: np.ndarray, counts: np.ndarray, *, shrinkage: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the square root of the covariance within classes: its eigenvalues and vectors.

    ``scaled(vector, value)`` is the root, and with ``1 / value`` its inverse. The covariance S is
    pooled within classes and shrunk to ``(1 - shrinkage) S + shrinkage t I``, t its mean variance;
    the root is scaled by it, so that a shrinkage of 1 gives the identity.

    Parameters
    ----------
    square
        Genes x genes, float64: the sum of outer products of the rows.
    sums, counts
        Classes x genes and classes: sums of the rows and their numbers, float64.
    """
    shrunk, target = _shrunk(square, sums, counts, shrinkage)
    value, vector = np.linalg.eigh(shrunk)
    return np.sqrt(np.maximum(value, _FLOOR) / target), vector


def symmetric_whitening(
    square: np.ndarray, sums: np.ndarray, counts: np.ndarray, *, shrinkage: float
) -> np.ndarray:
    """Return the inverse of :func:`within_class_root`, which rows are multiplied by.

    Of all matrices that make the covariance the identity it moves rows the least, so that those of
    two sets, as of all compounds and of most of them, have the same directions.
    """
    root, vector = within_class_root(square, sums, counts, shrinkage=shrinkage)
    return scaled(vector, 1 / root)


def triangular_whitening(
    square: np.ndarray, sums: np.ndarray, counts: np.ndarray, *, shrinkage: float
) -> np.ndarray:
    """Return the same up to a rotation, in a quarter of the time, by a Cholesky factor.

    Enough where rows are compared with rows. Where shrinkage does not keep all eigenvalues above
    what rounding may leave of them, they have to be known, and the symmetric one is returned.
    """
    shrunk, target = _shrunk(square, sums, counts, shrinkage)
    if shrinkage * target < _ROUNDING:
        return symmetric_whitening(square, sums, counts, shrinkage=shrinkage)
    factor = np.linalg.cholesky(shrunk / target)
    return np.asarray(solve_triangular(factor, np.eye(len(factor)), lower=True).T)


def _shrunk(
    square: np.ndarray, sums: np.ndarray, counts: np.ndarray, shrinkage: float
) -> tuple[np.ndarray, float]:
    """Return the shrunk covariance within classes, and its mean variance."""
    within = square - sums.T @ (sums / counts[:, None])
    within /= max(1.0, counts.sum() - len(counts))
    target = max(float(np.trace(within)) / len(within), _FLOOR)
    return (1 - shrinkage) * within + shrinkage * target * np.eye(len(within)), target


def scaled(vector: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return ``(vector * value) @ vector.T``, symmetric to the last digit."""
    product = (vector * value) @ vector.T
    return (product + product.T) / 2


def conditional_mean(w: np.ndarray, x: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return rows with what is not known of them at its mean given what is known, E[x_m | x_o].

    Of normal rows of mean 0 whose covariance is a multiple of that which ``w`` whitens. It is what
    makes the whitened row shortest.

    Parameters
    ----------
    w
        Symmetric whitening, genes x genes.
    x, known
        Rows x genes, and which of their values are known; of a row without any, none is filled in.
    """
    filled = np.where(known, x, 0.0)
    patterns, of_row = np.unique(np.packbits(known, axis=1), axis=0, return_inverse=True)
    precision = w.astype(np.float64) @ w
    covariance = None
    for at in range(len(patterns)):
        rows = np.flatnonzero(of_row.ravel() == at)
        has = known[rows[0]]
        lost = ~has
        if has.all() or not has.any():
            continue
        given = filled[np.ix_(rows, has)].T
        # Two forms of the same; the smaller system is solved.
        if has.sum() < lost.sum():
            covariance = np.linalg.inv(precision) if covariance is None else covariance
            weight = np.linalg.solve(covariance[np.ix_(has, has)], given)
            found = covariance[np.ix_(lost, has)] @ weight
        else:
            pull = precision[np.ix_(lost, has)] @ given
            found = -np.linalg.solve(precision[np.ix_(lost, lost)], pull)
        filled[np.ix_(rows, lost)] = found.T
    return filled
