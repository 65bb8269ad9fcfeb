"""Training throughput as a share of this machine's matrix products, measured in the same run.

The bound is a bare loop of the products that one step of the paper net needs (forward and
backward of 978-1000-978), without loss, optimiser or input.
"""

from __future__ import annotations

import time

import torch

from svqvae import presets, train
from svqvae.matrix import SignatureMatrix
from svqvae.nn.modules import MODULES

SIGNATURES, GENES, CLASSES, EPOCHS = 8192, 978, 75, 3


def bare_products(batch: int, hidden: int) -> float:
    """Return samples per second of the five matrix products of a step."""
    x, z = torch.randn(batch, GENES), torch.randn(batch, hidden)
    into, out = torch.randn(GENES, hidden), torch.randn(hidden, GENES)
    started, steps = time.perf_counter(), SIGNATURES // batch * EPOCHS
    for _ in range(steps):
        x @ into, z @ out
        x @ out.T, z.T @ x  # gradients of the decoder: its input, its weight
        x.T @ z  # gradient of the encoder's weight; its input needs none
    return steps * batch / (time.perf_counter() - started)


def training(settings: dict) -> float:
    """Return samples per second of the training loop."""
    module = MODULES["svqvae"](GENES, CLASSES, settings)
    x = SignatureMatrix(torch.randn(SIGNATURES, GENES).numpy())
    label = torch.randint(0, CLASSES, (SIGNATURES,))
    started = time.perf_counter()
    train.fit(module, x, label, settings=settings, seed=0)
    return SIGNATURES * EPOCHS / (time.perf_counter() - started)


def main() -> None:
    """Print one line per batch size."""
    print(f"{torch.get_num_threads()} threads, {SIGNATURES} x {GENES}, {EPOCHS} epochs")
    for batch in (256, 1024):
        settings = presets.resolve("paper", {"epochs": EPOCHS, "batch_size": batch})
        bound, found = bare_products(batch, settings["hidden"]), training(settings)
        print(
            f"batch {batch:>4}: {found:>8,.0f} signatures/s, products alone {bound:>8,.0f}, "
            f"ratio {found / bound:.2f}"
        )


if __name__ == "__main__":
    main()
