"""The three models of the papers: S-VQ-VAE, VQ-VAE and VAE, each with its own objective.

Xue, Ding, Lu 2019 (S-VQ-VAE); van den Oord, Vinyals, Kavukcuoglu 2017 (VQ-VAE). For a signature
x of class y: z = E(x) with tanh units, codes e_1 .. e_K, decoder D, stop-gradient sg, and k the
code nearest to z::

  S-VQ-VAE   |D(e_y) - x|^2 + |sg(z) - e_y|^2 + beta |z - sg(e_y)|^2
             - [k != y] (|sg(z) - e_k|^2 + gamma |z - sg(e_k)|^2)
  VQ-VAE     |D(e_k) - x|^2 + |sg(z) - e_k|^2 + beta |z - sg(e_k)|^2
  VAE        |D(r) - x|^2 + KL(N(mu(x), sigma(x)^2) || N(0, 1)),  r ~ N(mu(x), sigma(x)^2)

Every term is a mean over batch and dimensions. D is trained through the code as if it were z.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from svqvae.models.base import Presets
from svqvae.models.lazy import F, nn, torch
from svqvae.models.network import NetworkModel
from svqvae.models.nn import losses
from svqvae.models.settings import NetworkSettings, choice, not_negative, positive, units

if TYPE_CHECKING:
    from torch import Tensor

#: Dimensions of code and latent of the convolutional nets.
IMAGE_LATENT = 3200
#: Share of the epochs for which the network is trained that calibration asks, on four fifths of the
#: compounds: beyond it the evidence of compounds that were left out hardly changes.
_OF_EPOCHS = 1 / 3
#: What the MNIST models have in place of the expression models' settings.
_IMAGE = {"net": "image", "scale": 1.0, "epochs": 25, "lr": 1e-3}


@dataclass(frozen=True, kw_only=True)
class VQVAESettings(NetworkSettings):
    """Of the plain VQ-VAE; the numbers are the papers'."""

    net: str = choice("expression", "image")
    hidden: int = units(1000)  # dimensions of code and latent
    scale: float = positive(10.0)  # what the decoder reaches; data are clipped to it
    beta: float = not_negative(0.25)  # weight of the commitment
    epochs: int = positive(900)
    lr: float = positive(1e-4, most=10)
    precision: str = choice("float32", "auto")  # auto: bf16 where the hardware multiplies it

    @staticmethod
    def unread(values: Mapping[str, Any]) -> set[str]:
        """Sizes and reach of the convolutional nets are built in."""
        return {"hidden", "scale"} if values["net"] == "image" else set()


@dataclass(frozen=True, kw_only=True)
class SVQVAESettings(VQVAESettings):
    """Of the published S-VQ-VAE."""

    gamma: float = not_negative(0.1)  # weight of the divergence from the wrong nearest code


@dataclass(frozen=True, kw_only=True)
class VAESettings(NetworkSettings):
    """Of the VAE that the papers compare with."""

    hidden: int = units(1000)  # of each hidden layer
    latent: int = units(100)
    scale: float = positive(10.0)  # what the decoder reaches; data are clipped to it
    batch_size: int = positive(512)
    precision: str = choice("float32", "auto")  # auto: bf16 where the hardware multiplies it


class VQVAE(NetworkModel):
    """Plain VQ-VAE: as many codes as classes, the nearest in training, labels unused."""

    settings_class = VQVAESettings
    settings: VQVAESettings
    presets: ClassVar[Presets] = {"vqvae": {}, "vqvae_image": _IMAGE}

    def build(self) -> nn.Module:
        from svqvae.models.nn import networks

        net: Any = nn.Module()
        n_genes, n_codes = len(self.var_names), len(self.class_names)
        if self.settings.net == "image":
            self._require_image()
            latent = IMAGE_LATENT
            net.encoder, net.decoder = networks.image_encoder(), networks.image_decoder()
        else:
            latent = self.settings.hidden
            net.encoder = networks.expression_encoder(n_genes, latent)
            net.decoder = networks.expression_decoder(latent, n_genes, self.settings.scale)
        codes = torch.empty(n_codes, latent).uniform_(-1 / n_codes, 1 / n_codes)
        net.codebook = nn.Parameter(codes)
        return net

    def encode(self, x: Tensor) -> Tensor:
        return self.net.encoder(x)

    def generate(self, z: Tensor) -> Tensor:
        """Decode the nearest code: the decoder knows nothing but the codebook."""
        return self.net.decoder(self.net.codebook[losses.nearest_code(z, self.net.codebook)])

    def terms(self, x: Tensor, label: Tensor) -> dict[str, Tensor]:
        from svqvae.models.nn.through import decode_codes

        z, codebook = self.encode(x), self.net.codebook
        nearest = losses.nearest_code(z.detach(), codebook.detach())
        decoded = decode_codes(self.net.decoder, z, codebook, nearest)
        codebook_terms = losses.vq_terms(z, codebook, nearest, beta=self.settings.beta)
        return {"reconstruction": F.mse_loss(decoded, x), **codebook_terms}

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        """Decode the nearest code of each signature: codes are of no class."""
        return self.decode(self.latent(x))


