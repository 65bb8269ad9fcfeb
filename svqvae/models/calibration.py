"""From evidence to ranks and to calibrated probabilities."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from scipy.special import log_softmax

from svqvae.models.combined import REPEATED

#: Least spread of evidence that it is divided by: models may have none to give.
_LEAST = 1e-12


@dataclass(frozen=True)
class Calibration:
    """Turn evidence, signatures x classes, into scores and probabilities.

    score = evidence * exp(log_scale) + prior * log(class size); probability = softmax(score *
    exp(log_sharpness + margin_power * (log margin - mean_log_margin))), the margin being the
    best score above the mean of the scores. One temperature (Guo et al. 2017) is not enough: a
    signature that shows a mechanism does so clearly, most of the others show nothing, and a
    common temperature is too bold for these and too timid for those. It is one factor for each
    signature, so that probabilities rank classes as scores do.

    ``micro`` and ``macro`` are what the prior would be, at this scale, if ranks were to serve the
    mean over signatures and that over classes: the ends of the trade that ``balance`` is set on.
    ``repeated`` is how far a compound's signatures repeat each other
    (:func:`svqvae.models.combined.fit_repeated`).
    """

    log_scale: float
    prior: float
    log_sharpness: float
    margin_power: float
    mean_log_margin: float
    micro: float
    macro: float
    repeated: float = REPEATED

    def scores(self, evidence: np.ndarray, log_size: np.ndarray) -> np.ndarray:
        """Return signatures x classes, higher is likelier.

        Parameters
        ----------
        log_size
            Log of each class's training signatures over the mean of classes.
        """
        return evidence * np.exp(self.log_scale) + self.prior * log_size

    def at_ends(self, scores: np.ndarray, log_size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return scores with the prior of either end, micro and macro, in place of ours."""
        micro, macro = ((end - self.prior) * log_size for end in (self.micro, self.macro))
        return scores + micro, scores + macro

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """Return probabilities of the classes, rows summing to 1."""
        return np.exp(log_softmax(scores * self._sharpness(scores)[:, None], axis=1))

    def _sharpness(self, scores: np.ndarray) -> np.ndarray:
        return _sharpness(scores, self.log_sharpness, self.margin_power, mean=self.mean_log_margin)

    def as_array(self) -> np.ndarray:
        """Return the numbers, to be saved with a model."""
        return np.array(astuple(self))

    @classmethod
    def from_array(cls, values: np.ndarray) -> Calibration:
        """Return what :meth:`as_array` saved; to version 0.3 that was without the last three."""
        numbers = list(map(float, values))
        if len(numbers) not in (5, 8):
            raise ValueError(f"calibration: {len(numbers)} numbers, expected 8")
        ends = [numbers[1]] * 2 if len(numbers) == 5 else []
        return cls(*numbers, *ends)


def _log_margin(scores: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(scores.max(1) - scores.mean(1), 1e-6))


def _sharpness(
    scores: np.ndarray, log_sharpness: float, power: float, *, mean: float
) -> np.ndarray:
    return np.exp(np.clip(log_sharpness + power * (_log_margin(scores) - mean), -5, 5))


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

    evidence = evidence.astype(float)
    log_scale, prior = _fit_ranks(evidence, label, log_size, balance=balance)
    ends = []
    for end in (0.0, 1.0):
        scale_there, prior_there = _fit_ranks(evidence, label, log_size, balance=end)
        ends.append(float(prior_there * np.exp(log_scale - scale_there)))
    scores = evidence * np.exp(log_scale) + prior * log_size
    mean, at = float(_log_margin(scores).mean()), np.arange(len(label))

    def loss(theta: np.ndarray) -> float:
        sharp = scores * _sharpness(scores, *theta, mean=mean)[:, None]
        return -float(log_softmax(sharp, axis=1)[at, label].mean())

    bounds = [(-4, 5), (-3, 4)]
    sharpness, power = minimize(loss, [0.0, 0.0], method="L-BFGS-B", bounds=bounds).x
    return Calibration(log_scale, prior, float(sharpness), float(power), mean, *ends)


def _fit_ranks(
    evidence: np.ndarray, label: np.ndarray, log_size: np.ndarray, *, balance: float
) -> tuple[float, float]:
    """Return the log of the scale and the prior that scores are made with."""
    from scipy.optimize import minimize

    at = np.arange(len(label))
    weight = np.exp(-balance * log_size)[label]
    weight /= weight.sum()
    # Evidence may be cosines, distances or logs of shares: the search is in units of its spread.
    spread = max(float((evidence - evidence.mean(1, keepdims=True)).std()), _LEAST)
    unit = evidence / spread

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        scaled = unit * np.exp(theta[0])
        log_share = log_softmax(scaled + theta[1] * log_size, axis=1)
        excess = np.exp(log_share)
        excess[at, label] -= 1
        slope = [weight @ (excess * scaled).sum(1), weight @ (excess @ log_size)]
        return -float(weight @ log_share[at, label]), np.array(slope)

    # Evidence may favour large classes already, as that of LDA does: then the prior is negative.
    # Equal sizes say nothing of it: the search leaves it where it starts.
    bounds = [(-5, 6), (-1.5, 1.5)]
    found = minimize(loss, [0.0, 0.3], jac=True, method="L-BFGS-B", bounds=bounds).x
    return float(found[0] - np.log(spread)), float(found[1])
