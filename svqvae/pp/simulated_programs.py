"""What simulated profiles, cell lines and off-target effects are made of."""

from __future__ import annotations

import numpy as np


def programs(rng: np.random.Generator, n: int, n_genes: int) -> np.ndarray:
    """Draw ``n`` sparse programs of unit RMS: a fifth of the genes carry nearly all of it."""
    draw = rng.standard_normal((n, n_genes))
    draw *= np.where(rng.random((n, n_genes)) < 0.2, 1.0, 0.1)
    return draw / np.sqrt((draw**2).mean(1, keepdims=True))
