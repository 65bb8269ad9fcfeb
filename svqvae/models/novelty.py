"""Networks that say how unlike every class a signature is, and what early stopping watches."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from svqvae.data.split import assign_parts
from svqvae.models.network import NetworkModel

if TYPE_CHECKING:
    from torch import Tensor

#: Early stopping watches one compound in so many.
_WATCHED = 10
#: Points kept of the distribution that novelty is read from.
_QUANTILES = 1001


class NoveltyModel(NetworkModel):
    """Evidence, and novelty from the compounds that calibration is fitted to.

    Without two compounds in any class nothing can be held out: then novelty is not known.
    """

    #: Quantiles of the gap between first and second class, of left-out training compounds.
    familiar: np.ndarray | None = None

    @abstractmethod
    def evidence(self, x: Tensor) -> Tensor:
        """Return the evidence for each class, rows x classes."""

    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        return self.in_blocks(self.evidence, x)

    def watched(self, seed: int) -> np.ndarray | None:
        """Return the mask of signatures that early stopping watches: a tenth of the compounds.

        None where no class has a compound to spare.
        """
        part = assign_parts(self._compound, self._y, parts=_WATCHED, seed=seed)
        return part == 0 if (part == 0).any() else None

    def take_left_out(self, label: np.ndarray, evidence: np.ndarray, compound: np.ndarray) -> None:
        super().take_left_out(label, evidence, compound)
        if self.calibration is not None:
            gaps = _gap(self.calibration.scores(evidence, self.log_size))
            self.familiar = np.quantile(gaps, np.linspace(0, 1, _QUANTILES))

    def novelty(self, scores: np.ndarray) -> np.ndarray:
        """Return the share of left-out training signatures whose best class stood out more.

        Near 1: of the signatures of known classes hardly any had a first and a second class so
        close together.
        """
        if self.familiar is None:
            return super().novelty(scores)
        return 1 - np.searchsorted(self.familiar, _gap(scores), side="right") / len(self.familiar)

    def _state(self) -> dict[str, np.ndarray]:
        familiar = {} if self.familiar is None else {"_familiar": self.familiar}
        return super()._state() | familiar

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        self.familiar = state.pop("_familiar", None)
        if (self.familiar is None) != (self.calibration is None):
            raise ValueError("of calibration and novelty one is missing")
        super()._set_state(state)


def _gap(scores: np.ndarray) -> np.ndarray:
    """Return by how much the best class of each row is ahead of the second."""
    second, first = np.partition(scores, -2, axis=1)[:, -2:].T
    return first - second
