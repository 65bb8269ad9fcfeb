"""Nearest class mean: the model that a published S-VQ-VAE has to beat."""

from __future__ import annotations

from typing import Self

import numpy as np

from svqvae.base import ClassModel


class ClassMean(ClassModel):
    """Class means of the signatures; distance is Euclidean or cosine (`metric`)."""

    def train(self, *, seed: int = 0) -> Self:
        self.codes = self._summarise_latent(self._x)
        return self

    def latent(self, x: np.ndarray) -> np.ndarray:
        return x

    def decode(self, z: np.ndarray) -> np.ndarray:
        return z

    def scores(self, x: np.ndarray) -> np.ndarray:
        if self.settings["metric"] == "euclidean":
            return super().scores(x)
        codes = self.codes / np.maximum(np.linalg.norm(self.codes, axis=1, keepdims=True), 1e-12)
        return x @ codes.T / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        return self.codes[self.scores(x).argmax(1)]

    def _state(self) -> dict[str, np.ndarray]:
        return {"codes": self.codes}

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        self.codes = state["codes"]
