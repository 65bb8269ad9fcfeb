"""Load what the class tables are made of: final model and its resampled companions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from svqvae import keys
from svqvae.models.base import ClassModel
from svqvae.models.registry import load_model

if TYPE_CHECKING:
    from anndata import AnnData


def class_table(model: str | Path, adata: AnnData) -> AnnData:
    """Return a saved model's classes (decoded profiles and codes) with the genes' symbols."""
    classes = load_model(model).classes()
    classes.var = adata.var.loc[classes.var_names].copy()
    classes.uns[keys.UNS] = {"model": str(model)}
    return classes


def load_replicates(cards: Sequence[str | Path]) -> list[ClassModel]:
    """Return the models of folds and seeds, by their ``model.json``."""
    return [load_model(Path(card).parent) for card in cards]
