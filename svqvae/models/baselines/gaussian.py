"""One Gaussian per class, all of one covariance: what a generative model has to beat."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from svqvae.models.base import PredictionsOnly, Presets
from svqvae.models.baselines.class_mean import ClassMean
from svqvae.models.settings import ModelSettings


class ClassGaussian(ClassMean, PredictionsOnly):
    """Class means and one within-class covariance, shrunk as Ledoit and Wolf (2004) do.

    The scores are log densities up to a constant, all classes equally likely beforehand, so
    that this is linear discriminant analysis with a shrunk covariance.

    Notes
    -----
    Training holds all training signatures in memory, twice: the shrinkage needs their
    residuals. 100,000 signatures of 978 genes take 1.2 GB.
    """

    settings_class = ModelSettings
    presets: ClassVar[Presets] = {"gaussian": {}}
    role = "baseline"
    parts_left_out = 1

    _cholesky: np.ndarray

    def fit_evidence(self, *, seed: int) -> None:
        from sklearn.covariance import ledoit_wolf

        super().fit_evidence(seed=seed)
        residuals = self._x[:].astype(np.float64)
        residuals -= self.codes[self._y]
        covariance, _ = ledoit_wolf(residuals, assume_centered=True)
        # Residuals from a class's own mean are too small, by one degree of freedom a class.
        n, k = len(residuals), len(self.class_names)
        covariance *= n / max(n - k, 1)
        # Without residuals (one signature a class) there is still a density to speak of.
        covariance[np.diag_indices_from(covariance)] += 1e-6
        # In the precision that it is saved with, so that a loaded model gives the same scores.
        self._cholesky = np.linalg.cholesky(covariance).astype(np.float32)

    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        z, means = self._whitened(x), self._whitened(self.codes)
        cross = z @ means.T
        return cross - ((z**2).sum(1)[:, None] + (means**2).sum(1)[None]) / 2

    def _whitened(self, x: np.ndarray) -> np.ndarray:
        """Return ``x`` in coordinates in which the within-class covariance is the identity."""
        from scipy.linalg import solve_triangular

        return solve_triangular(self._cholesky.astype(np.float64), x.T, lower=True).T

    def _draw(self, at: int, n: int, rng: np.random.Generator) -> np.ndarray:
        noise = rng.standard_normal((n, len(self.var_names))).astype(np.float32)
        x = self.codes[at] + noise @ self._cholesky.T
        return x if self.clip is None else np.clip(x, -self.clip, self.clip)

    def _state(self) -> dict[str, np.ndarray]:
        return {"codes": self.codes, "cholesky": self._cholesky}

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        self.codes, self._cholesky = state["codes"], state["cholesky"]
