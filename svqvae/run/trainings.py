"""The trainings of one job: each kept when it is done, all moved into place at the end."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svqvae import keys
from svqvae.data.split import training_rows
from svqvae.io.atomic import atomic_path
from svqvae.models import presets, store
from svqvae.models.device import training_on
from svqvae.models.registry import load_model, make_model
from svqvae.query.library import write_library
from svqvae.run import provenance

if TYPE_CHECKING:
    from anndata import AnnData

log = logging.getLogger("svqvae")

#: In the folder of a kept model: what it was trained by. Written last.
_IDENTITY = "identity.json"


@dataclass(frozen=True, kw_only=True)
class Training:
    """One model to train.

    Attributes
    ----------
    fold
        What is left out: a fold, or nothing else than a predefined test set (``all``).
    folder
        Where the model goes.
    begin_with
        Folder of the saved model that it begins with, if it is trained already.
    """

    fold: str
    seed: int
    folder: str
    begin_with: str | None = None

    def moved(self, at: Callable[[str], str]) -> Training:
        """Return the training with its folders where ``at`` says."""
        begin_with = None if self.begin_with is None else at(self.begin_with)
        return replace(self, folder=at(self.folder), begin_with=begin_with)


def train_all(
    adata: AnnData,
    trainings: Sequence[Training],
    *,
    settings: dict[str, Any],
    dataset: str,
    threads: int,
    device: str,
    code: str,
    unfinished: str | Path,
) -> None:
    """Train models one after the other and save them.

    What a job leaves when it is killed, Snakemake deletes. So each finished model is kept in
    ``unfinished`` until all are there, and so is the state of the training that was interrupted:
    the next run goes on from both.

    Parameters
    ----------
    adata
        All signatures, with class and fold.
    settings
        Of the model, with its preset.
    dataset, threads
        For the cards.
    device
        Of :data:`svqvae.models.device.DEVICES`.
    code
        Digest of what trains: a kept model of other code is trained again.
    unfinished
        Folder for kept models and checkpoints. Removed at the end.
    """
    unfinished = Path(unfinished)
    for at, one in enumerate(trainings, 1):
        kept = unfinished / f"{one.fold}-seed{one.seed}"
        part = adata[training_rows(adata.obs, one.fold)]
        origin = provenance.of_training(
            part,
            dataset=dataset,
            fold=one.fold,
            seed=one.seed,
            threads=threads,
            device=device,
        )
        identity = _identity(one, {"settings": settings, "code": code, **origin}, adata)
        what = f"fold {one.fold}, seed {one.seed} ({at} of {len(trainings)})"
        if _read(kept / _IDENTITY) == identity:
            log.info("%s: was trained before the run stopped", what)
            continue
        log.info("%s: %d signatures", what, part.n_obs)
        shutil.rmtree(kept, ignore_errors=True)
        model = make_model(part, labels_key=keys.CLASS, **settings)
        if one.begin_with is not None:
            model.begin_with(load_model(one.begin_with))
        with training_on(device):
            model.train(seed=one.seed, checkpoint=kept.with_name(f"{kept.name}.checkpoint"))
        model.provenance |= origin
        model.save(kept)
        if one.fold == "all" and presets.names_compounds(settings["preset"]):
            write_library(model, part, kept)
        with atomic_path(kept / _IDENTITY) as temporary:
            temporary.write_text(identity, encoding="utf-8")
    for one in trainings:
        store.move(unfinished / f"{one.fold}-seed{one.seed}", one.folder)
    shutil.rmtree(unfinished, ignore_errors=True)


def _identity(one: Training, known: dict[str, Any], adata: AnnData) -> str:
    """Return what tells a model from others, as text."""
    if one.begin_with is not None:
        known["begun_with"] = store.read_card(one.begin_with)["sha256"]
    if adata.filename is not None:
        # The signatures themselves need not be read: any new file has another time.
        found = Path(adata.filename).stat()
        known["signatures"] = [found.st_mtime_ns, found.st_size]
    return json.dumps(known, sort_keys=True, indent=1)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
