"""Nearest class mean by whitened cosine: differences within classes removed, then direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from svqvae.data.matrix import group_sums
from svqvae.models.base import ClassModel, Presets
from svqvae.models.settings import ModelSettings, share
from svqvae.models.whitening import symmetric_whitening, triangular_whitening, unit_rows


@dataclass(frozen=True, kw_only=True)
class Settings(ModelSettings):
    shrinkage: float = share(0.6)  # of the covariance toward the identity


class WhitenedMean(ClassModel):
    """Class means of unit rows whitened by the shrunk covariance within classes.

    The whitening is :func:`svqvae.models.whitening.symmetric_whitening`.
    """

    settings_class = Settings
    settings: Settings
    presets: ClassVar[Presets] = {"class_mean_whitened": {}}
    role = "baseline"

    _whitened_by = staticmethod(symmetric_whitening)

    def of_rows(self, known: np.ndarray) -> Self:
        part = super().of_rows(known)
        # Cosines alone are asked of it, which a rotation does not change.
        part._whitened_by = triangular_whitening
        return part

    def fit_evidence(self, *, seed: int) -> None:
        square, length = np.zeros((self._x.shape[1],) * 2), 0.0
        for x in self._x.blocks():
            rows = unit_rows(x).astype(np.float64)
            square += rows.T @ rows
            length += float(np.linalg.norm(x, axis=1).sum())
        n = self.n_signatures
        sums = group_sums(map(unit_rows, self._x.blocks()), self._y, len(n))
        matrix = self._whitened_by(square, sums, n, shrinkage=self.settings.shrinkage)
        self.whitening = matrix.astype(np.float32)
        self.mean_length = np.array([length / len(self._x)], np.float32)
        self.codes = self._summarise_latent()

    def latent(self, x: np.ndarray) -> np.ndarray:
        return unit_rows(unit_rows(x) @ self.whitening)

    def decode(self, z: np.ndarray) -> np.ndarray:
        from scipy.linalg import solve

        # The inverse of the whitening is as large as it, so it is not kept. Rows have unit length
        # twice; profiles get the mean length back.
        return solve(self.whitening, z.T, assume_a="pos").T * self.mean_length

    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        return self.latent(x) @ unit_rows(self.codes).T

    def _state(self) -> dict[str, np.ndarray]:
        return {name: getattr(self, name) for name in ("codes", "whitening", "mean_length")}

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        self.codes = state["codes"]
        self.whitening, self.mean_length = state["whitening"], state["mean_length"]

    def modernise(self, state: dict[str, np.ndarray]) -> None:
        # To version 0.3, the inverse of the whitening, times the mean length.
        if "unwhitening" in state:
            product = (state["whitening"] * state.pop("unwhitening").T).sum()
            state["mean_length"] = np.array([product / len(state["whitening"])], np.float32)
