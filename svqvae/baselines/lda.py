"""Linear discriminant analysis, its covariance shrunk by Ledoit and Wolf's rule."""

from __future__ import annotations

from typing import Any

from svqvae.baselines._classifier import LinearClassifier

KIND = "lda"
ROLE = "baseline"
HAS_CODES = False
PRESETS: dict[str, dict[str, Any]] = {"lda": {"kind": KIND}}


class LDA(LinearClassifier):
    """scikit-learn's LinearDiscriminantAnalysis with automatic shrinkage."""

    def estimator(self, seed: int) -> Any:
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        return LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")


MODEL = LDA
