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


class NearestNeighbours(Classifier):
    """scikit-learn's KNeighborsClassifier, cosine distance, weights 1 / distance.

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
        self.rows, self.label = x, label

    def scores(self, x: np.ndarray) -> np.ndarray:
        from sklearn.neighbors import KNeighborsClassifier

        if self._voters is None:
            # Nothing is learned here: it keeps the rows that it is given.
            n = min(self.settings.neighbours, len(self.rows))
            voters = KNeighborsClassifier(n, weights="distance", metric="cosine")
            self._voters = voters.fit(self.rows, self.label)
        return log_share(self._voters.predict_proba(self.latent(x)))
