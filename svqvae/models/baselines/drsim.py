"""A similarity learned by PCA and discriminant analysis, as DrSim's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from svqvae.models.base import Presets
from svqvae.models.baselines._classifier import UnscaledClassifier, require_spread
from svqvae.models.settings import ModelSettings, share, units
from svqvae.models.whitening import unit_rows

#: Least scale of signatures, and the share of their variance below which classes have no spread
#: that discriminant analysis could divide by: then it is the components alone.
_LEAST, _NO_SPREAD = 1e-30, 1e-12


@dataclass(frozen=True, kw_only=True)
class Settings(ModelSettings):
    variance: float = share(0.98)  # that the principal components keep
    dimensions: int = units(50)  # of the discriminant analysis, at most


class LearnedSimilarity(UnscaledClassifier):
    """Cosine to the classes' medians in the space of a discriminant analysis (Wei et al. 2022).

    Principal components of the signatures, scikit-learn's LinearDiscriminantAnalysis of these
    (``svd``, no shrinkage, as DrSim has it), and the median of each class.

    Notes
    -----
    DrSim's labels are the drugs, and a drug's median is what a signature is compared with. Here
    they are the classes: where each drug has one signature, drugs have no spread of their own.
    """

    settings_class = Settings
    settings: Settings
    presets: ClassVar[Presets] = {"drsim": {}}
    role = "baseline"

    arrays = ("mean", "weight", "median")
    #: Genes; genes x dimensions; classes x dimensions.
    mean: np.ndarray
    weight: np.ndarray
    median: np.ndarray

    def fit(self, x: np.ndarray, label: np.ndarray, *, seed: int) -> None:
        from sklearn.decomposition import PCA
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        require_spread(label)
        # Within classes there are no more directions than signatures beyond one a class.
        most = min(*x.shape, len(x) - len(self.class_names))
        pca = PCA(svd_solver="full").fit(x)
        kept = np.searchsorted(np.cumsum(pca.explained_variance_ratio_), self.settings.variance) + 1
        components = pca.components_[: max(1, min(int(kept), most))]
        centred = (x - pca.mean_).astype(np.float64) @ components.T.astype(np.float64)
        # scikit-learn's limit of what counts as spread is absolute.
        scale = max(float(np.sqrt((centred**2).mean())), _LEAST)
        rows = centred / scale
        means = np.stack([rows[label == c].mean(0) for c in range(len(self.class_names))])
        self.mean, self.weight = pca.mean_, components.T / scale
        if ((rows - means[label]) ** 2).mean() > _NO_SPREAD:
            n = min(self.settings.dimensions, len(self.class_names) - 1, len(components))
            lda = LinearDiscriminantAnalysis(solver="svd", n_components=n).fit(rows, label)
            self.mean = pca.mean_ + scale * lda.xbar_ @ components
            self.weight = self.weight @ lda.scalings_[:, :n]
        z = (x - self.mean) @ self.weight
        self.median = np.stack([np.median(z[label == c], axis=0) for c in range(len(means))])

    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        return unit_rows((x - self.mean) @ self.weight) @ unit_rows(self.median).T
