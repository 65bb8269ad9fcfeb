"""Classifier two-sample tests of simulated against real signatures, and nearest neighbours.

After Lopez-Paz and Oquab, Revisiting classifier two-sample tests (2017).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import rankdata

from svqvae.models.whitening import unit_rows

if TYPE_CHECKING:
    from sklearn.base import ClassifierMixin

#: Parts of the compounds of a fold, for cross-validation.
PARTS = 5
TREES = 100
#: Principal components shown to the trees, and at which the explained share of the norm is given.
_COMPONENTS = 40
_KEPT = (5, 10, 20, 40)
#: Of the values of one signature over its length: how heavy its tails are, how skewed it is.
_QUANTILES = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999)


def summaries(x: np.ndarray) -> np.ndarray:
    """Return each signature's norm, quantiles, skew, kurtosis and share of extreme genes."""
    rms = np.sqrt((x**2).mean(1, keepdims=True)) + 1e-9
    shape = x / rms
    parts = [
        np.log(rms),
        np.quantile(shape, _QUANTILES, axis=1).T,
        (shape**3).mean(1, keepdims=True),
        np.log((shape**4).mean(1, keepdims=True)),
        np.abs(shape).mean(1, keepdims=True),
        (np.abs(x) > 2).mean(1, keepdims=True),
        (np.abs(x) > 5).mean(1, keepdims=True),
    ]
    return np.hstack(parts)


def _linear(seed: int) -> ClassifierMixin:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=0.01, max_iter=300)


def _trees(seed: int) -> ClassifierMixin:
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(
        TREES, min_samples_leaf=2, max_features=0.3, random_state=seed, n_jobs=1
    )


#: The better of the two counts: a linear rule on genes and their squares, and trees on principal
#: components and summary statistics.
KINDS: dict[str, Callable[[int], Any]] = {"linear": _linear, "trees": _trees}


def _features(
    kind: str, x: np.ndarray, shape: np.ndarray, train: np.ndarray, *, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the features of the ``train`` rows and of the others.

    Whatever is estimated is estimated on ``train``. ``shape`` are the rows' :func:`summaries`.
    """
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    sides = train, ~train
    if kind == "linear":
        whole = [np.hstack([x[s], x[s] ** 2, shape[s]]) for s in sides]
        scaler = StandardScaler().fit(whole[0])
        # A rare value far outside the training range would outweigh all the others.
        first, second = (np.clip(scaler.transform(w), -5, 5) for w in whole)
        return first, second
    n = min(_COMPONENTS, min(x[train].shape) - 1)
    pca = PCA(n, svd_solver="randomized", random_state=seed).fit(x[train])
    found = []
    for side in sides:
        z = pca.transform(x[side])
        total = ((x[side] - pca.mean_) ** 2).sum(1)[:, None] + 1e-9
        # What a simulator leaves out: the part of a signature beyond the main directions.
        kept = np.cumsum(z**2, axis=1)[:, [min(k, n) - 1 for k in _KEPT]] / total
        found.append(np.hstack([shape[side], z, kept]))
    return found[0], found[1]


def parts_of(group: np.ndarray, *, seed: int) -> np.ndarray:
    """Assign groups (compounds) to :data:`PARTS` parts, fewer where there are fewer groups."""
    names, at = np.unique(group, return_inverse=True)
    part = np.arange(len(names)) % min(PARTS, len(names))
    return np.random.default_rng(seed).permutation(part)[at]


def classifier_ranks(
    x: np.ndarray, simulated: np.ndarray, part: np.ndarray, *, seed: int = 0
) -> dict[str, np.ndarray]:
    """Return the rank of each signature's score for being simulated, cross-validated over parts.

    Parameters
    ----------
    x, simulated, part
        Signatures x genes; of each, whether it is simulated, and its part.

    Returns
    -------
    dict
        Of each of :data:`KINDS`, the ranks within the part, 0 to 1: classifiers of different parts
        have different scales.
    """
    result = {kind: np.empty(len(x)) for kind in KINDS}
    shape = summaries(x)
    for k in np.unique(part):
        test = part == k
        for kind, make in KINDS.items():
            train_x, test_x = _features(kind, x, shape, ~test, seed=seed)
            classifier = make(seed).fit(train_x, simulated[~test])
            score = classifier.predict_proba(test_x)[:, 1]
            result[kind][test] = rankdata(score) / test.sum()
    return result


def weighted_auc(
    real: np.ndarray, simulated: np.ndarray, w_real: np.ndarray, w_simulated: np.ndarray
) -> np.ndarray:
    """Return the AUC, simulated as positive, once per row of weights.

    Parameters
    ----------
    real, simulated
        Scores.
    w_real, w_simulated
        Draws x scores.

    Returns
    -------
    ndarray
        One AUC per draw; nan where a side has no weight. Ties count half.
    """
    order = np.argsort(real, kind="stable")
    zero = np.zeros((len(w_real), 1))
    cumulated = np.hstack([zero, np.cumsum(w_real[:, order], axis=1)])
    low, high = (np.searchsorted(real[order], simulated, side=s) for s in ("left", "right"))
    below = (cumulated[:, low] + cumulated[:, high]) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((below * w_simulated).sum(1) / (w_real.sum(1) * w_simulated.sum(1)))


def nearest_is_own(
    x: np.ndarray, klass: np.ndarray, to: np.ndarray, to_klass: np.ndarray
) -> np.ndarray:
    """Return whether the row of ``to`` nearest each row of ``x`` by cosine is of its class.

    A signature that is there once for each of its classes is of all of them.
    """
    cosine = unit_rows(x) @ unit_rows(to).T
    own = np.where(klass[:, None] == to_klass[None], cosine, -np.inf).max(1)
    return np.asarray((own >= cosine.max(1)).astype(float))
