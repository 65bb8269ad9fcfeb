"""What scikit-learn's classifiers share: predictions of theirs, all else from class means."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np

from svqvae.errors import SvqvaeError
from svqvae.models.base import PredictionsOnly


class Classifier(PredictionsOnly):
    """A classifier behind the interface of the models; only its predictions are its own.

    Signatures are scaled to RMS 1, so that direction counts and strength does not. The code of a
    class is the mean of its scaled signatures. The training signatures are held in memory.
    """

    length: np.ndarray

    def fit_evidence(self, *, seed: int) -> None:
        x = np.concatenate(list(self._x.blocks()))
        self.length = np.sqrt((x**2).mean(1)).mean(keepdims=True)
        self.codes = self._summarise_latent()
        self.fit(self.latent(x), self._y, seed=seed)

    @abstractmethod
    def fit(self, x: np.ndarray, label: np.ndarray, *, seed: int) -> None:
        """Fit to scaled signatures and the indices of their classes, all of which occur."""

    def latent(self, x: np.ndarray) -> np.ndarray:
        return x / np.maximum(np.sqrt((x**2).mean(1, keepdims=True)), 1e-12)

    def decode(self, z: np.ndarray) -> np.ndarray:
        return z * self.length

    #: Names of the arrays that a fitted classifier consists of.
    arrays: tuple[str, ...]

    def _state(self) -> dict[str, np.ndarray]:
        fitted = {name: np.asarray(getattr(self, name)) for name in self.arrays}
        return {"codes": self.codes, "length": self.length, **fitted}

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        self.codes, self.length = state["codes"], state["length"]
        for name in self.arrays:
            setattr(self, name, state[name])


class UnscaledClassifier(Classifier):
    """A classifier that sees the signatures as they are."""

    def latent(self, x: np.ndarray) -> np.ndarray:
        return x

    def decode(self, z: np.ndarray) -> np.ndarray:
        return z


class LinearScores(Classifier):
    """Scores that are linear in the scaled signature: one weight vector and bias per class."""

    arrays = ("weight", "bias")
    weight: np.ndarray
    bias: np.ndarray

    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        return self.latent(x) @ self.weight.T + self.bias


class LinearClassifier(LinearScores):
    """A linear classifier of scikit-learn's on the scaled signatures themselves."""

    def fit(self, x: np.ndarray, label: np.ndarray, *, seed: int) -> None:
        fitted = self.estimator(seed).fit(x, label)
        self.weight, self.bias = per_class(fitted.coef_, fitted.intercept_)

    @abstractmethod
    def estimator(self, seed: int) -> Any:
        """Return the untrained scikit-learn classifier."""


def require_spread(label: np.ndarray) -> None:
    """Raise unless some class has two signatures, of which a covariance within classes is made."""
    if len(label) <= label.max() + 1:
        raise SvqvaeError(
            f"{len(label)} signatures of {label.max() + 1} classes: a covariance within classes "
            "needs a class with two signatures at least; leave the model out for these data"
        )


def per_class(coef: np.ndarray, intercept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a weight vector and bias per class; for two classes scikit-learn gives one only.

    The score of the second class minus that of the first stays what scikit-learn says.
    """
    if len(coef) == 1:
        coef, intercept = np.vstack([-coef, coef]) / 2, np.r_[-intercept, intercept] / 2
    return np.ascontiguousarray(coef), np.asarray(intercept)


#: Added to shares of votes, so that classes without any have a logarithm, and one that does not
#: stand out from the noise of few votes.
_LEAST = 0.02


def log_share(share: np.ndarray) -> np.ndarray:
    """Return evidence of shares of votes, signatures x classes."""
    return np.log(share + _LEAST)
