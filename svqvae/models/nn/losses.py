"""The objectives, one function each; every term is a mean over batch and dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svqvae.models.lazy import F, torch

if TYPE_CHECKING:
    from torch import Tensor


def nearest_code(z: Tensor, codebook: Tensor) -> Tensor:
    """Return the index of the nearest code (squared Euclidean) of each row of ``z``."""
    return _beyond_length(z, codebook).argmin(1)


def _beyond_length(z: Tensor, codebook: Tensor) -> Tensor:
    """Return ``|z - e|^2 - |z|^2`` of each row and code, which tells the codes apart.

    Codes are few: this is one small product, where to gather a code for each row and to subtract it
    takes many passes over the batch. It is a small difference of large numbers, and never in bf16.
    """
    with torch.autocast(z.device.type, enabled=False):
        return torch.addmm(codebook.square().sum(1), z.to(codebook.dtype), codebook.T, alpha=-2)


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
    z = z.to(codebook.dtype)
    # The squared distances of rows and codes twice: with the gradient of the rows, of the codes.
    of_z, of_codes = _beyond_length(z, codebook.detach()), _beyond_length(z.detach(), codebook)
    nearest, length = of_z.detach().argmin(1), z.square().sum(1, keepdim=True)
    of_z, of_codes = of_z + length, of_codes + length.detach()
    own, other = (F.one_hot(index, len(codebook)) for index in (label, nearest))
    wrong = other * (nearest != label).unsqueeze(1)
    return {
        "code": (own * of_codes).sum() / z.numel(),
        "commitment": beta * (own * of_z).sum() / z.numel(),
        "repulsion": -(wrong * of_codes).sum() / z.numel(),
        "divergence": -gamma * (wrong * of_z).sum() / z.numel(),
    }


def vq_terms(z: Tensor, codebook: Tensor, nearest: Tensor, *, beta: float) -> dict[str, Tensor]:
    """Return code and commitment terms of the plain VQ-VAE (van den Oord et al. 2017).

    Parameters
    ----------
    nearest
        Index of the nearest code of each row.
    """
    own = codes_of(nearest, codebook)
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
