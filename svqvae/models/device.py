"""Where networks are trained: a CPU, one GPU, or Apple's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.models.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

#: ``auto`` takes a CUDA GPU where there is one, else the CPU. Apple's is taken only where it is
#: asked for: it has no float64, and multiplies to other last digits.
DEVICES = ("auto", "cpu", "cuda", "mps")

_wanted: ContextVar[str] = ContextVar("device", default="auto")


@contextmanager
def training_on(name: str) -> Iterator[None]:
    """Train all networks in this context on a device of :data:`DEVICES`.

    Raises
    ------
    SvqvaeError
        If there is no such device, or this machine has none that works.
    """
    if name != "cpu":  # always there, and a method without a network need not import torch
        chosen(name)
    token = _wanted.set(name)
    try:
        yield
    finally:
        _wanted.reset(token)


def chosen(name: str | None = None) -> torch.device:
    """Return the device of a name; by default that of the context, or ``auto``.

    Raises
    ------
    SvqvaeError
        As :func:`training_on`.
    """
    name = _wanted.get() if name is None else name
    if name not in DEVICES:
        raise SvqvaeError(f"device '{name}'{did_you_mean(name, DEVICES)}")
    has = {"cpu": True, "cuda": torch.cuda.is_available()}
    if name == "auto":
        return torch.device("cuda" if has["cuda"] else "cpu")
    has["mps"] = torch.backends.mps.is_available()
    if not has[name]:
        there = ", ".join(one for one, is_there in has.items() if is_there)
        raise SvqvaeError(
            f"device '{name}': PyTorch {torch.__version__} finds none here, only: {there}; "
            "choose one of them, or auto"
        )
    return torch.device(name)


def state_of_noise(device: torch.device) -> Tensor | None:
    """Return the state of the random numbers of an accelerator; None on a CPU."""
    if device.type == "cuda":
        return torch.cuda.get_rng_state(device)
    return torch.mps.get_rng_state() if device.type == "mps" else None


def set_state_of_noise(device: torch.device, state: Tensor | None) -> None:
    """Take up the random numbers of an accelerator where :func:`state_of_noise` saw them."""
    if state is None:
        return
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.mps.set_rng_state(state)


def room(device: torch.device) -> float:
    """Return the free bytes of an accelerator."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()


def of_sums(device: torch.device) -> torch.dtype:
    """Return what sums over an epoch are kept in: float64 where the device has it."""
    return torch.float32 if device.type == "mps" else torch.float64
