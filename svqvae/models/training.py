"""The training loop: shuffled by seed, in memory or from a file, stopped early, resumable."""

from __future__ import annotations

import logging
import math
import sys
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from tqdm import tqdm

from svqvae.data.matrix import BLOCK, SignatureMatrix
from svqvae.errors import SvqvaeError
from svqvae.models import device as devices
from svqvae.models.batches import Batches
from svqvae.models.checkpoint import Checkpoint, fingerprint
from svqvae.models.optimiser import Adam
from svqvae.models.settings import NetworkSettings, as_dict

log = logging.getLogger("svqvae")

#: Seed of the noise that held-out signatures are evaluated with, the same in every epoch.
_HELD_OUT_SEED = 0
#: Largest block whose release makes glibc keep twice as much for reuse (mallopt(3), dynamic limit).
_KEPT_BYTES = 31 << 20
#: Share of the epochs in which a cosine schedule warms up.
_WARM_UP = 0.1


class Trainable(Protocol):
    """What is trained: parts with parameters, and the objective that they are trained by."""

    preset: str
    settings: NetworkSettings
    net: nn.Module

    def terms(self, x: Tensor, label: Tensor) -> dict[str, Tensor]: ...


def fit(
    model: Trainable,
    x: SignatureMatrix,
    label: Tensor,
    *,
    seed: int,
    held_out: np.ndarray | None = None,
    checkpoint: Path | None = None,
) -> pd.DataFrame:
    """Train ``model.net`` in place and return one row per epoch.

    Parameters
    ----------
    model
        Its settings say for how long and how: epochs, batch size, learning rate and schedule,
        precision and, with ``held_out``, patience in epochs.
    x, label
        Signatures x genes and their int64 class indices. A batch of rows is taken at a time, so
        that a file larger than memory trains to the same bits as an array.
    held_out
        Mask of signatures that are not trained on. Training stops when their loss has not
        improved for ``patience`` epochs (0: it goes on), and goes back to the best weights.
    checkpoint
        File that the whole state is kept in between epochs. If it holds the state of this very
        training, that goes on from there, to the same bits as if it had never stopped. Removed
        at the end.

    Returns
    -------
    DataFrame
        epoch, lr, loss and its terms; with ``held_out`` also held_out_loss and
        held_out_reconstruction.

    Raises
    ------
    SvqvaeError
        If the loss stops being finite.
    """
    device = devices.chosen()
    settings, net = model.settings, model.net
    # Otherwise what a step frees goes back to the system and has to be paged in by the next one.
    torch.empty(_KEPT_BYTES, dtype=torch.uint8)
    net.to(device)
    bf16 = settings.precision == "auto" and multiplies_bf16(device)
    rows = np.arange(len(x)) if held_out is None else np.flatnonzero(~held_out)
    order_of = torch.Generator().manual_seed(seed)
    optimiser = Adam(net.parameters(), lr=settings.lr)
    state = _State(net, optimiser, order_of, device)
    identity = ""
    if checkpoint is not None:
        card = {"preset": model.preset, **as_dict(settings)}
        module = type(model).__module__
        identity = fingerprint(module, card, seed, x, label, rows, device=device.type, bf16=bf16)
    kept = Checkpoint(checkpoint, identity)
    if kept.restore(state):
        log.info("going on after epoch %d of %d", len(state.history), settings.epochs)
    epochs, started = settings.epochs, len(state.history)
    precision = torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16)
    batches = Batches(x, label, rows, device)
    watched = None if held_out is None else Batches(x, label, np.flatnonzero(held_out), device)
    # None: a bar on a terminal, nothing elsewhere.
    bar = tqdm(range(epochs), initial=started, disable=None, desc="training", file=sys.stderr)
    for epoch in range(started + 1, epochs + 1):
        if state.is_over(settings.patience):
            break
        optimiser.lr = _rate(settings, epoch)
        row = {"epoch": epoch, "lr": optimiser.lr}
        row |= _one_epoch(model, batches, state, precision)
        if not math.isfinite(row["loss"]):
            raise SvqvaeError(
                f"the loss is {row['loss']} in epoch {epoch}; lower lr, now {settings.lr}"
            )
        if watched is not None:
            row |= _held_out_loss(model, watched)
            state.keep_best(row["held_out_loss"])
        state.history.append(row)
        kept.save(state)
        bar.update()
        if epoch % max(1, epochs // 10) == 0:
            log.info("epoch %d/%d  loss %.4f", epoch, epochs, row["loss"])
    bar.close()
    state.take_best()
    kept.remove()
    net.to("cpu").eval()
    return pd.DataFrame(state.history)


class _State:
    """All that a training is made of between two epochs."""

    def __init__(
        self, module: nn.Module, optimiser: Adam, order: torch.Generator, device: torch.device
    ) -> None:
        self.module, self.optimiser, self.order, self.device = module, optimiser, order, device
        self.history: list[dict[str, float]] = []
        self.best: dict[str, Tensor] | None = None
        self.best_loss, self.best_epoch = math.inf, 0

    def keep_best(self, loss: float) -> None:
        if loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, len(self.history) + 1
            self.best = {name: t.clone() for name, t in self.module.state_dict().items()}

    def is_over(self, patience: int) -> bool:
        if patience == 0 or self.best is None:
            return False
        return len(self.history) - self.best_epoch >= patience

    def take_best(self) -> None:
        if self.best is not None:
            self.module.load_state_dict(self.best)
            log.info("best epoch %d of %d", self.best_epoch, len(self.history))

    def state_dict(self) -> dict[str, Any]:
        return {
            "module": self.module.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "order": self.order.get_state(),
            "noise": torch.get_rng_state(),
            "noise_there": devices.state_of_noise(self.device),
            "history": self.history,
            "best": self.best,
            "best_loss": self.best_loss,
            "best_epoch": self.best_epoch,
        }

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Take over a saved state.

        Raises
        ------
        LookupError, RuntimeError, TypeError, ValueError
            If it is not one of this network and optimiser; what was taken by then has to be undone.
        """
        self._require_alike(saved)
        self.module.load_state_dict(saved["module"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.order.set_state(saved["order"])
        torch.set_rng_state(saved["noise"])
        devices.set_state_of_noise(self.device, saved["noise_there"])
        self.history, self.best = saved["history"], saved["best"]
        self.best_loss, self.best_epoch = saved["best_loss"], saved["best_epoch"]

    def _require_alike(self, saved: dict[str, Any]) -> None:
        """Raise ValueError where torch would take over what fails, or goes wrong, later."""
        epochs = [row["epoch"] for row in saved["history"]]
        if epochs != list(range(1, len(epochs) + 1)):
            raise ValueError("its history is not one row per epoch")
        own = {name: tensor.shape for name, tensor in self.module.state_dict().items()}
        for weights in (saved["module"], saved["best"]):
            if weights is not None and {k: v.shape for k, v in weights.items()} != own:
                raise ValueError("its weights are of another network")
        if saved["module"] is None or not isinstance(saved["best_loss"], float):
            raise ValueError("it lacks weights or their loss")


def _rate(settings: NetworkSettings, epoch: int) -> float:
    """Return the learning rate of an epoch, counted from 1."""
    if settings.schedule == "constant":
        return settings.lr
    done, warm = (epoch - 0.5) / settings.epochs, _WARM_UP
    if done < warm:
        return settings.lr * done / warm
    return settings.lr * (1 + math.cos(math.pi * (done - warm) / (1 - warm))) / 2


def _one_epoch(
    model: Trainable, batches: Batches, state: _State, precision: torch.autocast
) -> dict[str, float]:
    """Go once through the training signatures and return the mean loss and its terms."""
    sums: dict[str, Tensor] = {}
    model.net.train()
    order = torch.randperm(len(batches), generator=state.order)
    for x, label in batches(order, model.settings.batch_size):
        with precision:
            terms = model.terms(x, label)
        state.optimiser.forget_gradients()
        torch.stack(list(terms.values())).sum().backward()
        state.optimiser.step()
        _add(sums, terms, len(x))
    means = _means(sums, len(batches))
    return {"loss": sum(means.values()), **means}


@torch.no_grad()
def _held_out_loss(model: Trainable, batches: Batches) -> dict[str, float]:
    """Return the loss on signatures that are not trained on; noise of training is left alone."""
    sums: dict[str, Tensor] = {}
    model.net.eval()
    with torch.random.fork_rng(device_type="mps" if batches.device.type == "mps" else "cuda"):
        torch.manual_seed(_HELD_OUT_SEED)
        for x, label in batches(torch.arange(len(batches)), BLOCK):
            _add(sums, model.terms(x, label), len(x))
    means = _means(sums, len(batches))
    return {
        "held_out_loss": sum(means.values()),
        "held_out_reconstruction": means["reconstruction"],
    }


def _add(sums: dict[str, Tensor], terms: dict[str, Tensor], n: int) -> None:
    """Add means over ``n`` signatures to sums over all, on the device that they are on."""
    for name, value in terms.items():
        sums[name] = sums.get(name, 0) + value.detach().to(devices.of_sums(value.device)) * n


def _means(sums: dict[str, Tensor], n: int) -> dict[str, float]:
    """Return the means of sums over ``n`` signatures, fetched at once."""
    values = torch.stack(list(sums.values())).tolist()
    return {name: value / n for name, value in zip(sums, values, strict=True)}


def multiplies_bf16(device: torch.device) -> bool:
    """Return whether the hardware itself multiplies bf16; emulation would only be slower."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    flags = Path("/proc/cpuinfo")
    return flags.is_file() and "amx_bf16" in flags.read_text(encoding="utf-8")
