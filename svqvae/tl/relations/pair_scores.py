"""Scores of pairs of classes: similarity of the held-out members of each to the other."""

from __future__ import annotations

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from svqvae.tl.relations.similarity import HeldOutSimilarity

#: Rounds of the alternating fit.
_ROUNDS = 10
#: Standard deviations from which on a residual does not count, and a score counts no more.
_CUT = 6.0
_TINY = 1e-12
#: Median of a squared standard normal.
_MEDIAN_SQUARE = float(stats.chi2.ppf(0.5, 1))
#: Median absolute deviation of a standard normal.
_MEDIAN_DEVIATION = float(stats.norm.ppf(0.75))
#: Pairs of classes from which on the two directions' correlation is estimated, not taken as 1.
_ENOUGH_PAIRS = 28
#: A class's own variance counts against this many pairs of variance 1.
_PRIOR_PAIRS = 10


def pair_z(held_out: HeldOutSimilarity) -> np.ndarray:
    """Return a z-score for each pair of classes: similarity of their members to each other.

    Returns
    -------
    ndarray
        Classes x classes, symmetric, zero on the diagonal; of mean 0 and variance about 1 where
        the classes are unrelated. :func:`svqvae.tl.relations.significance.p_values` has their
        null distribution.

    Notes
    -----
    The similarity to a of b's members is compared with that of all compounds that are not a's, by
    the mean over members, within a fold. Class sizes enter as the variance of that mean. Three
    sources of false relations are taken out. (1) A response that all classes share makes strong
    compounds similar to all of them, and a class of strong compounds a hub: a rank-one term
    (compound x class) is fitted robustly in each fold and subtracted. (2) The code of a class of
    few compounds is noisy: to the variance over members a variance between classes is added,
    estimated from the median pair, which true relations hardly move, and inflated for classes
    whose scores are overdispersed. (3) The similarity of b's members to a and of a's members to b
    are correlated: their sum is scaled by that correlation rho, z = (z_ab + z_ba) /
    sqrt(2 (1 + rho)).
    """
    z = _pair_z(held_out)
    np.fill_diagonal(z, 0)
    return z


def class_reach(held_out: HeldOutSimilarity) -> np.ndarray:
    """Return the z-score that a pair as alike as each class is to itself would have.

    That of :func:`pair_z` from the similarity of a class's held-out members to their own class,
    which no pair's score is computed from. Of a class whose members are hardly like their own code
    no pair can be beyond chance; and where many pairs are related, the variance between classes is
    so large that even identical ones would hardly stand out.
    """
    return np.diag(_pair_z(held_out)).copy()


def _pair_z(held_out: HeldOutSimilarity) -> np.ndarray:
    """Return the scores of all pairs, and on the diagonal those of each class with itself."""
    z = _directed(held_out, ~held_out.member)
    return np.asarray((z + z.T) / np.sqrt(2 * (1 + _direction_correlation(z))))


def directed_z(held_out: HeldOutSimilarity, other: np.ndarray) -> np.ndarray:
    """Return the z-score of the similarity of b's members (rows) to a (columns).

    Of the similarities in ``other`` (compounds x classes) alone; see :func:`pair_z`.
    """
    z = _directed(held_out, other)
    np.fill_diagonal(z, 0)
    return z


def _directed(held_out: HeldOutSimilarity, other: np.ndarray) -> np.ndarray:
    """Return directed scores by ``other`` alone, and those of the own class on the diagonal."""
    scores = np.zeros_like(held_out.value)
    folds = np.unique(held_out.fold)
    for fold in folds:
        rows = held_out.fold == fold
        specific = _without_shared(held_out.value[rows], other[rows])
        scores[rows] = _standard_scores(specific, other[rows])
    # The own class, which nothing but the diagonal is made of.
    size = np.maximum(held_out.member.sum(0), 1)
    own = np.where(held_out.member, scores, 0).sum(0) / size
    scores = np.where(other, scores, 0)
    # Rows b, columns a; members of b that are a's too do not count for a.
    member = held_out.member.T.astype(float)
    counted = member @ other
    mean = member @ scores / np.maximum(counted, 1)
    within = (scores**2).sum(0) - (counted * mean**2).sum(0)
    freedom = other.sum(0) - (counted > 0).sum(0) - len(folds) + 1
    itself = np.eye(len(counted), dtype=bool)
    known = (counted > 0) & ~itself
    n = np.maximum(np.where(itself, size, counted), 1)
    variance = np.maximum(within / np.maximum(freedom, 1), _TINY) / n
    mean = np.where(itself, own, mean)
    deviation = np.where(known | itself, mean - _masked_middle(mean, known), 0)
    between = _variance_between(deviation[known] ** 2, variance[known])
    return _without_class_spread(deviation / np.sqrt(variance + between), known)


