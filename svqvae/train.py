"""The training loop: whole data in memory, shuffled by seed, Adam with amsgrad."""

from __future__ import annotations

import logging
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from svqvae.errors import SvqvaeError

log = logging.getLogger("svqvae")


def fit(
    module: nn.Module, x: Tensor, label: Tensor, *, settings: dict[str, Any], seed: int
) -> pd.DataFrame:
    """Train ``module`` in place and return one row per epoch.

    Parameters
    ----------
    x, label
        float32 signatures x genes and int64 class indices.
    settings
        ``epochs``, ``batch_size`` and ``lr``.

    Raises
    ------
    SvqvaeError
        If the loss stops being finite.
    """
    order_of = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(module.parameters(), lr=settings["lr"], amsgrad=True, fused=True)
    epochs, batch = settings["epochs"], settings["batch_size"]
    rows = []
    module.train()
    for epoch in range(1, epochs + 1):
        sums: dict[str, Tensor] = {}
        for index in torch.randperm(len(x), generator=order_of).split(batch):
            terms = module.terms(x[index], label[index])  # type: ignore[operator]
            loss = torch.stack(list(terms.values())).sum()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            for name, value in terms.items():
                sums[name] = sums.get(name, torch.zeros(())) + value.detach() * len(index)
        row = {name: float(total) / len(x) for name, total in sums.items()}
        row = {"epoch": epoch, "loss": sum(row.values()), **row}
        if not torch.isfinite(torch.tensor(row["loss"])):
            raise SvqvaeError(
                f"the loss is {row['loss']} in epoch {epoch}; lower lr, now {settings['lr']}"
            )
        rows.append(row)
        if epoch % max(1, epochs // 10) == 0:
            log.info("epoch %d/%d  loss %.4f", epoch, epochs, row["loss"])
    module.eval()
    return pd.DataFrame(rows)
