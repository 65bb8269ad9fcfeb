"""The covariance within classes, shrunk, and its roots; unit rows, which it is taken of."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.linalg import lu_factor, lu_solve, solve_triangular

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
    patterns: dict[bytes, list[int]] = {}
    for at, row in enumerate(np.packbits(known, axis=1)):
        patterns.setdefault(row.tobytes(), []).append(at)
    normal = _Normal(w.astype(np.float64), n_patterns=len(patterns))
    for rows in patterns.values():
        has = known[rows[0]]
        lost = ~has
        if has.all() or not has.any():
            continue
        given = filled[np.ix_(rows, has)].T
        # Two forms of the same; the smaller system is solved.
        if has.sum() < lost.sum():
            columns = normal.covariance(has)
            found = columns[lost] @ np.linalg.solve(columns[has], given)
        else:
            pull = normal.precision(lost)
            found = -np.linalg.solve(pull[:, lost], pull[:, has] @ given)
        filled[np.ix_(rows, lost)] = found.T
    return filled


class _Normal:
    """A normal distribution by its whitening: parts of its precision and of its covariance.

    Of few genes they are computed for these alone, which takes a tenth of the time; of many, or
    of many patterns, once for all.
    """

    def __init__(self, w: np.ndarray, *, n_patterns: int) -> None:
        self.w, self.n_patterns = w, n_patterns

    def _are_few(self, genes: np.ndarray) -> bool:
        return self.n_patterns * int(genes.sum()) < len(self.w)

    def precision(self, genes: np.ndarray) -> np.ndarray:
        """Return rows of the precision, of a mask of genes."""
        return self.w[genes] @ self.w if self._are_few(genes) else self._precision[genes]

    def covariance(self, genes: np.ndarray) -> np.ndarray:
        """Return columns of the covariance, of a mask of genes."""
        if not self._are_few(genes):
            return self._covariance[:, genes]
        some = np.eye(len(self.w))[:, genes]
        return np.asarray(lu_solve(self._factor, lu_solve(self._factor, some)))

    @cached_property
    def _precision(self) -> np.ndarray:
        return self.w @ self.w

    @cached_property
    def _covariance(self) -> np.ndarray:
        return np.linalg.inv(self._precision)

    @cached_property
    def _factor(self) -> tuple[np.ndarray, np.ndarray]:
        return lu_factor(self.w)
