"""Shrinkage LDA on principal components."""

from __future__ import annotations

from typing import Any

import numpy as np

from svqvae.models.baselines._classifier import LinearScores, per_class, require_spread

KIND = "pca_lda"
ROLE = "baseline"
HAS_CODES = False
PRESETS: dict[str, dict[str, Any]] = {"pca_lda": {"kind": KIND, "components": 50}}


class PCALDA(LinearScores):
    """scikit-learn's PCA, then LinearDiscriminantAnalysis; together still linear in the data."""

    def fit(self, x: np.ndarray, label: np.ndarray, *, seed: int) -> None:
        from sklearn.decomposition import PCA
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        require_spread(label)
        pca = PCA(min(self.settings["components"], *x.shape), random_state=seed).fit(x)
        lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        lda.fit(pca.transform(x), label)
        self.weight, bias = per_class(lda.coef_ @ pca.components_, lda.intercept_)
        # Components are of centred rows.
        offset = lda.coef_ @ (pca.components_ @ pca.mean_)
        self.bias = bias - per_class(lda.coef_, offset)[1]


MODEL = PCALDA
