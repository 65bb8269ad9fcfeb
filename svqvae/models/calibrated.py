"""Networks whose classes are ranked by evidence, calibrated on training compounds left out."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from svqvae.data.split import assign_parts
from svqvae.models.calibration import Calibration, fit_calibration
from svqvae.models.network import NetworkModel

if TYPE_CHECKING:
    from torch import Tensor

#: Early stopping watches one compound in so many.
_WATCHED = 10
#: Points kept of the distribution that novelty is read from.
_QUANTILES = 1001


class CalibratedModel(NetworkModel):
    """Scores, probabilities and novelty from evidence, and compounds held out to fit them.

    Without two compounds in any class nothing can be held out: then the scores are the evidence,
    probabilities their softmax, and novelty is not known.
    """

    settings: Any  # with a field ``balance``
    calibration: Calibration | None = None
    #: Quantiles of the gap between first and second class, of left-out training compounds.
    familiar: np.ndarray | None = None

    @abstractmethod
    def evidence(self, x: Tensor) -> Tensor:
        """Return the evidence for each class, rows x classes."""

    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        """Return signatures x classes."""
        return self.in_blocks(self.evidence, x)

    def watched(self, seed: int) -> np.ndarray | None:
        """Return the mask of signatures that early stopping watches: a tenth of the compounds.

        None where no class has a compound to spare.
        """
        part = assign_parts(self._compound, self._y, parts=_WATCHED, seed=seed)
        return part == 0 if (part == 0).any() else None

    def calibrate(self, label: np.ndarray, evidence: np.ndarray) -> None:
        """Fit ranks, probabilities and novelty to compounds that the evidence did not see.

        Parameters
        ----------
        label, evidence
            Index of the true class, and signatures x classes; without any nothing is fitted.
        """
        if len(label) == 0:
            return
        log_size = self._log_size()
        self.calibration = fit_calibration(evidence, label, log_size, balance=self.settings.balance)
        gaps = _gap(self.calibration.scores(evidence, log_size))
        self.familiar = np.quantile(gaps, np.linspace(0, 1, _QUANTILES))

    def _log_size(self) -> np.ndarray:
        return np.log(self.n_signatures / self.n_signatures.mean())

    def scores(self, x: np.ndarray) -> np.ndarray:
        """Return signatures x classes: evidence, with the classes' sizes taken into account."""
        evidence = self.evidence_of(x)
        if self.calibration is None:
            return evidence
        return self.calibration.scores(evidence, self._log_size())

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """Return probabilities, calibrated on training compounds left out of the fit."""
        if self.calibration is None:
            return super().probabilities(scores)
        return self.calibration.probabilities(scores)

    def log_prior(self) -> np.ndarray:
        """Return the part of the scores that is the classes' sizes'."""
        if self.calibration is None:
            return super().log_prior()
        return self.calibration.prior * self._log_size()

    def novelty(self, scores: np.ndarray) -> np.ndarray:
        """Return the share of left-out training signatures whose best class stood out more.

        Near 1: of the signatures of known classes hardly any had a first and a second class so
        close together.
        """
        if self.familiar is None:
            return super().novelty(scores)
        return 1 - np.searchsorted(self.familiar, _gap(scores), side="right") / len(self.familiar)

    def _state(self) -> dict[str, np.ndarray]:
        state = super()._state()
        if self.calibration is not None and self.familiar is not None:
            state |= {"_calibration": self.calibration.as_array(), "_familiar": self.familiar}
        return state

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        if "_calibration" in state:
            # Both or neither: probabilities and novelty are fitted to the same signatures.
            self.calibration = Calibration.from_array(state.pop("_calibration"))
            self.familiar = state.pop("_familiar")
        super()._set_state(state)


def _gap(scores: np.ndarray) -> np.ndarray:
    """Return by how much the best class of each row is ahead of the second."""
    second, first = np.partition(scores, -2, axis=1)[:, -2:].T
    return first - second
