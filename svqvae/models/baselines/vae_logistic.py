"""The published VAE, then logistic regression on its latent: what the papers classify with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from svqvae.models.base import ClassModel, PredictionsOnly, Presets
from svqvae.models.baselines._classifier import per_class
from svqvae.models.published import VAE, VAESettings
from svqvae.models.settings import as_dict, positive

#: Arrays beside those of the network.
_OWN = ("mean", "scale", "weight", "bias", "codes")
#: Began the names of the network's arrays in a saved model.
_NETWORK = "network."


@dataclass(frozen=True, kw_only=True)
class Settings(VAESettings):
    """Of the network, and of the regression on its latent."""

    C: float = positive(1.0, least=1e-12)  # inverse penalty of the regression


class VAELogistic(PredictionsOnly):
    """Balanced logistic regression (``C``) on standardised latents of preset ``vae``."""

    settings_class = Settings
    settings: Settings
    presets: ClassVar[Presets] = {"vae_logistic": {}}
    role = "baseline"
    part_names = ("network",)
    network: VAE
    _begun: VAE | None = None

    @classmethod
    def begins_with(cls, settings: dict[str, Any]) -> dict[str, Any]:
        """Name the preset and settings of the network."""
        return {**{k: v for k, v in settings.items() if k != "C"}, "preset": "vae"}

    def begin_with(self, model: ClassModel) -> None:
        assert isinstance(model, VAE)
        self._begun = model

    def _reach(self) -> float:
        return self.settings.scale

    def train(self, *, seed: int = 0, checkpoint: Path | None = None) -> Self:
        self.network = self._trained(seed, checkpoint) if self._begun is None else self._begun
        self.history = self.network.history
        return super().train(seed=seed)

    def fit_evidence(self, *, seed: int) -> None:
        """Fit the regression alone: the network was trained without labels."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.preprocessing import StandardScaler

        z = np.concatenate([self.network.latent(x) for x in self._x.blocks()])
        scaler = StandardScaler().fit(z)
        self.mean, self.scale = scaler.mean_, scaler.scale_
        self.codes = self._summarise_latent()
        regression = LogisticRegression(
            C=self.settings.C, class_weight="balanced", max_iter=1000
        ).fit(scaler.transform(z), self._y)
        self.weight, self.bias = per_class(regression.coef_, regression.intercept_)

    def _trained(self, seed: int, checkpoint: Path | None) -> VAE:
        network = self._network()
        network._x, network._y, network._compound = self._x, self._y, self._compound
        network.n_signatures, network.n_perturbagens = self.n_signatures, self.n_perturbagens
        return network.train(seed=seed, checkpoint=checkpoint)

    def _network(self) -> VAE:
        own = self.begins_with(as_dict(self.settings))
        network = VAE(None, labels_key=self.labels_key, **own)
        network.class_names, network.var_names = self.class_names, self.var_names
        return network

    def latent(self, x: np.ndarray) -> np.ndarray:
        return ((self.network.latent(x) - self.mean) / self.scale).astype(np.float32)

    def decode(self, z: np.ndarray) -> np.ndarray:
        return self.network.decode(z * self.scale + self.mean)

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        return self.network.reconstruct(x)

    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        return self.latent(x) @ self.weight.T + self.bias

    def _state(self) -> dict[str, np.ndarray]:
        return {name: getattr(self, name) for name in _OWN}

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        for name in _OWN:
            setattr(self, name, state[name])
        if self.network.codes.shape != self.codes.shape:
            raise ValueError(f"codes: {self.network.codes.shape}, expected {self.codes.shape}")

    def modernise(self, state: dict[str, np.ndarray]) -> None:
        # Before version 0.3 the arrays of the network stood among its own.
        inner = {k.removeprefix(_NETWORK): state.pop(k) for k in [*state] if k.startswith(_NETWORK)}
        if inner:
            network = self.network = self._network()
            network.latent_sd = state["_latent_sd"] * state["scale"].astype(np.float32)
            network.n_signatures = state["_n_signatures"]
            network.n_perturbagens = state["_n_perturbagens"]
            network.history = self.history
            network._set_state(inner)
