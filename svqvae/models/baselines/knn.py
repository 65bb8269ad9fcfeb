"""Nearest training signatures by cosine, which vote by similarity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from svqvae.models.base import Presets
from svqvae.models.baselines._classifier import Classifier, log_share
from svqvae.models.settings import ModelSettings, positive


@dataclass(frozen=True, kw_only=True)
class Settings(ModelSettings):
    neighbours: int = positive(10)


#: Least distance: of signatures that are the same, rounding alone would decide the weight.
_LEAST = 1e-4


def _weights(distance: np.ndarray) -> np.ndarray:
    return 1 / np.maximum(distance, _LEAST)


class NearestNeighbours(Classifier):
    """scikit-learn's KNeighborsClassifier, cosine distance, weights 1 / distance to a limit.

    The training signatures are part of the saved model.
    """

    settings_class = Settings
    settings: Settings
    presets: ClassVar[Presets] = {"knn": {}}
    role = "baseline"

    arrays = ("rows", "label")
    rows: np.ndarray
    label: np.ndarray
    _voters: Any = None

    def fit(self, x: np.ndarray, label: np.ndarray, *, seed: int) -> None:
        # Scaled values are small, and half precision has three digits.
        self.rows, self.label = x.astype(np.float16), label
        self._voters = None

    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        from sklearn.neighbors import KNeighborsClassifier

        if self._voters is None:
            # Nothing is learned here: it keeps the rows that it is given.
            n = min(self.settings.neighbours, len(self.rows))
            voters = KNeighborsClassifier(n, weights=_weights, metric="cosine")
            self._voters = voters.fit(self.rows.astype(np.float32), self.label)
        return log_share(self._voters.predict_proba(self.latent(x)))
