"""The training loop: shuffled by seed, Adam with amsgrad, in memory or from a file."""

from __future__ import annotations

import logging
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from svqvae.errors import SvqvaeError
from svqvae.matrix import SignatureMatrix

log = logging.getLogger("svqvae")


def fit(
    module: nn.Module,
    x: SignatureMatrix,
    label: Tensor,
    *,
    settings: dict[str, Any],
    seed: int,
) -> pd.DataFrame:
    """Train ``module`` in place and return one row per epoch.

    Parameters
    ----------
    x, label
        Signatures x genes and their int64 class indices. A batch of rows is taken at a time, so
        that a file larger than memory trains to the same bits as an array.
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
            batch_x = torch.from_numpy(x[index.numpy()])
            terms = module.terms(batch_x, label[index])  # type: ignore[operator]
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
