"""Shrinkage LDA on principal components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from svqvae.models.base import Presets
from svqvae.models.baselines._classifier import LinearScores, per_class, require_spread
from svqvae.models.settings import ModelSettings, positive


@dataclass(frozen=True, kw_only=True)
class Settings(ModelSettings):
    components: int = positive(50)


class PCALDA(LinearScores):
    """scikit-learn's PCA, then LinearDiscriminantAnalysis; together still linear in the data."""

    settings_class = Settings
    settings: Settings
    presets: ClassVar[Presets] = {"pca_lda": {}}
    role = "baseline"
    parts_left_out = 1

    def fit(self, x: np.ndarray, label: np.ndarray, *, seed: int) -> None:
        from sklearn.decomposition import PCA
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        require_spread(label)
        pca = PCA(min(self.settings.components, *x.shape), random_state=seed).fit(x)
        lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        lda.fit(pca.transform(x), label)
        self.weight, bias = per_class(lda.coef_ @ pca.components_, lda.intercept_)
        # Components are of centred rows.
        offset = lda.coef_ @ (pca.components_ @ pca.mean_)
        self.bias = bias - per_class(lda.coef_, offset)[1]
