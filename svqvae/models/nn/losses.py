"""The objectives, one function each; every term is a mean over batch and dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svqvae.models.lazy import F, torch

if TYPE_CHECKING:
    from torch import Tensor


def nearest_code(z: Tensor, codebook: Tensor) -> Tensor:
    """Return the index of the nearest code (squared Euclidean) of each row of ``z``."""
    return (codebook.pow(2).sum(1) - 2 * z @ codebook.T).argmin(1)


def codes_of(index: Tensor, codebook: Tensor) -> Tensor:
    """Return the codes of class indices.

    The gradient of ``codebook[index]`` is summed in the order that threads happen to run in;
    that of an embedding is the same to the bit every time.
    """
    return F.embedding(index, codebook)


def straight_through(z: Tensor, code: Tensor) -> Tensor:
    """Return ``code`` in the forward pass and pass its gradient to ``z`` unchanged."""
    return z + (code - z).detach()


def supervised_vq_terms(
    z: Tensor, codebook: Tensor, label: Tensor, *, beta: float, gamma: float
) -> dict[str, Tensor]:
    """Return the four codebook terms of the S-VQ-VAE objective (Xue et al. 2019).

    Parameters
    ----------
    z
        Encoder output, batch x dimensions.
    codebook
        Classes x dimensions.
    label
        Class index of each row, int64.
    beta, gamma
        Weights of commitment (0.25 in the paper) and divergence (0.1).

    Returns
    -------
    dict
        ``code`` pulls e_y to z, ``commitment`` z to e_y; ``repulsion`` and ``divergence``
        (both <= 0) push the wrong nearest code and z apart. Their sum is the loss.
    """
    nearest = nearest_code(z.detach(), codebook.detach())
    own, other = codes_of(label, codebook), codes_of(nearest, codebook)
    wrong = (nearest != label).to(z.dtype).unsqueeze(1)
    return {
        "code": F.mse_loss(own, z.detach()),
        "commitment": beta * F.mse_loss(z, own.detach()),
        "repulsion": -(wrong * (z.detach() - other).pow(2)).mean(),
        "divergence": -gamma * (wrong * (z - other.detach()).pow(2)).mean(),
    }


def vq_terms(z: Tensor, codebook: Tensor, *, beta: float) -> dict[str, Tensor]:
    """Return code and commitment terms of the plain VQ-VAE (van den Oord et al. 2017)."""
    own = codes_of(nearest_code(z.detach(), codebook.detach()), codebook)
    return {
        "code": F.mse_loss(own, z.detach()),
        "commitment": beta * F.mse_loss(z, own.detach()),
    }


def gaussian_kl(mu: Tensor, log_var: Tensor) -> Tensor:
    """Return KL(N(mu, exp(log_var)) || N(0, 1)) per row, summed over latent dimensions."""
    return -0.5 * (1 + log_var - mu.pow(2) - log_var.exp()).sum(1)


def sample_gaussian(mu: Tensor, log_var: Tensor) -> Tensor:
    """Draw from N(mu, exp(log_var)) by reparameterisation."""
    return mu + torch.randn_like(mu) * (0.5 * log_var).exp()
