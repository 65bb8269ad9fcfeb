"""Encoders and decoders with the published sizes."""

from __future__ import annotations

from torch import Tensor, nn

from svqvae.models.network import IMAGE_SIDE


class Scaled(nn.Module):
    """Multiply by a constant: Tanh output x 10 covers data clipped to +-10."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * x


def expression_encoder(n_genes: int, hidden: int) -> nn.Module:
    """Linear(genes, hidden) + Tanh; the paper has 978 -> 1000."""
    return nn.Sequential(nn.Linear(n_genes, hidden), nn.Tanh())


def expression_decoder(hidden: int, n_genes: int, scale: float) -> nn.Module:
    """Linear(hidden, genes) + Tanh, times ``scale``."""
    return nn.Sequential(nn.Linear(hidden, n_genes), nn.Tanh(), Scaled(scale))


def image_encoder() -> nn.Module:
    """Two convolutions of the MNIST model, 784 pixels to 3200 dimensions."""
    return nn.Sequential(
        nn.Unflatten(1, (1, IMAGE_SIDE, IMAGE_SIDE)),
        nn.Conv2d(1, 20, 5, stride=2),
        nn.ReLU(),
        nn.Conv2d(20, 50, 5),
        nn.ReLU(),
        nn.Flatten(),
        nn.Tanh(),
    )


def image_decoder() -> nn.Module:
    """Transposed convolutions of the MNIST model, 3200 dimensions to 784 pixels in [-1, 1]."""
    return nn.Sequential(
        nn.Unflatten(1, (50, 8, 8)),
        nn.ConvTranspose2d(50, 20, 3, stride=3),
        nn.ReLU(),
        nn.ConvTranspose2d(20, 1, 5),
        nn.Tanh(),
        nn.Flatten(),
    )


#: Features that :func:`digit_features` makes of an image.
DIGIT_FEATURES = 48 * 7 * 7


def digit_features() -> nn.Module:
    """Two strided convolutions, 784 pixels to :data:`DIGIT_FEATURES`."""
    return nn.Sequential(
        nn.Unflatten(1, (1, IMAGE_SIDE, IMAGE_SIDE)),
        nn.Conv2d(1, 24, 5, stride=2, padding=2),
        nn.BatchNorm2d(24),
        nn.ReLU(),
        nn.Conv2d(24, 48, 5, stride=2, padding=2),
        nn.BatchNorm2d(48),
        nn.ReLU(),
        nn.Flatten(),
    )


def digit_decoder(latent: int) -> nn.Module:
    """Three layers, ``latent`` dimensions to 784 pixels in [-1, 1].

    Transposed convolutions took twice the time and left no smaller error.
    """
    return nn.Sequential(
        nn.Linear(latent, 512),
        nn.ReLU(),
        nn.Linear(512, 512),
        nn.ReLU(),
        nn.Linear(512, IMAGE_SIDE**2),
        nn.Tanh(),
    )
