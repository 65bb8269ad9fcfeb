"""From evidence to ranks and to calibrated probabilities."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from scipy.special import log_softmax


@dataclass(frozen=True)
class Calibration:
    """Turn evidence, signatures x classes, into scores and probabilities.

    score = evidence * exp(log_scale) + prior * log(class size); probability = softmax(score *
    exp(log_sharpness + margin_power * (log margin - mean_log_margin))), the margin being the
    best score above the mean of the scores. One temperature (Guo et al. 2017) is not enough: a
    signature that shows a mechanism does so clearly, most of the others show nothing, and a
    common temperature is too bold for these and too timid for those. It is one factor for each
    signature, so that probabilities rank classes as scores do.
    """

    log_scale: float
    prior: float
    log_sharpness: float
    margin_power: float
    mean_log_margin: float

    def scores(self, evidence: np.ndarray, log_size: np.ndarray) -> np.ndarray:
        """Return signatures x classes, higher is likelier.

        Parameters
        ----------
        log_size
            Log of each class's training signatures over the mean of classes.
        """
        return evidence * np.exp(self.log_scale) + self.prior * log_size

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """Return probabilities of the classes, rows summing to 1."""
        return np.exp(log_softmax(scores * self._sharpness(scores)[:, None], axis=1))

    def _sharpness(self, scores: np.ndarray) -> np.ndarray:
        power = self.margin_power * (_log_margin(scores) - self.mean_log_margin)
        return np.exp(np.clip(self.log_sharpness + power, -5, 5))

    def as_array(self) -> np.ndarray:
        """Return the numbers, to be saved with a model."""
        return np.array(astuple(self))

    @classmethod
    def from_array(cls, values: np.ndarray) -> Calibration:
        """Return what :meth:`as_array` saved."""
        return cls(*map(float, values))


def _log_margin(scores: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(scores.max(1) - scores.mean(1), 1e-6))


def fit_calibration(
    evidence: np.ndarray, label: np.ndarray, log_size: np.ndarray, *, balance: float
) -> Calibration:
    """Fit by maximum likelihood to signatures of compounds that the evidence did not see.

    Parameters
    ----------
    evidence, label
        Signatures x classes, and the index of the true class.
    log_size
        Log of each class's training signatures over the mean of classes.
    balance
        Scale and prior, which decide the ranks, weigh a signature by its class's size to the
        power of ``-balance``: 0 serves the mean over signatures, 1 that over classes. The
        probabilities are fitted without weights.
    """
    # Slow to import, and of no use to a model that is loaded.
    from scipy.optimize import minimize

    at = np.arange(len(label))
    weight = np.exp(-balance * log_size)[label]
    weight /= weight.sum()

    def rank_loss(theta: np.ndarray) -> float:
        scores = evidence * np.exp(theta[0]) + theta[1] * log_size
        return -float(weight @ log_softmax(scores, axis=1)[at, label])

    # Equal sizes say nothing of the prior: the search then leaves it where it starts.
    bounds = [(-5, 6), (0, 1.5)]
    log_scale, prior = minimize(rank_loss, [0.0, 0.3], method="L-BFGS-B", bounds=bounds).x
    scores = evidence * np.exp(log_scale) + prior * log_size
    mean = float(_log_margin(scores).mean())

    def probability_loss(theta: np.ndarray) -> float:
        trial = Calibration(log_scale, prior, theta[0], theta[1], mean)
        return -float(
            log_softmax(scores * trial._sharpness(scores)[:, None], axis=1)[at, label].mean()
        )

    bounds = [(-4, 5), (-3, 4)]
    sharpness, power = minimize(probability_loss, [0.0, 0.0], method="L-BFGS-B", bounds=bounds).x
    return Calibration(float(log_scale), float(prior), float(sharpness), float(power), mean)
