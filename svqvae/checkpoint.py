"""The state of a training on disk, so that it can be killed at any moment."""

from __future__ import annotations

import hashlib
import json
import logging
import pickle
import time
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from svqvae.io.atomic import atomic_path
from svqvae.matrix import SignatureMatrix

log = logging.getLogger("svqvae")

#: Seconds between two writes: an interrupted training loses no more than these.
INTERVAL = 10.0
#: Signatures that the fingerprint of a data set is taken from, beside all labels.
_SAMPLE = 256


class Resumable(Protocol):
    """What a checkpoint saves and restores."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, saved: dict[str, Any]) -> None: ...


class Checkpoint:
    """One file with the state of one training; without a path, nothing is kept.

    Parameters
    ----------
    path
        Where; its folder is made.
    identity
        Fingerprint of the training: a file with another one is of no use and is overwritten.
    """

    def __init__(self, path: Path | None, identity: str) -> None:
        self._path, self._identity = path, identity
        self._written = time.monotonic()

    def restore(self, state: Resumable) -> bool:
        """Set ``state`` from the file, if it holds the state of this training."""
        if self._path is None or not self._path.is_file():
            return False
        try:
            # weights_only: tensors and plain values, no code.
            saved = torch.load(self._path, map_location="cpu", weights_only=True)
        except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
            log.warning("%s: damaged, training starts anew (%s)", self._path, error)
            return False
        if saved["identity"] != self._identity:
            log.info("%s: of other settings, data or seed; training starts anew", self._path)
            return False
        state.load_state_dict(saved["state"])
        return True

    def save(self, state: Resumable) -> None:
        """Write the state, if the last time is long enough ago."""
        if self._path is None or time.monotonic() - self._written < INTERVAL:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(self._path) as temporary:
            torch.save({"identity": self._identity, "state": state.state_dict()}, temporary)
        self._written = time.monotonic()

    def remove(self) -> None:
        """Remove the file: the training is complete."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            # Left behind where a training was killed while it wrote.
            for unfinished in self._path.parent.glob(f".{self._path.name}.*.part"):
                unfinished.unlink(missing_ok=True)


def fingerprint(
    settings: dict[str, Any], seed: int, x: SignatureMatrix, label: Tensor, rows: np.ndarray
) -> str:
    """Return what tells one training from another.

    Settings, seed, torch's version and threads, shape, all labels, which rows are trained on, and
    a sample of the signatures themselves: reading all of a large file would take minutes.
    """
    digest = hashlib.sha256()
    card = [settings, seed, x.shape, torch.__version__, torch.get_num_threads()]
    digest.update(json.dumps(card, sort_keys=True).encode())
    digest.update(label.numpy().tobytes())
    digest.update(rows.tobytes())
    digest.update(x[np.unique(np.linspace(0, len(x) - 1, _SAMPLE).astype(int))].tobytes())
    return digest.hexdigest()
