"""Removes what signatures of one class differ in: cell line, stress, proliferation."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from svqvae.models.whitening import within_class_roots


class Whitening(nn.Module):
    """``unit(W unit(tanh(x / squash)))``, fitted in closed form.

    The squash keeps a few extreme genes from ruling a signature's direction; W is the inverse
    square root of the shrunk covariance within classes of the squashed unit rows
    (:func:`svqvae.models.whitening.within_class_roots`).
    """

    def __init__(self, n_features: int, squash: float, shrinkage: float) -> None:
        super().__init__()
        self.squash, self.shrinkage = squash, shrinkage
        self.register_buffer("matrix", torch.eye(n_features))
        self.matrix: Tensor

    def forward(self, x: Tensor) -> Tensor:
        return normalize(self.direction(x) @ self.matrix)

    def direction(self, x: Tensor) -> Tensor:
        """Return squashed rows of unit length, not whitened."""
        return normalize((x / self.squash).tanh())

    def fit(self, square: np.ndarray, sums: np.ndarray, counts: np.ndarray) -> None:
        """Set W from sums over the :meth:`direction` of training signatures.

        Parameters
        ----------
        square, sums, counts
            As :func:`svqvae.models.whitening.within_class_roots` takes them.
        """
        inverse, _ = within_class_roots(square, sums, counts, shrinkage=self.shrinkage)
        self.matrix.copy_(torch.from_numpy(inverse))
