"""The three published models: S-VQ-VAE, VQ-VAE and VAE, each with its own loss."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from svqvae.models.nn import losses, networks
from svqvae.models.nn.network import Network

IMAGE_LATENT = 3200


class _Quantised(Network):
    """Encoder, decoder and a codebook initialised uniform(+-1/K)."""

    def __init__(self, n_features: int, n_codes: int, settings: dict[str, Any]) -> None:
        super().__init__()
        if settings["net"] == "image":
            latent = IMAGE_LATENT
            self.encoder, self.decoder = networks.image_encoder(), networks.image_decoder()
        else:
            latent = settings["hidden"]
            self.encoder = networks.expression_encoder(n_features, latent)
            self.decoder = networks.expression_decoder(latent, n_features, settings["scale"])
        bound = 1 / n_codes
        self.codebook = nn.Parameter(torch.empty(n_codes, latent).uniform_(-bound, bound))
        self.beta = settings["beta"]

    def encode(self, x: Tensor) -> Tensor:
        return self.encoder(x)

    def decode(self, z: Tensor) -> Tensor:
        return self.decoder(z)


class SVQVAEModule(_Quantised):
    """Published S-VQ-VAE: in training the code is the label's, in use the predicted class's."""

    def __init__(self, n_features: int, n_codes: int, settings: dict[str, Any]) -> None:
        super().__init__(n_features, n_codes, settings)
        self.gamma = settings["gamma"]

    def reconstruct(self, x: Tensor, of_class: Tensor) -> Tensor:
        return self.decode(self.codebook[of_class])

    def terms(self, x: Tensor, label: Tensor) -> dict[str, Tensor]:
        z = self.encode(x)
        decoded = self.decode(losses.straight_through(z, losses.codes_of(label, self.codebook)))
        codebook_terms = losses.supervised_vq_terms(
            z, self.codebook, label, beta=self.beta, gamma=self.gamma
        )
        return {"reconstruction": mse_loss(decoded, x), **codebook_terms}


class VQVAEModule(_Quantised):
    """Plain VQ-VAE: the same nets, the nearest code in training, labels unused."""

    def decode(self, z: Tensor) -> Tensor:
        """Decode the nearest code: the decoder knows nothing but the codebook."""
        return self.decoder(self.codebook[losses.nearest_code(z, self.codebook)])

    def reconstruct(self, x: Tensor, of_class: Tensor) -> Tensor:
        """Decode the nearest code of each row: codes are of no class."""
        return self.decode(self.encode(x))

    def terms(self, x: Tensor, label: Tensor) -> dict[str, Tensor]:
        z = self.encode(x)
        code = losses.codes_of(losses.nearest_code(z, self.codebook), self.codebook)
        decoded = self.decoder(losses.straight_through(z, code))
        return {
            "reconstruction": mse_loss(decoded, x),
            **losses.vq_terms(z, self.codebook, beta=self.beta),
        }


class VAEModule(Network):
    """VAE genes-1000-1000-100 with Tanh layers; the latent is the posterior mean."""

    def __init__(self, n_features: int, n_codes: int, settings: dict[str, Any]) -> None:
        super().__init__()
        hidden, latent = settings["hidden"], settings["latent"]
        self.encoder = nn.Sequential(
            nn.Linear(n_features, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh()
        )
        self.mu = nn.Linear(hidden, latent)
        self.log_var = nn.Linear(hidden, latent)
        self.decoder = nn.Sequential(
            nn.Linear(latent, hidden),
            nn.Tanh(),
            nn.Linear(hidden, hidden),
            nn.Tanh(),
            nn.Linear(hidden, n_features),
            nn.Tanh(),
            networks.Scaled(settings["scale"]),
        )

    def encode(self, x: Tensor) -> Tensor:
        return self.mu(self.encoder(x))

    def decode(self, z: Tensor) -> Tensor:
        return self.decoder(z)

    def reconstruct(self, x: Tensor, of_class: Tensor) -> Tensor:
        """Decode the latent of each row, which knows no classes."""
        return self.decode(self.encode(x))

    def terms(self, x: Tensor, label: Tensor) -> dict[str, Tensor]:
        hidden = self.encoder(x)
        mu, log_var = self.mu(hidden), self.log_var(hidden)
        decoded = self.decode(losses.sample_gaussian(mu, log_var))
        # Summed squared error + KL, both divided by the number of genes: the ELBO with a noise
        # variance of 1/2, scaled.
        return {
            "reconstruction": mse_loss(decoded, x),
            "kl": losses.gaussian_kl(mu, log_var).mean() / x.shape[1],
        }


MODULES: dict[str, type[Network]] = {
    "svqvae": SVQVAEModule,
    "vqvae": VQVAEModule,
    "vae": VAEModule,
}
