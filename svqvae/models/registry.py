"""From a preset or a saved folder to a model; torch is imported only for torch models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from svqvae import keys
from svqvae.models import baselines, presets
from svqvae.models.base import ClassModel
from svqvae.models.store import read_card

if TYPE_CHECKING:
    from anndata import AnnData


def _class_of(kind: str) -> type[ClassModel]:
    if kind in baselines.discover():
        return baselines.discover()[kind].MODEL
    from svqvae.models.model import SVQVAE

    return SVQVAE


def make_model(
    adata: AnnData, *, preset: str, labels_key: str = keys.CLASS, **overrides: Any
) -> ClassModel:
    """Return the untrained model or baseline that ``preset`` names."""
    # Which settings there are depends on the data: images take another variant of the preset.
    kind = presets.resolve(preset)["kind"]
    return _class_of(kind)(adata, labels_key=labels_key, preset=preset, **overrides)


def load_model(folder: str | Path) -> ClassModel:
    """Load any saved model or baseline."""
    # Of a kind that nobody knows, SVQVAE says what is wrong.
    return _class_of(str(read_card(folder)["settings"].get("kind"))).load(folder)
