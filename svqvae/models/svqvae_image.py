"""S-VQ-VAE, ours, for images: encoder, codes and decoder are trained together.

For an image x of class y, ``u(v) = v / |v|``, t = temperature, F convolutions::

  (1) encoder    z = u(G F(x)),  codes e_c of unit length, both trained
  (2) evidence   g_c = z . e_c / t;  scores and probabilities as of signatures   [calibration]
  (3) decoder    D(e_c, r),  r ~ N(mu(F(x)), sigma(F(x))^2)
  (4) objective  |D(e_y, r) - x|^2 / n + w KL(r || N(0, 1)) / n + |D(e_y, 0) - o|^2 / n
                 - h log softmax_y(g)
  (5) simulation D(e_c, r), r drawn from the residuals' Gaussian of class c

The last term of (4) takes the place of the published pull, repulsion and divergence: it pulls the
right code and pushes all others, and cannot run away. In training x is the image o warped a
little. Codes alone decode to the mean of the images as they are: that of warped ones is blurred,
and a blurred shirt is read as a coat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from svqvae.models.base import Presets
from svqvae.models.lazy import F, nn, torch
from svqvae.models.nn import losses
from svqvae.models.nn.warp import warped
from svqvae.models.novelty import NoveltyModel
from svqvae.models.settings import (
    NetworkSettings,
    choice,
    not_negative,
    positive,
    share,
    units,
)

if TYPE_CHECKING:
    from torch import Tensor

#: Of the layers before codes; an individual keeps all, or it could not be reconstructed.
_DROPOUT = 0.3


@dataclass(frozen=True, kw_only=True)
class Settings(NetworkSettings):
    """docs/evidence.md says what each part is worth."""

    temperature: float = positive(0.1, least=1e-6)  # t
    balance: float = share(0.0)  # calibration for images alike (0) or for classes alike (1)
    direction: int = units(32)  # dimensions of z and the codes
    hidden: int = units(256)
    latent: int = units(32)  # dimensions of the residual r
    scale: float = positive(1.0)  # what the decoder reaches, which is built in
    kl_weight: float = not_negative(0.005)  # w
    supervision: float = not_negative(0.5)  # h
    warp: float = not_negative(1.0, most=10)  # size of the warps; 0: none
    epochs: int = positive(12)
    patience: int = positive(12)  # epochs without a better held-out loss
    lr: float = positive(2e-3, most=10)
    schedule: str = choice("cosine", "constant")
    precision: str = choice("float32", "auto")  # auto: bf16 where the hardware multiplies it

    @staticmethod
    def unread(values: Mapping[str, Any]) -> set[str]:
        return {"scale"}


class SVQVAEImage(NoveltyModel):
    """S-VQ-VAE for images of 28 x 28 pixels in [-1, 1]."""

    settings_class = Settings
    settings: Settings
    presets: ClassVar[Presets] = {"svqvae_image": {}}

    def build(self) -> nn.Module:
        from svqvae.models.nn import networks

        self._require_image()
        hidden, direction = self.settings.hidden, self.settings.direction
        latent, n_codes = self.settings.latent, len(self.class_names)
        net: Any = nn.Module()
        net.features = networks.digit_features()
        net.direction = nn.Sequential(
            nn.Dropout(_DROPOUT),
            nn.Linear(networks.DIGIT_FEATURES, hidden),
            nn.ReLU(),
            nn.Dropout(_DROPOUT),
            nn.Linear(hidden, direction),
        )
        net.own = nn.Sequential(nn.Linear(networks.DIGIT_FEATURES, hidden), nn.ReLU())
        net.mu = nn.Linear(hidden, latent)
        net.log_var = nn.Linear(hidden, latent)
        net.decoder = networks.digit_decoder(direction + latent)
        net.codebook = nn.Parameter(F.normalize(torch.randn(n_codes, direction)))
        net.register_buffer("residual_mean", torch.zeros(n_codes, latent))
        net.register_buffer("residual_root", torch.eye(latent).repeat(n_codes, 1, 1))
        return net

    # -- the parts -------------------------------------------------------------------------
    def encode(self, x: Tensor) -> Tensor:
        """Return the direction of each row, unit length."""
        return F.normalize(self.net.direction(self.net.features(x)))

    def evidence(self, x: Tensor) -> Tensor:
        return self.encode(x) @ F.normalize(self.net.codebook).T / self.settings.temperature

    def residual(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance of what is the row's own beside its class."""
        return self._residual_of(self.net.features(x))

    def _residual_of(self, features: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.net.own(features)
        return self.net.mu(hidden), self.net.log_var(hidden)

    def compose(self, code: Tensor, residual: Tensor) -> Tensor:
        """Decode codes with residuals."""
        return self.net.decoder(torch.cat([code, residual], dim=1))

    def generate(self, z: Tensor) -> Tensor:
        """Decode codes alone."""
        return self.compose(F.normalize(z), z.new_zeros(len(z), self.settings.latent))

    def terms(self, x: Tensor, label: Tensor) -> dict[str, Tensor]:
        as_it_is = x
        if self.net.training:
            x = warped(x, self.settings.warp)
        features = self.net.features(x)
        z = F.normalize(self.net.direction(features))
        codes = F.normalize(self.net.codebook)
        code = losses.straight_through(z, losses.codes_of(label, codes))
        mu, log_var = self._residual_of(features)
        decoded = self.compose(code, losses.sample_gaussian(mu, log_var))
        divergence = self.settings.kl_weight * losses.gaussian_kl(mu, log_var).mean()
        supervised = F.cross_entropy(z @ codes.T / self.settings.temperature, label)
        return {
            "reconstruction": F.mse_loss(decoded, x),
            "kl": divergence / x.shape[1],
            # What the code alone decodes to: without it the residual would carry the class as well.
            "class_profile": F.mse_loss(self.generate(codes)[label], as_it_is),
            "supervision": self.settings.supervision * supervised,
        }

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        """Decode the code of the class that :meth:`predict` names, with the row's own residual."""

        def of(rows: Tensor, of_class: Tensor) -> Tensor:
            return self.compose(F.normalize(self.net.codebook)[of_class], self.residual(rows)[0])

        return self.in_blocks(of, x, self.first_class(x))

    # -- from images to a model ------------------------------------------------------------
    def train(self, *, seed: int = 0, checkpoint: Path | None = None) -> Self:
        torch.manual_seed(seed)
        self.net = self.build()
        watched = self.watched(seed)
        self.history = self._fit(seed=seed, held_out=watched, checkpoint=checkpoint)
        self._keep_residuals()
        self._summarise_latent()
        self.codes = self.net.codebook.detach().numpy().copy()
        if watched is not None:
            # Gradient saw all images but these.
            rows = np.flatnonzero(watched)
            evidence = self.evidence_of(self._x[rows])
            self.take_left_out(self._y[rows], evidence, self._compound[rows])
        return self

    def _keep_residuals(self) -> None:
        """Keep mean and covariance of the residuals of each class, to draw others from."""
        with torch.no_grad():
            blocks = map(torch.from_numpy, self._x.blocks())
            residuals = torch.cat([self.residual(block)[0] for block in blocks]).double()
            for one in range(len(self.class_names)):
                own = residuals[torch.from_numpy(self._y == one)]
                self.net.residual_mean[one] = own.mean(0)
                values, vectors = torch.linalg.eigh(torch.cov(own.T, correction=0))
                self.net.residual_root[one] = vectors * values.clamp_min(0).sqrt()

    def _draw(self, at: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw residuals of the class, and decode them with its code."""
        noise = rng.standard_normal((n, self.settings.latent)).astype(np.float32)
        with torch.inference_mode():
            residual = (
                self.net.residual_mean[at] + torch.from_numpy(noise) @ self.net.residual_root[at].T
            )
            code = F.normalize(self.net.codebook[at], dim=0).expand(n, -1)
            return self.compose(code, residual).numpy()
