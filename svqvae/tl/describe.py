"""Load what the class tables are made of: final model and its resampled companions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from svqvae import keys
from svqvae.factory import load_model

if TYPE_CHECKING:
    from anndata import AnnData


def class_table(model: str | Path, adata: AnnData) -> AnnData:
    """Return a saved model's classes (decoded profiles and codes) with the genes' symbols."""
    classes = load_model(model).classes()
    classes.var = adata.var.loc[classes.var_names].copy()
    classes.uns[keys.UNS] = {"model": str(model)}
    return classes


def load_replicates(cards: Sequence[str | Path], *, n_seeds: int) -> list[list[np.ndarray]]:
    """Return the codes of fold models, a list of seeds for each fold.

    Parameters
    ----------
    cards
        Their ``model.json``, all seeds of the first fold, then of the second, and so on.
    """
    codes = [load_model(Path(card).parent).codes for card in cards]
    return [codes[i : i + n_seeds] for i in range(0, len(codes), n_seeds)]
