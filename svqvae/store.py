"""A saved model: ``model.safetensors``, ``model.json`` (its card) and ``history.tsv``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path, write_table

WEIGHTS = "model.safetensors"
CARD = "model.json"
HISTORY = "history.tsv"


def save(
    folder: str | Path,
    *,
    card: dict[str, Any],
    arrays: dict[str, np.ndarray],
    history: pd.DataFrame,
) -> None:
    """Write a model; the card comes last, so that a folder with a card is a whole model."""
    from safetensors.numpy import save_file

    folder = Path(folder)
    with atomic_path(folder / WEIGHTS) as temporary:
        save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, temporary)
    write_table(history, folder / HISTORY)
    with atomic_path(folder / CARD) as temporary:
        temporary.write_text(json.dumps(card, indent=1), encoding="utf-8")


def read_card(folder: str | Path) -> dict[str, Any]:
    """Return the card of a saved model: settings, classes, genes, provenance.

    Raises
    ------
    SvqvaeError
        If the folder holds no model, or its card is damaged.
    """
    path = Path(folder) / CARD
    if not path.is_file():
        raise SvqvaeError(f"{folder}: not a saved model, it has no {CARD}")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise SvqvaeError(f"{path}: not a model card ({error})") from error


def load(folder: str | Path) -> tuple[dict[str, Any], dict[str, np.ndarray], pd.DataFrame]:
    """Return card, arrays and training history of a saved model.

    Raises
    ------
    SvqvaeError
        If one of the files is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    card, weights, history = read_card(folder), Path(folder) / WEIGHTS, Path(folder) / HISTORY
    try:
        arrays = load_file(weights)
    except (OSError, SafetensorError) as error:
        raise SvqvaeError(f"{weights}: missing or damaged ({error})") from error
    rows = history.read_text(encoding="utf-8").strip() if history.is_file() else ""
    return card, arrays, pd.read_csv(history, sep="\t") if rows else pd.DataFrame()
