"""Linear discriminant analysis, its covariance shrunk by Ledoit and Wolf's rule."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from svqvae.models.base import Presets
from svqvae.models.baselines._classifier import LinearClassifier, require_spread


class LDA(LinearClassifier):
    """scikit-learn's LinearDiscriminantAnalysis with automatic shrinkage."""

    presets: ClassVar[Presets] = {"lda": {}}
    role = "baseline"
    parts_left_out = 1

    def fit(self, x: np.ndarray, label: np.ndarray, *, seed: int) -> None:
        require_spread(label)
        super().fit(x, label, seed=seed)

    def estimator(self, seed: int) -> Any:
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        return LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
