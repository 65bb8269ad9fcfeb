"""The preset svqvae without torch: what is solved of it, which is all that answers need.

Importing torch takes longer than an answer.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from svqvae.models import registry, saved
from svqvae.models.base import ClassModel
from svqvae.models.directions import Directions
from svqvae.models.store import read_card
from svqvae.models.svqvae import SVQVAE


class SolvedSVQVAE(SVQVAE):
    """A loaded S-VQ-VAE that scores and encodes; it has no decoder."""

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        self.directions = Directions.take(self.settings, state)
        self.codes = state["_codes"]
        self.familiar = state.get("_familiar")


def load_to_ask(folder: str | Path) -> ClassModel:
    """Load a saved model to query it; of the preset svqvae what is solved, else all of it.

    Raises
    ------
    SvqvaeError
        As :func:`svqvae.models.registry.load_model`.
    """
    card = read_card(folder)
    if card["settings"].get("preset") != "svqvae":
        return registry.load_model(folder)
    return saved.load(SolvedSVQVAE, folder, require=_require_scores)


def _require_scores(model: ClassModel, names: set[str]) -> None:
    """Raise ValueError unless a model scores signatures of its genes."""
    n_classes, n_genes = len(model.class_names), len(model.var_names)
    found = model.scores(np.zeros((1, n_genes), np.float32)).shape
    if found != (1, n_classes):
        raise ValueError(f"scores: {found}, expected {(1, n_classes)}")
