"""Nearest class mean: the model that a published S-VQ-VAE has to beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from svqvae.models.base import ClassModel, Presets
from svqvae.models.settings import ModelSettings, choice
from svqvae.models.whitening import unit_rows


@dataclass(frozen=True, kw_only=True)
class Settings(ModelSettings):
    metric: str = choice("euclidean", "cosine")


class ClassMean(ClassModel):
    """Class means of the signatures; nearness is Euclidean or cosine (``metric``).

    The code of a class is its mean and decodes to itself; a signature is its own latent.
    """

    settings_class: ClassVar[type[ModelSettings]] = Settings
    settings: Settings
    presets: ClassVar[Presets] = {"class_mean": {}, "class_mean_cosine": {"metric": "cosine"}}
    role = "baseline"

    def fit_evidence(self, *, seed: int) -> None:
        self.codes = self._summarise_latent()

    def latent(self, x: np.ndarray) -> np.ndarray:
        return x

    def decode(self, z: np.ndarray) -> np.ndarray:
        return z

    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        if self.settings.metric == "euclidean":
            return super().evidence_of(x)
        return unit_rows(x) @ unit_rows(self.codes).T

    def _state(self) -> dict[str, np.ndarray]:
        return {"codes": self.codes}

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        self.codes = state["codes"]
