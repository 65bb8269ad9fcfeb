"""Linear discriminant analysis, its covariance shrunk by Ledoit and Wolf's rule."""

from __future__ import annotations

from typing import Any

import numpy as np

from svqvae.models.baselines._classifier import LinearClassifier, require_spread

KIND = "lda"
ROLE = "baseline"
HAS_CODES = False
PRESETS: dict[str, dict[str, Any]] = {"lda": {"kind": KIND}}


class LDA(LinearClassifier):
    """scikit-learn's LinearDiscriminantAnalysis with automatic shrinkage."""

    def fit(self, x: np.ndarray, label: np.ndarray, *, seed: int) -> None:
        require_spread(label)
        super().fit(x, label, seed=seed)

    def estimator(self, seed: int) -> Any:
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        return LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")


MODEL = LDA
