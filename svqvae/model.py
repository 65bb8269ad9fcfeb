"""``SVQVAE``: the published networks behind the interface of every model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch

from svqvae import train as training
from svqvae.base import ClassModel
from svqvae.errors import SvqvaeError
from svqvae.matrix import BLOCK
from svqvae.nn.modules import MODULES
from svqvae.nn.networks import IMAGE_SIDE

if TYPE_CHECKING:
    from anndata import AnnData


class SVQVAE(ClassModel):
    """S-VQ-VAE and its comparison models (``preset``: paper, vqvae, vae).

    Examples
    --------
    >>> m = SVQVAE(adata, labels_key="class", preset="paper", epochs=60)  # doctest: +SKIP
    >>> m.train(seed=0).predict(new)  # doctest: +SKIP
    """

    module: torch.nn.Module

    def __init__(self, adata: AnnData | None, *, preset: str = "paper", **options: Any) -> None:
        super().__init__(adata, preset=preset, **options)
        if self.settings["kind"] not in MODULES:
            raise SvqvaeError(
                f"preset '{preset}' is a baseline, not a network; make it with "
                "svqvae.factory.make_model, load it with svqvae.factory.load_model"
            )

    def _build(self) -> None:
        if self.settings["net"] == "image" and len(self.var_names) != IMAGE_SIDE**2:
            raise SvqvaeError(
                f"net 'image' takes {IMAGE_SIDE} x {IMAGE_SIDE} = {IMAGE_SIDE**2} pixels, these "
                f"data have {len(self.var_names)} columns; choose net 'expression'"
            )
        kind = MODULES[self.settings["kind"]]
        self.module = kind(len(self.var_names), len(self.class_names), self.settings)

    def train(self, *, seed: int = 0) -> Self:
        torch.manual_seed(seed)
        self._build()
        self.history = training.fit(
            self.module, self._x, torch.from_numpy(self._y), settings=self.settings, seed=seed
        )
        self.provenance |= {"seed": seed, "torch": torch.__version__}
        means = self._summarise_latent()
        # Only the supervised codebook has one code per class; the others use latent means.
        supervised = self.settings["kind"] == "svqvae"
        self.codes = self.module.state_dict()["codebook"].numpy().copy() if supervised else means
        return self

    def _apply(self, name: str, x: np.ndarray) -> np.ndarray:
        function = getattr(self.module, name)
        tensor = torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32))
        with torch.inference_mode():
            return torch.cat([function(block) for block in tensor.split(BLOCK)]).numpy()

    def latent(self, x: np.ndarray) -> np.ndarray:
        return self._apply("encode", x)

    def decode(self, z: np.ndarray) -> np.ndarray:
        return self._apply("decode", z)

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        return self._apply("reconstruct", x)

    def _state(self) -> dict[str, np.ndarray]:
        weights = {k: v.numpy() for k, v in self.module.state_dict().items()}
        return {**weights, "_codes": self.codes}

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        self.codes = state.pop("_codes")
        self._build()
        self.module.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()})
        self.module.eval()
