"""What a network offers to the model that holds it."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import torch
from torch import Tensor, nn

from svqvae.data.matrix import SignatureMatrix


class Network(nn.Module, ABC):
    """Encoder, decoder and an objective made of named terms."""

    #: Whether class scores come from a method ``evidence`` (rows x classes) and are calibrated.
    gives_evidence = False
    #: Whether evidence depends on :meth:`solve` alone, so that it can be had without training.
    is_solved = False
    #: Whether signatures are simulated by exchanging the class of real ones.
    swaps_donors = False

    def solve(self, x: SignatureMatrix, label: np.ndarray) -> None:
        """Set what is solved in closed form before training; by default nothing is."""

    #: Dimensions of the noise from which :meth:`draw` makes individuals of a class; 0: it cannot.
    n_noise = 0

    def conclude(self, x: SignatureMatrix, label: np.ndarray) -> None:
        """Set what is known only after training; by default nothing is."""

    def draw(self, at: int, noise: Tensor) -> Tensor:
        """Return an individual of class ``at`` for each row of standard normal noise.

        Raises
        ------
        TypeError
            If the network makes none (:attr:`n_noise` is 0).
        """
        raise TypeError(f"{type(self).__name__} draws no individuals")

    @abstractmethod
    def encode(self, x: Tensor) -> Tensor:
        """Return the latent of each row."""

    @abstractmethod
    def decode(self, z: Tensor) -> Tensor:
        """Decode latents, or codes, which are of the same space."""

    @abstractmethod
    def reconstruct(self, x: Tensor, of_class: Tensor) -> Tensor:
        """Return what the network makes of each row, taken for one of class ``of_class``.

        Networks whose decoder knows no classes make the same of it whatever the class.
        """

    @abstractmethod
    def terms(self, x: Tensor, label: Tensor) -> dict[str, Tensor]:
        """Return the terms of the objective; their sum is the loss."""

    def load_arrays(self, arrays: dict[str, np.ndarray]) -> None:
        """Set parameters and buffers from saved ones."""
        # A buffer may have grown with the training data.
        for name, buffer in self.named_buffers():
            if name in arrays:
                buffer.resize_(arrays[name].shape)
        self.load_state_dict({k: torch.from_numpy(v) for k, v in arrays.items()})
