"""A saved model: ``model.safetensors``, ``model.json`` (its card) and ``history.tsv``."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError
from svqvae.io import guards
from svqvae.io.atomic import atomic_path, write_table
from svqvae.io.checksums import sha256_now
from svqvae.io.output import cannot_be_written

log = logging.getLogger("svqvae")

WEIGHTS = "model.safetensors"
CARD = "model.json"
HISTORY = "history.tsv"
#: What queries are compared with (svqvae.query.library); models of folds have none.
LIBRARY = "library.h5ad"

#: Of the card. Cards of format 1 have neither it nor digests; to format 2, matrices were whole; to
#: format 3, the card had no digest of itself.
FORMAT = 4
_DIGESTS = "sha256"
#: Ends of the names of files that run code when they are loaded. A model has none.
_PICKLES = (".pkl", ".pickle", ".pt", ".pth", ".joblib")
#: Ends the name of an array that is the lower triangle of a matrix.
_SYMMETRIC, _LOWER = ":symmetric", ":lower"
#: Rows from which on a matrix is saved as its triangle.
_PACKED_FROM = 64
#: What a card must hold, and of which type.
_ENTRIES: dict[str, type | tuple[type, ...]] = {
    "settings": dict,
    "labels_key": str,
    "clip": (int, float, type(None)),
    "classes": list,
    "genes": list,
    "provenance": dict,
}


class Arrays(dict[str, np.ndarray]):
    """The arrays of a saved model by name; one that is not there is an error for people."""

    def __init__(self, arrays: dict[str, np.ndarray], *, path: Path) -> None:
        super().__init__(arrays)
        self._path = path

    def __missing__(self, name: str) -> np.ndarray:
        raise SvqvaeError(f"{self._path}: no array '{name}'; it is of another model than {CARD}")

    def pop(self, name: str, *default: Any) -> Any:
        """Return an array and leave it out; without a default it must be there."""
        if not default and name not in self:
            return self[name]
        return super().pop(name, *default)


def save(
    folder: str | Path,
    *,
    card: dict[str, Any],
    arrays: dict[str, np.ndarray],
    history: pd.DataFrame,
) -> None:
    """Write a model; an older one stays whole until all of the new one is written.

    Then the card is moved into place first. It holds the digests of the other files, so that
    whenever the writer is killed, no card loads with the weights of another model.

    Raises
    ------
    SvqvaeError
        If the disk does not take the weights.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    folder = Path(folder)
    with (
        # Moved into place in reverse.
        atomic_path(folder / HISTORY) as new_history,
        atomic_path(folder / WEIGHTS) as new_weights,
        atomic_path(folder / CARD) as new_card,
    ):
        try:
            save_file(_packed(arrays), new_weights)
        except (OSError, SafetensorError) as error:
            raise cannot_be_written(folder / WEIGHTS, error) from error
        write_table(history, new_history)
        digests = {WEIGHTS: sha256_now(new_weights), HISTORY: sha256_now(new_history)}
        whole = {"format": FORMAT, **card, _DIGESTS: digests}
        whole[_DIGESTS] = {**digests, CARD: _card_digest(whole)}
        new_card.write_text(json.dumps(whole, indent=1), encoding="utf-8")


def move(folder: str | Path, place: str | Path) -> None:
    """Move a saved model to another folder of the same file system, replacing one that is there.

    The card goes first, as in :func:`save`, then the models that are part of it.
    """
    folder, place = Path(folder), Path(place)
    place.mkdir(parents=True, exist_ok=True)
    for name in (CARD, WEIGHTS, HISTORY):
        guards.move(folder / name, place / name)
    if (folder / LIBRARY).is_file():
        guards.move(folder / LIBRARY, place / LIBRARY)
    for part in sorted(folder.glob(f"*/{CARD}")):
        move(part.parent, place / part.parent.name)


def link(folder: str | Path, place: str | Path) -> None:
    """Make a saved model appear in another folder too; costs nothing where there are links."""
    place = Path(place)
    place.mkdir(parents=True, exist_ok=True)
    for name in (HISTORY, WEIGHTS, CARD):
        with atomic_path(place / name) as temporary:
            try:
                os.link(Path(folder) / name, temporary)
            except OSError:
                shutil.copyfile(Path(folder) / name, temporary)


