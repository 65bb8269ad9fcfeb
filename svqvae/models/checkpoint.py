"""The state of a training on disk, so that it can be killed at any moment."""

from __future__ import annotations

import copy
import glob
import hashlib
import json
import logging
import pickle
import time
import zipfile
import zlib
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from svqvae.data.matrix import SignatureMatrix
from svqvae.errors import SvqvaeError
from svqvae.io import code
from svqvae.io.atomic import atomic_path

log = logging.getLogger("svqvae")

#: Seconds between two writes: an interrupted training loses no more than these.
INTERVAL = 5.0

#: What opening, unpacking and unpickling a damaged file may raise.
_DAMAGED = (OSError, EOFError, zipfile.BadZipFile, zlib.error, pickle.UnpicklingError)
#: What torch.load and load_state_dict may raise for contents that are not this training's.
_OTHER = (RuntimeError, ValueError, TypeError, LookupError, AttributeError)


class Resumable(Protocol):
    """What a checkpoint saves and restores.

    ``load_state_dict`` raises ValueError, TypeError, LookupError or RuntimeError for a state of
    another structure.
    """

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, saved: dict[str, Any]) -> None: ...


class Checkpoint:
    """One file with the state of one training; without a path, nothing is kept.

    A checkpoint saves time and nothing else: where it cannot be read or written, a warning says
    so and the training goes on without.

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
        """Set ``state`` from the file, if it holds the state of this training.

        Of any other file, damaged ones too, nothing is taken: ``state`` stays as it was.
        """
        if self._path is None or not self._path.exists():
            return False
        if self._path.is_dir():
            log.warning("%s: a folder, so that no checkpoint is kept", self._path)
            self._path = None
            return False
        before = copy.deepcopy(state.state_dict())
        try:
            saved = self._read(self._path)
            if saved["identity"] != self._identity:
                log.info("%s: of other settings, data, code or seed; starting anew", self._path)
                return False
            state.load_state_dict(saved["state"])
        except (*_DAMAGED, *_OTHER) as error:
            # Of a long message the first line is enough.
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            log.warning("%s: damaged, training starts anew (%s)", self._path, reason)
            state.load_state_dict(before)
            return False
        return True

    @staticmethod
    def _read(path: Path) -> dict[str, Any]:
        # torch does not look at the sums in its own archive.
        with zipfile.ZipFile(path) as archive:
            if bad := archive.testzip():
                raise ValueError(f"its part '{bad}' is damaged")
        # weights_only: tensors and plain values, no code.
        saved = torch.load(path, map_location="cpu", weights_only=True)
        if not isinstance(saved, dict) or not {"identity", "state"} <= saved.keys():
            raise ValueError("not the state of a training")
        return saved

    def save(self, state: Resumable) -> None:
        """Write the state, if the last time is long enough ago."""
        if self._path is None or time.monotonic() - self._written < INTERVAL:
            return
        try:
            with atomic_path(self._path) as temporary:
                torch.save({"identity": self._identity, "state": state.state_dict()}, temporary)
        except (OSError, RuntimeError, SvqvaeError) as error:
            log.warning("%s: cannot be written, no checkpoint is kept (%s)", self._path, error)
            self._path = None
        self._written = time.monotonic()

    def remove(self) -> None:
        """Remove the file: the training is complete."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            # Left behind where a training was killed while it wrote.
            name = glob.escape(self._path.name)
            for unfinished in self._path.parent.glob(f".{name}.*.part"):
                unfinished.unlink(missing_ok=True)


def fingerprint(
    module: str,
    settings: dict[str, Any],
    seed: int,
    x: SignatureMatrix,
    label: Tensor,
    rows: np.ndarray,
    *,
    device: str,
    bf16: bool,
) -> str:
    """Return what identifies a training: one that differs has other bits.

    The code of the model's ``module`` and of all that it imports, settings, seed, torch's version
    and threads, kind of device and precision, all signatures and labels, and which rows are
    trained on. Signatures are read once more, as every epoch reads them.
    """
    digest = hashlib.sha256()
    card = [code.code_of(module), settings, seed, x.shape]
    card += [torch.__version__, torch.get_num_threads(), device, bf16]
    digest.update(json.dumps(card, sort_keys=True).encode())
    digest.update(label.numpy().tobytes())
    digest.update(rows.tobytes())
    for block in x.blocks():
        digest.update(block.tobytes())
    return digest.hexdigest()