def _without_class_spread(z: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return scores divided by each class's overdispersion: as members, then as code.

    Strong classes, and codes of few compounds, have more variable scores than the median pair. The
    variance is that of the median of the class's pairs, shrunk towards 1 and never below it.
    """
    for _ in range(2):
        for axis in (1, 0):
            middle = _masked_median((z**2).swapaxes(0, axis), known.swapaxes(0, axis))
            n = known.sum(axis)
            spread = (n * middle / _MEDIAN_SQUARE + _PRIOR_PAIRS) / (n + _PRIOR_PAIRS)
            z = z / np.sqrt(np.maximum(spread, 1)).reshape((-1, 1) if axis == 1 else (1, -1))
    return z


def _direction_correlation(z: np.ndarray) -> float:
    """Return the correlation, 0 to 1, of b's members' scores with a and a's members' with b.

    1, the conservative value, where there are too few classes to estimate it.
    """
    apart = ~np.eye(len(z), dtype=bool)
    if apart.sum() < 2 * _ENOUGH_PAIRS:
        return 1.0
    with np.errstate(invalid="ignore"):
        both = np.corrcoef(z[apart], z.T[apart])[0, 1]
    return float(np.clip(np.nan_to_num(both, nan=1.0), 0, 1))


def _variance_between(square: np.ndarray, variance: np.ndarray) -> float:
    """Return the variance between classes, which makes the median pair's score that of a null.

    That is the b at which the median of ``square / (variance + b)`` is that of a squared standard
    normal; 0 where it is below already.
    """

    def excess(b: float) -> float:
        return float(np.median(square / (variance + b))) - _MEDIAN_SQUARE

    if excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0.0, square.max() / _MEDIAN_SQUARE))


def _without_shared(value: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return similarities less the rank-one part that compounds and classes share.

    The term is fitted with Tukey's biweights, compounds and classes in turn: pairs that truly
    resemble each other are few and far off, and least squares would take them for the term. It is
    fitted to the cells in ``other`` alone, and subtracted from all.
    """
    if value.shape[1] < 4:
        # Two or three classes: one term would explain everything.
        return value
    share = _masked_median(value, other)
    term = np.zeros_like(value)
    for _ in range(_ROUNDS):
        residual = np.abs(value - term)
        limit = _CUT * np.median(residual[other]) / _MEDIAN_DEVIATION
        near = np.maximum(0, 1 - (residual / max(limit, _TINY)) ** 2)
        weight = np.where(other, near**2, 0)
        compound = (weight * value) @ share / np.maximum(weight @ share**2, _TINY)
        share = (weight * value).T @ compound / np.maximum(weight.T @ compound**2, _TINY)
        term = np.outer(compound, share)
    return np.asarray(value - term)


def _standard_scores(value: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Return each column less its median, over its spread, both of the ``counted`` rows.

    Cut off at +-:data:`_CUT`, so that no single compound makes a relation.
    """
    deviation = value - _masked_median(value, counted)
    spread = _masked_median(np.abs(deviation), counted) / _MEDIAN_DEVIATION
    return np.asarray(np.clip(deviation / np.maximum(spread, _TINY), -_CUT, _CUT))


def _masked_median(value: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Return the median of each column over its ``used`` rows; 0 where there are none."""
    # Faster than nanmedian: what is not used is sorted to the end.
    ordered = np.sort(np.where(used, value, np.inf), axis=0)
    n = used.sum(0)
    low, high = np.maximum(n - 1, 0) // 2, np.minimum(n // 2, len(value) - 1)
    columns = np.arange(value.shape[1])
    middle = (ordered[low, columns] + ordered[high, columns]) / 2
    return np.where(n > 0, middle, 0)


def _masked_middle(value: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Return the mean of the middle third of each column's ``used`` rows; 0 where there are none.

    As good as the median against a few true relations, without making one score in each column 0.
    """
    ordered = np.sort(np.where(used, value, np.inf), axis=0)
    n = used.sum(0)
    row = np.arange(len(value))[:, None]
    middle = (row >= n // 3) & (row < n - n // 3)
    return np.asarray(np.where(middle, ordered, 0).sum(0) / np.maximum(middle.sum(0), 1))