def _card_digest(card: dict[str, Any]) -> str:
    """Return the digest of all that a card says, but for this digest."""
    others = {name: value for name, value in card[_DIGESTS].items() if name != CARD}
    text = json.dumps({**card, _DIGESTS: others}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _packed(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return arrays with large symmetric and triangular matrices as their lower triangle."""
    packed = {}
    for name, array in arrays.items():
        kind = _triangle_of(array)
        packed[f"{name}{kind}"] = array[np.tril_indices(len(array))] if kind else array
    return {name: np.ascontiguousarray(array) for name, array in packed.items()}


def _triangle_of(array: np.ndarray) -> str:
    """Return how a matrix follows from its lower triangle; empty if it does not, or is small."""
    if array.ndim != 2 or array.shape[0] != array.shape[1] or len(array) < _PACKED_FROM:
        return ""
    if np.array_equal(array, array.T):
        return _SYMMETRIC
    return _LOWER if not np.triu(array, 1).any() else ""


def _unpacked(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the matrices of :func:`_packed`.

    Raises
    ------
    ValueError
        If a triangle has a size that none has.
    """
    found = {}
    for name, array in arrays.items():
        plain = name.removesuffix(_SYMMETRIC).removesuffix(_LOWER)
        if plain == name:
            found[name] = array
            continue
        n = int((np.sqrt(8 * array.size + 1) - 1) / 2)
        if array.ndim != 1 or n * (n + 1) // 2 != array.size:
            raise ValueError(f"'{name}' has {array.size} values, which are no triangle")
        whole = np.zeros((n, n), array.dtype)
        whole[np.tril_indices(n)] = array
        found[plain] = whole + np.tril(whole, -1).T if name.endswith(_SYMMETRIC) else whole
    return found


def read_card(folder: str | Path) -> dict[str, Any]:
    """Return the card of a saved model: settings, classes, genes, provenance.

    Raises
    ------
    SvqvaeError
        If the folder holds no model, or its card is damaged, edited or of a newer version.
    """
    path = Path(folder) / CARD
    if not path.is_file():
        raise SvqvaeError(f"{folder}: not a saved model, it has no {CARD}")
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise SvqvaeError(f"{path}: not a model card ({error})") from error
    if not isinstance(card, dict):
        raise SvqvaeError(f"{path}: not a model card (a {type(card).__name__}, not an object)")
    if problems := _card_problems(card):
        raise SvqvaeError([f"{path}: {problem}" for problem in problems])
    expected = card.get(_DIGESTS, {}).get(CARD)
    if expected is None:
        log.info("%s: of an older svqvae, without a digest: it cannot be verified", path)
    elif expected != _card_digest(card):
        raise SvqvaeError(
            f"{path}: damaged or edited: it is not the card that the model was saved with; train "
            "the model again, or copy the whole folder again"
        )
    return card


def _card_problems(card: dict[str, Any]) -> list[str]:
    form = card.get("format", 1)
    if form not in range(1, FORMAT + 1):
        return [f"format {form!r}, expected 1 to {FORMAT}; a newer svqvae may read it"]
    found = [f"no '{key}'" for key in _ENTRIES if key not in card]
    found += [
        f"'{key}' is a {type(card[key]).__name__}, which no model card has there"
        for key, wanted in _ENTRIES.items()
        if key in card and not isinstance(card[key], wanted)
    ]
    for key in ("classes", "genes"):
        names = card.get(key)
        if isinstance(names, list):
            if not all(isinstance(name, str) for name in names):
                found.append(f"'{key}' are not all text")
            elif len(set(names)) < max(len(names), 1):
                found.append(f"'{key}' has none, or one twice")
    if isinstance(card.get("classes"), list) and len(card["classes"]) < 2:
        found.append("'classes' has fewer than two")
    if not isinstance(card.get("symbols", {}), dict):
        found.append("'symbols' is no table of genes and symbols")
    clip = card.get("clip")
    if isinstance(clip, bool) or (isinstance(clip, int | float) and not 0 < clip < np.inf):
        found.append(f"'clip' is {clip!r}, expected a number above 0")
    digests = card.get(_DIGESTS, {} if form == 1 else None)
    needed = [WEIGHTS] * (form > 1) + [CARD] * (form > 3)
    if not isinstance(digests, dict):
        found.append(f"no digest of {WEIGHTS}")
    else:
        found += [f"no digest of {name}" for name in needed if name not in digests]
    return found


def load(folder: str | Path) -> tuple[dict[str, Any], Arrays, pd.DataFrame]:
    """Return card, arrays and training history of a saved model.

    Raises
    ------
    SvqvaeError
        If one of the files is missing, damaged, or not the one that the card was written with.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    card, weights, history = read_card(folder), Path(folder) / WEIGHTS, Path(folder) / HISTORY
    _refuse_pickles(Path(folder))
    try:
        # Damaged contents are detected by the digest, before anything is read from them.
        _require_digest(card, weights)
        arrays = Arrays(_unpacked(load_file(weights)), path=weights)
    except (OSError, SafetensorError, TypeError, KeyError, ValueError) as error:
        raise SvqvaeError(f"{weights}: missing or damaged ({error})") from error
    infinite = [k for k, v in arrays.items() if v.dtype.kind == "f" and not np.isfinite(v).all()]
    if infinite:
        raise SvqvaeError(f"{weights}: NaN or infinite values in {', '.join(infinite[:5])}")
    return card, arrays, _read_history(card, history)


def _read_history(card: dict[str, Any], path: Path) -> pd.DataFrame:
    """Return the table; methods without epochs have an empty one, and none is missed."""
    if not path.is_file():
        if HISTORY in card.get(_DIGESTS, {}):
            log.warning("%s: missing; the model is loaded without its training history", path)
        return pd.DataFrame()
    try:
        _require_digest(card, path)
        rows = path.read_text(encoding="utf-8").strip()
        return pd.read_csv(path, sep="\t") if rows else pd.DataFrame()
    except (OSError, ValueError) as error:
        raise SvqvaeError(f"{path}: damaged ({error})") from error


def _refuse_pickles(folder: Path) -> None:
    """Refuse a folder with a file of code: it is not read here, but other tools would run it."""
    found = sorted(p.name for p in folder.iterdir() if p.suffix.lower() in _PICKLES)
    if found:
        raise SvqvaeError(
            f"{folder}: holds {found[0]}, which no saved model has and which may run code; look "
            "where the folder comes from, and remove that file"
        )


def _require_digest(card: dict[str, Any], path: Path) -> None:
    """Raise unless a file is the one that the card was written with; old cards do not say."""
    expected = card.get(_DIGESTS, {}).get(path.name)
    if expected is not None and sha256_now(path) != expected:
        raise SvqvaeError(
            f"{path}: missing or damaged, or of another model: it is not the file that {CARD} was "
            "written with; train the model again, or copy the whole folder again"
        )
