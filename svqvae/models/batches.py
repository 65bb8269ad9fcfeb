"""Training signatures as batches of tensors, where the network is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from svqvae.data.matrix import BLOCK, SignatureMatrix
from svqvae.models.device import room

#: Share of an accelerator's free memory that signatures may fill from the start.
_SHARE = 0.5


class Batches:
    """Some signatures and their classes, taken in any order.

    On an accelerator that has room they lie there from the start, so that no step waits for the
    host; otherwise, and on a CPU, each batch is read in its turn, from a file of any size.

    Parameters
    ----------
    x, label
        Signatures x genes and their int64 class indices.
    rows
        Positions of those that are taken.
    device
        Where the batches are wanted.
    """

    def __init__(
        self, x: SignatureMatrix, label: Tensor, rows: np.ndarray, device: torch.device
    ) -> None:
        self._x, self._rows, self.device = x, rows, device
        self._label = label[torch.from_numpy(rows)].to(device)
        self._all_there: Tensor | None = None
        if device.type != "cpu" and 4 * len(rows) * x.shape[1] <= _SHARE * room(device):
            parts = np.split(rows, range(BLOCK, len(rows), BLOCK))
            self._all_there = torch.cat([torch.from_numpy(x[part]).to(device) for part in parts])

    def __len__(self) -> int:
        return len(self._rows)

    def __call__(self, order: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield signatures and classes, ``size`` at a time, in an order (positions, on the CPU)."""
        there = order.to(self.device)
        for index, own in zip(order.split(size), there.split(size), strict=True):
            if self._all_there is not None:
                batch = self._all_there.index_select(0, own)
            else:
                batch = torch.from_numpy(self._x[self._rows[index.numpy()]]).to(self.device)
            yield batch, self._label.index_select(0, own)
