"""Training throughput as a share of this machine's matrix products, measured in the same run.

The bound is a bare loop of the products that one step of a net needs, forward and backward,
without activations, loss, optimiser or input.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch

from svqvae.data.matrix import SignatureMatrix
from svqvae.data.membership import Membership
from svqvae.models import training as train
from svqvae.models.directions import solve
from svqvae.models.network import NetworkModel
from svqvae.models.registry import classes
from svqvae.models.svqvae import SVQVAE

SIGNATURES, GENES, CLASSES, EPOCHS = 8192, 978, 75, 3
#: Runs of each, in turn; the fastest counts, which other work on the machine disturbs least.
ROUNDS = 5


#: A product of a step: rows, inputs, outputs, and whether its input has a gradient.
Product = tuple[int, int, int, bool]


def untrained(preset: str, batch: int) -> NetworkModel:
    """Return a network with its parts as they are before training."""
    model = classes()[preset](None, preset=preset, epochs=EPOCHS, batch_size=batch)
    assert isinstance(model, NetworkModel)
    model.var_names = [f"gene {i}" for i in range(GENES)]
    model.class_names = [f"class {i}" for i in range(CLASSES)]
    model.net = model.build()
    return model


def products_of(preset: str, batch: int) -> list[Product]:
    """Return the matrix products of one step."""
    settings = classes()[preset](None, preset=preset).settings
    hidden = settings.hidden
    if preset == "paper":
        return [(batch, GENES, hidden, False), (batch, hidden, GENES, True)]
    latent = settings.latent
    return [
        (batch, GENES, hidden, False),  # residual encoder, mean, log variance
        (batch, hidden, latent, True),
        (batch, hidden, latent, True),
        (batch, latent, hidden, True),  # decoder: residual, codes, then with it and without
        (CLASSES, GENES, hidden, False),
        (2 * batch, hidden, GENES, True),
    ]


def bare_products(batch: int, products: Sequence[Product]) -> float:
    """Return samples per second of the matrix products of a step."""
    made = [
        (torch.randn(n, a), torch.randn(a, b), torch.randn(n, b), back)
        for n, a, b, back in products
    ]
    started, steps = time.perf_counter(), SIGNATURES // batch * EPOCHS
    for _ in range(steps):
        for x, weight, gradient, back in made:
            x @ weight
            x.T @ gradient
            if back:
                gradient @ weight.T
    return steps * batch / (time.perf_counter() - started)


def training(preset: str, batch: int) -> float:
    """Return samples per second of the training loop."""
    rng = np.random.default_rng(0)
    x = SignatureMatrix(rng.standard_normal((SIGNATURES, GENES), dtype=np.float32))
    label = torch.from_numpy(rng.integers(CLASSES, size=SIGNATURES))
    model = untrained(preset, batch)
    if isinstance(model, SVQVAE):
        one = label.numpy()
        of = Membership.single(one, CLASSES)
        model.take_directions(solve(x, one, of, settings=model.settings))
    started = time.perf_counter()
    train.fit(model, x, label, seed=0)
    return SIGNATURES * EPOCHS / (time.perf_counter() - started)


def main() -> None:
    """Print one line per preset and batch size."""
    print(f"{torch.get_num_threads()} threads, {SIGNATURES} x {GENES}, {EPOCHS} epochs")
    for preset in ("paper", "svqvae"):
        for batch in (256, 512, 1024):
            step = products_of(preset, batch)
            pairs = [(bare_products(batch, step), training(preset, batch)) for _ in range(ROUNDS)]
            bound, found = (max(side) for side in zip(*pairs, strict=True))
            print(
                f"{preset:>6}, batch {batch:>4}: {found:>8,.0f} signatures/s, products alone "
                f"{bound:>8,.0f}, share {found / bound:.2f}"
            )


if __name__ == "__main__":
    main()
