"""Classes by their sizes alone: chance, for who knows how often each class occurs."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from svqvae.models.base import PredictionsOnly, Presets
from svqvae.models.baselines.class_mean import ClassMean
from svqvae.models.settings import ModelSettings


class ClassPrior(ClassMean, PredictionsOnly):
    """No evidence: what calibration makes of the classes' sizes is all that ranks them."""

    settings_class = ModelSettings
    presets: ClassVar[Presets] = {"class_prior": {}}
    role = "baseline"

    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        return np.zeros((len(x), len(self.class_names)))
