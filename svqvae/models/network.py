"""What every model that is trained by gradient shares: its parts, the loop, rows in blocks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from svqvae.data.matrix import BLOCK
from svqvae.errors import SvqvaeError
from svqvae.models.base import ClassModel
from svqvae.models.lazy import torch
from svqvae.models.settings import NetworkSettings

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor, nn

#: Side of the images that the convolutional nets take.
IMAGE_SIDE = 28


class NetworkModel(ClassModel):
    """Encoder, decoder and an objective made of named terms.

    A subclass makes its parts in :meth:`build`, and uses them in :meth:`encode`,
    :meth:`generate` and :meth:`terms`, which take and return tensors. Parameters and buffers of
    the parts are the arrays of a saved model, by name.
    """

    settings: NetworkSettings
    net: Any  # the nn.Module of build(): its parts are of many types

    # -- what each network defines -------------------------------------------------------
    @abstractmethod
    def build(self) -> nn.Module:
        """Return the parts, untrained, for these genes and classes."""

    @abstractmethod
    def encode(self, x: Tensor) -> Tensor:
        """Return the latent of each row, rows x dimensions."""

    @abstractmethod
    def generate(self, z: Tensor) -> Tensor:
        """Decode latents, or codes, which are of the same space, to rows x genes."""

    @abstractmethod
    def terms(self, x: Tensor, label: Tensor) -> dict[str, Tensor]:
        """Return the terms of the objective for a batch; their sum is the loss."""

    def codes_of_classes(self, means: np.ndarray) -> np.ndarray:
        """Return the global representations; of a model without, the classes' mean latents."""
        return means

    # -- what they share -----------------------------------------------------------------
    def train(self, *, seed: int = 0, checkpoint: Path | None = None) -> Self:
        torch.manual_seed(seed)
        self.net = self.build()
        self.history = self._fit(seed=seed, checkpoint=checkpoint)
        self.fit_codes()
        self.calibrate(seed=seed)
        return self

    def fit_codes(self) -> None:
        """Set the codes, given the trained network, and the spread around them."""
        self.codes = self.codes_of_classes(self._summarise_latent())

    def fit_evidence(self, *, seed: int) -> None:
        """Set the codes alone: of training without labels, all that knows classes."""
        self.fit_codes()

    def _fit(
        self, *, seed: int, checkpoint: Path | None, held_out: np.ndarray | None = None
    ) -> pd.DataFrame:
        from svqvae.models import training

        self.provenance |= {"seed": seed, "torch": torch.__version__}
        label = torch.from_numpy(self._y)
        return training.fit(
            self, self._x, label, seed=seed, held_out=held_out, checkpoint=checkpoint
        )

    def latent(self, x: np.ndarray) -> np.ndarray:
        return self.in_blocks(self.encode, x)

    def decode(self, z: np.ndarray) -> np.ndarray:
        return self.in_blocks(self.generate, z)

    @staticmethod
    def in_blocks(
        function: Callable[..., Tensor], x: np.ndarray, *of_rows: np.ndarray
    ) -> np.ndarray:
        """Apply a function of rows, and of what else there is of each row, block by block."""
        rows = torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32))
        blocks = [t.split(BLOCK) for t in (rows, *map(torch.from_numpy, of_rows))]
        with torch.inference_mode():
            return torch.cat([function(*block) for block in zip(*blocks, strict=True)]).numpy()

    def _reach(self) -> float | None:
        """Return what the decoder reaches: the published one is a tanh, times ``scale``."""
        return getattr(self.settings, "scale", None)

    def _require_image(self) -> None:
        """Raise unless there is one gene for each pixel that a convolutional net takes."""
        pixels = IMAGE_SIDE**2
        if len(self.var_names) != pixels:
            raise SvqvaeError(
                f"net 'image' takes {IMAGE_SIDE} x {IMAGE_SIDE} = {pixels} pixels, these "
                f"data have {len(self.var_names)} columns; choose net 'expression'"
            )

    def _state(self) -> dict[str, np.ndarray]:
        return {k: v.numpy() for k, v in self.net.state_dict().items()} | {"_codes": self.codes}

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        self.codes = state.pop("_codes")
        self.net = self.build()
        self.net.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()})
        self.net.eval()
