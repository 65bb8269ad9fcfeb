"""S-VQ-VAE on the sphere for images: encoder, codes and decoder are trained together."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss, normalize

from svqvae.data.matrix import SignatureMatrix
from svqvae.models.nn import losses, networks
from svqvae.models.nn.directional import Directional, tensors
from svqvae.models.nn.warp import warped


class ImageDirectional(Directional):
    """For images: a convolutional encoder, trained with a bounded supervised term.

    ``-log softmax_y(cos(z, e) / temperature)`` takes the place of the published pull, repulsion
    and divergence: it pulls the right code and pushes all others, and cannot run away. In
    training every image is warped a little, and reconstructed as it is then.
    """

    residual_mean: Tensor
    residual_root: Tensor

    def __init__(self, n_features: int, n_codes: int, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self.n_residual = self.n_noise = settings["latent"]
        self.supervision = settings["supervision"]
        self.warp = settings["warp"]
        hidden, direction = settings["hidden"], settings["direction"]
        self.features = networks.digit_features()
        self.direction = nn.Sequential(
            nn.Dropout(0.3),
            nn.Linear(networks.DIGIT_FEATURES, hidden),
            nn.ReLU(),
            nn.Dropout(0.3),
            nn.Linear(hidden, direction),
        )
        # Without dropout: what is left out of an individual cannot be reconstructed.
        self.own = nn.Sequential(nn.Linear(networks.DIGIT_FEATURES, hidden), nn.ReLU())
        self.mu = nn.Linear(hidden, self.n_residual)
        self.log_var = nn.Linear(hidden, self.n_residual)
        self.decoder = networks.digit_decoder(direction + self.n_residual)
        self.codebook = nn.Parameter(normalize(torch.randn(n_codes, direction)))
        size = self.n_residual
        self.register_buffer("residual_mean", torch.zeros(n_codes, size))
        self.register_buffer("residual_root", torch.eye(size).repeat(n_codes, 1, 1))

    @torch.no_grad()
    def conclude(self, x: SignatureMatrix, label: np.ndarray) -> None:
        """Keep mean and covariance of the residuals of each class, to draw others from."""
        residuals = torch.cat([self.residual(block)[0] for block in tensors(x)]).double()
        for one in range(len(self.codebook)):
            own = residuals[torch.from_numpy(label == one)]
            self.residual_mean[one] = own.mean(0)
            values, vectors = torch.linalg.eigh(torch.cov(own.T, correction=0))
            self.residual_root[one] = vectors * values.clamp_min(0).sqrt()

    def draw(self, at: int, noise: Tensor) -> Tensor:
        residual = self.residual_mean[at] + noise @ self.residual_root[at].T
        code = normalize(self.codebook[at], dim=0).expand(len(noise), -1)
        return self.compose(code, residual, noise.new_ones(1, 1))

    def encode(self, x: Tensor) -> Tensor:
        return normalize(self.direction(self.features(x)))

    def residual(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self._residual_of(self.features(x))

    def _residual_of(self, features: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.own(features)
        return self.mu(hidden), self.log_var(hidden)

    def strength(self, x: Tensor) -> Tensor:
        return x.new_ones(len(x), 1)

    def compose(self, code: Tensor, residual: Tensor, strength: Tensor) -> Tensor:
        return self.decoder(torch.cat([strength * code, residual], dim=1))

    def terms(self, x: Tensor, label: Tensor) -> dict[str, Tensor]:
        if self.training:
            x = warped(x, self.warp)
        features = self.features(x)
        z = normalize(self.direction(features))
        codes = normalize(self.codebook)
        code = losses.straight_through(z, losses.codes_of(label, codes))
        mu, log_var = self._residual_of(features)
        decoded = self.compose(code, losses.sample_gaussian(mu, log_var), self.strength(x))
        supervised = cross_entropy(z @ codes.T / self.temperature, label)
        return {
            "reconstruction": mse_loss(decoded, x),
            "kl": self._divergence(mu, log_var, x.shape[1]),
            # What the code alone decodes to: without it the residual would carry the class as well.
            "class_profile": mse_loss(self.decode(codes)[label], x),
            "supervision": self.supervision * supervised,
        }
