"""Removes what signatures of one class differ in: cell line, stress, proliferation."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

#: Least variance of unit rows in any direction.
_FLOOR = 1e-9


class Whitening(nn.Module):
    """``unit(W unit(tanh(x / squash)))``, fitted in closed form.

    The squash keeps a few extreme genes from ruling a signature's direction; W is the inverse
    square root of ``(1 - shrinkage) S + shrinkage tr(S) / p I``, S the covariance within classes
    of the squashed unit rows.
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

    def fit(self, second_moment: Tensor, sums: Tensor, counts: Tensor) -> None:
        """Set W from sums over training signatures.

        Parameters
        ----------
        second_moment
            Genes x genes, float64: the sum of outer products of :meth:`direction`.
        sums, counts
            Classes x genes and classes: their sums and numbers.
        """
        between = sums.T @ (sums / counts[:, None])
        within = (second_moment - between) / max(1.0, float(counts.sum()) - len(counts))
        # One signature a class leaves nothing within classes, and nothing to divide by.
        target = max(float(within.trace()) / len(within), _FLOOR)
        shrunk = (1 - self.shrinkage) * within
        shrunk += self.shrinkage * target * torch.eye(len(within), dtype=within.dtype)
        value, vector = torch.linalg.eigh(shrunk)
        # Scaled so that a shrinkage of 1 is no whitening at all.
        matrix = (vector * (target / value.clamp_min(_FLOOR)).sqrt()) @ vector.T
        self.matrix.copy_(matrix.to(self.matrix.dtype))
