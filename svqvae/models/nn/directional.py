"""S-VQ-VAE on the sphere: codes compared by direction, individuals in a residual latent."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss, normalize, one_hot

from svqvae.data.matrix import BLOCK, SignatureMatrix
from svqvae.models.nn import losses, networks
from svqvae.models.nn.network import Network
from svqvae.models.nn.whitening import Whitening

#: Least mean of a class's kernel, relative to the nearest member of all.
_LEAST = 1e-30


class Directional(Network):
    """What expression and images share: unit codes, a residual latent, one decoder for both.

    On the unit sphere the published distance ``||z - e||^2`` is ``2 - 2 cos(z, e)``: strength
    no longer counts, only direction. The decoder sees the code of the class *and* a residual,
    a small variational latent, so that it reconstructs individuals and the code is left with
    what the class has in common.
    """

    codebook: Tensor
    n_residual: int
    gives_evidence = True

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self.temperature = settings["temperature"]
        self.kl_weight = settings["kl_weight"]

    @abstractmethod
    def encode(self, x: Tensor) -> Tensor:
        """Return the direction of each row, unit length."""

    @abstractmethod
    def residual(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance of what is the row's own beside its class."""

    @abstractmethod
    def strength(self, x: Tensor) -> Tensor:
        """Return the length of each row relative to the mean, rows x 1."""

    @abstractmethod
    def compose(self, code: Tensor, residual: Tensor, strength: Tensor) -> Tensor:
        """Decode classes' codes with rows' own residuals and strengths."""

    def decode(self, code: Tensor) -> Tensor:
        """Decode codes alone: no residual, mean strength."""
        residual = code.new_zeros(len(code), self.n_residual)
        return self.compose(normalize(code), residual, code.new_ones(len(code), 1))

    def evidence(self, x: Tensor) -> Tensor:
        """Return rows x classes: cosine to the code over temperature."""
        return self.encode(x) @ normalize(self.codebook).T / self.temperature

    def reconstruct(self, x: Tensor, of_class: Tensor) -> Tensor:
        """Decode the code of the class with the row's own residual and strength."""
        code = normalize(self.codebook)[of_class]
        return self.compose(code, self.residual(x)[0], self.strength(x))

    def _divergence(self, mu: Tensor, log_var: Tensor, n_features: int) -> Tensor:
        return self.kl_weight * losses.gaussian_kl(mu, log_var).mean() / n_features


