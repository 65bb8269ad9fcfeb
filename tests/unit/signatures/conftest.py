"""Counts of cells with planted changes."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def cells():
    """Return counts, obs and planted log2 changes of two drugs: 2 cell types, 3 replicates."""
    rng = np.random.default_rng(0)
    n_genes, per_unit = 80, 25
    rows = [
        (drug, cell, f"r{replicate}")
        for drug in ("ctrl", "a", "b")
        for cell in ("T", "B")
        for replicate in range(3)
        for _ in range(per_unit)
    ]
    obs = pd.DataFrame(rows, columns=["drug", "cell_type", "donor"])
    obs.index = [f"cell{i}" for i in range(len(obs))]
    obs["moa"] = obs["drug"].map({"a": "inhibitor", "b": "agonist", "ctrl": "none"})
    level = {cell: np.exp(rng.normal(0.5, 1, n_genes)) for cell in ("T", "B")}
    change = {drug: np.zeros(n_genes) for drug in ("ctrl", "a", "b")}
    for drug in ("a", "b"):
        moved = rng.choice(n_genes, 16, replace=False)
        change[drug][moved] = rng.choice([-2, 2], 16)
    depth = rng.uniform(0.5, 2, len(obs))
    mean = np.stack([level[c] * 2 ** change[d] for d, c, _ in rows]) * depth[:, None]
    x = rng.negative_binomial(4, 4 / (4 + mean)).astype(np.float32)
    return x, obs, pd.DataFrame(index=[f"unknown{i}" for i in range(n_genes)]), change