class PublishedSVQVAE(VQVAE):
    """Published S-VQ-VAE: in training the code is the label's, in use the predicted class's."""

    settings_class = SVQVAESettings
    settings: SVQVAESettings
    presets: ClassVar[Presets] = {"paper": {}, "paper_image": _IMAGE}
    parts_left_out = 1

    def generate(self, z: Tensor) -> Tensor:
        return self.net.decoder(z)

    def terms(self, x: Tensor, label: Tensor) -> dict[str, Tensor]:
        from svqvae.models.nn.through import decode_codes

        z, codebook = self.encode(x), self.net.codebook
        decoded = decode_codes(self.net.decoder, z, codebook, label)
        beta, gamma = self.settings.beta, self.settings.gamma
        codebook_terms = losses.supervised_vq_terms(z, codebook, label, beta=beta, gamma=gamma)
        return {"reconstruction": F.mse_loss(decoded, x), **codebook_terms}

    def of_rows(self, known: np.ndarray) -> Self:
        part = super().of_rows(known)
        epochs = max(1, round(_OF_EPOCHS * self.settings.epochs))
        part.settings = replace(self.settings, epochs=epochs)
        return part

    def fit_evidence(self, *, seed: int) -> None:
        """Train another network: the one there is has been given the labels of all signatures."""
        torch.manual_seed(seed)
        self.net = self.build()
        self._fit(seed=seed, checkpoint=None)
        self.fit_codes()

    def codes_of_classes(self, means: np.ndarray) -> np.ndarray:
        """Return the codebook: with labels, each code is the one of its class."""
        return self.net.codebook.detach().numpy().copy()

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        """Decode the code of the class that each signature is taken for."""
        return self.decode(self.codes)[self.first_class(x)]


class VAE(NetworkModel):
    """VAE genes-1000-1000-100 with Tanh layers; the latent is the posterior mean."""

    settings_class = VAESettings
    settings: VAESettings
    presets: ClassVar[Presets] = {"vae": {}}

    def build(self) -> nn.Module:
        from svqvae.models.nn.networks import Scaled

        n_genes, hidden, latent = len(self.var_names), self.settings.hidden, self.settings.latent
        net: Any = nn.Module()
        net.encoder = nn.Sequential(
            nn.Linear(n_genes, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh()
        )
        net.mu = nn.Linear(hidden, latent)
        net.log_var = nn.Linear(hidden, latent)
        net.decoder = nn.Sequential(
            nn.Linear(latent, hidden),
            nn.Tanh(),
            nn.Linear(hidden, hidden),
            nn.Tanh(),
            nn.Linear(hidden, n_genes),
            nn.Tanh(),
            Scaled(self.settings.scale),
        )
        return net

    def encode(self, x: Tensor) -> Tensor:
        return self.net.mu(self.net.encoder(x))

    def generate(self, z: Tensor) -> Tensor:
        return self.net.decoder(z)

    def terms(self, x: Tensor, label: Tensor) -> dict[str, Tensor]:
        hidden = self.net.encoder(x)
        mu, log_var = self.net.mu(hidden), self.net.log_var(hidden)
        decoded = self.generate(losses.sample_gaussian(mu, log_var))
        # Summed squared error + KL, both divided by the number of genes: the ELBO with a noise
        # variance of 1/2, scaled.
        return {
            "reconstruction": F.mse_loss(decoded, x),
            "kl": losses.gaussian_kl(mu, log_var).mean() / x.shape[1],
        }

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        """Decode the latent of each signature, which knows no classes."""
        return self.decode(self.latent(x))