class ExpressionDirectional(Directional):
    """For signatures: the encoder is a whitening, solved not trained; SGD trains the decoder.

    ``z = unit(W unit(tanh(x / squash)))``, W the inverse square root of the shrunk covariance
    within classes. The code that minimises the published pull ``||sg(z) - e_y||^2`` is the mean
    direction of the class; it is set, not approached (van den Oord 2017, A.1, does so by moving
    averages). Beside it a class keeps ``members``: some of its signatures as further codes, for
    classes of several modes, compared through a kernel.
    """

    is_solved = True
    swaps_donors = True
    strength_scale: Tensor

    def __init__(self, n_features: int, n_codes: int, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        hidden, self.n_residual = settings["hidden"], settings["latent"]
        self.bandwidth, self.n_members = settings["bandwidth"], settings["members"]
        self.whitening = Whitening(n_features, settings["squash"], settings["shrinkage"])
        self.register_buffer("codebook", torch.zeros(n_codes, n_features))
        self.register_buffer("strength_scale", torch.ones(()))
        self.register_buffer("members", torch.zeros(0, n_features))
        self.register_buffer("member_class", torch.zeros(0, dtype=torch.int64))
        self.residual_encoder = nn.Sequential(nn.Linear(n_features, hidden), nn.Tanh())
        self.mu = nn.Linear(hidden, self.n_residual)
        self.log_var = nn.Linear(hidden, self.n_residual)
        self.of_code = nn.Linear(n_features, hidden, bias=False)
        self.of_residual = nn.Linear(self.n_residual, hidden)
        self.to_genes = nn.Sequential(
            nn.Tanh(), nn.Linear(hidden, n_features), nn.Tanh(), networks.Scaled(settings["scale"])
        )

    @torch.no_grad()
    def solve(self, x: SignatureMatrix, label: np.ndarray) -> None:
        """Set whitening, codes and members from training signatures, in two passes.

        Parameters
        ----------
        label
            Class of each signature, every class at least once.
        """
        labels, n_codes = torch.from_numpy(label), len(self.codebook)
        counts = torch.bincount(labels, minlength=n_codes).double()
        square = torch.zeros(x.shape[1], x.shape[1], dtype=torch.float64)
        sums = torch.zeros(n_codes, x.shape[1], dtype=torch.float64)
        length = 0.0
        for block, y in zip(tensors(x), labels.split(BLOCK), strict=True):
            rows = self.whitening.direction(block)
            square += (rows.T @ rows).double()
            sums.index_add_(0, y, rows.double())
            length += float(block.norm(dim=1).double().sum())
        self.whitening.fit(square.numpy(), sums.numpy(), counts.numpy())
        self.strength_scale.fill_(max(length / len(x), 1e-6))
        sums.zero_()
        for block, y in zip(tensors(x), labels.split(BLOCK), strict=True):
            sums.index_add_(0, y, self.encode(block).double())
        self.codebook.copy_(normalize(sums / counts[:, None]))
        kept = evenly(label, self.n_members)
        self.members = self.encode(torch.from_numpy(x[kept]))
        self.member_class = labels[kept]

    def encode(self, x: Tensor) -> Tensor:
        return self.whitening(x)

    def residual(self, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.residual_encoder(x)
        return self.mu(hidden), self.log_var(hidden)

    def strength(self, x: Tensor) -> Tensor:
        return x.norm(dim=1, keepdim=True) / self.strength_scale

    def compose(self, code: Tensor, residual: Tensor, strength: Tensor) -> Tensor:
        return self.to_genes(strength * self.of_code(code) + self.of_residual(residual))

    def evidence(self, x: Tensor) -> Tensor:
        """Return rows x classes: cosine to the code over temperature, and the members' kernel.

        The kernel is the log of the mean of exp(cosine / bandwidth) over the class's members.
        """
        z = self.encode(x)
        found = z @ normalize(self.codebook).T / self.temperature
        if len(self.members) == 0:
            return found
        likeness = z @ self.members.T / self.bandwidth
        # Relative to the nearest member: a narrow kernel would overflow, or leave no class any.
        nearest = likeness.amax(1, keepdim=True)
        member = one_hot(self.member_class, len(self.codebook)).to(z.dtype)
        mean = (likeness - nearest).exp() @ (member / member.sum(0))
        return found + nearest + mean.clamp_min(_LEAST).log()

    def terms(self, x: Tensor, label: Tensor) -> dict[str, Tensor]:
        mu, log_var = self.residual(x)
        own = self.of_residual(losses.sample_gaussian(mu, log_var))
        # Codes are few: each is projected once, not once a signature. And one product decodes
        # both, with the residual and without.
        code = self.strength(x) * self.of_code(normalize(self.codebook))[label]
        hidden = torch.cat([code + own, code + self.of_residual.bias])
        decoded, alone = self.to_genes(hidden).chunk(2)
        return {
            "reconstruction": mse_loss(decoded, x),
            "kl": self._divergence(mu, log_var, x.shape[1]),
            # The published term: what the code alone decodes to, which keeps it interpretable.
            "class_profile": mse_loss(alone, x),
        }


def evenly(label: np.ndarray, most: int) -> np.ndarray:
    """Return positions of at most ``most`` rows of each class, evenly spaced in their order."""
    order = np.argsort(label, kind="stable")
    counts = np.bincount(label)
    rank = np.arange(len(label)) - np.repeat(np.cumsum(counts) - counts, counts)
    size = np.repeat(counts, counts)
    # A row is kept where the running share of `most` steps to its next whole number.
    kept = np.minimum(most, size)
    chosen = (rank + 1) * kept // size > rank * kept // size
    return np.sort(order[chosen])


def tensors(x: SignatureMatrix) -> Iterator[Tensor]:
    """Yield the signatures in blocks."""
    return map(torch.from_numpy, x.blocks())
