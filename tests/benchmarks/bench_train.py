"""Training throughput as a share of this machine's matrix products, measured in the same run.

The bound is a bare loop of the products that one step of a net needs, forward and backward,
without activations, loss, optimiser or input.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch

from svqvae import presets, train
from svqvae.matrix import SignatureMatrix
from svqvae.nn.catalogue import NETWORKS

SIGNATURES, GENES, CLASSES, EPOCHS = 8192, 978, 75, 3
#: Runs of each, in turn; the fastest counts, which other work on the machine disturbs least.
ROUNDS = 5


def layers_of(settings: dict) -> list[tuple[int, int, bool]]:
    """Return inputs, outputs of each product of a net, and whether its input has a gradient."""
    hidden = settings["hidden"]
    if settings["kind"] == "svqvae":
        return [(GENES, hidden, False), (hidden, GENES, True)]
    latent = settings["latent"]
    # Residual and code, then the decoder twice: with the residual, and from the code alone.
    into = [(GENES, hidden, False), (hidden, latent, True), (hidden, latent, True)]
    twice = [(GENES, hidden, False), (latent, hidden, True), (hidden, GENES, True)]
    return [*into, *twice, *twice]


def bare_products(batch: int, layers: Sequence[tuple[int, int, bool]]) -> float:
    """Return samples per second of the matrix products of a step."""
    made = [
        (torch.randn(batch, a), torch.randn(a, b), torch.randn(batch, b), back)
        for a, b, back in layers
    ]
    started, steps = time.perf_counter(), SIGNATURES // batch * EPOCHS
    for _ in range(steps):
        for x, weight, gradient, back in made:
            x @ weight
            x.T @ gradient
            if back:
                gradient @ weight.T
    return steps * batch / (time.perf_counter() - started)


def training(settings: dict) -> float:
    """Return samples per second of the training loop."""
    rng = np.random.default_rng(0)
    x = SignatureMatrix(rng.standard_normal((SIGNATURES, GENES), dtype=np.float32))
    label = torch.from_numpy(rng.integers(CLASSES, size=SIGNATURES))
    module = NETWORKS[settings["kind"]](GENES, CLASSES, settings)
    module.solve(x, label.numpy())
    started = time.perf_counter()
    train.fit(module, x, label, settings=settings, seed=0)
    return SIGNATURES * EPOCHS / (time.perf_counter() - started)


def main() -> None:
    """Print one line per preset and batch size."""
    print(f"{torch.get_num_threads()} threads, {SIGNATURES} x {GENES}, {EPOCHS} epochs")
    for preset in ("paper", "svqvae"):
        for batch in (256, 512, 1024):
            settings = presets.resolve(preset, {"epochs": EPOCHS, "batch_size": batch})
            layers = layers_of(settings)
            pairs = [(bare_products(batch, layers), training(settings)) for _ in range(ROUNDS)]
            bound, found = (max(side) for side in zip(*pairs, strict=True))
            print(
                f"{preset:>6}, batch {batch:>4}: {found:>8,.0f} signatures/s, products alone "
                f"{bound:>8,.0f}, share {found / bound:.2f}"
            )


if __name__ == "__main__":
    main()
