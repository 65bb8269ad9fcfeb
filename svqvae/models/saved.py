"""A model to its folder and back; what is loaded fits together, or is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from svqvae.errors import SvqvaeError
from svqvae.io.checksums import sha256_now
from svqvae.models import store
from svqvae.models.settings import as_dict, of_card

if TYPE_CHECKING:
    from svqvae.models.base import ClassModel


class SavedIn(NamedTuple):
    """Where a model was loaded from, and which it was."""

    folder: Path
    #: Of the card, which has the digests of the other files.
    sha256: str


M = TypeVar("M", bound="ClassModel")


#: In a card: digest of the card of each model that is part of it, and whether it is calibrated.
_PARTS, _CALIBRATED = "parts", "calibrated"


def save(model: ClassModel, folder: str | Path) -> None:
    """Write a trained model, its parts first."""
    parts = {}
    for name, part in model.parts().items():
        place = Path(folder) / name
        # One that was loaded from a file and is still the same is there already.
        if part.saved_in is not None and _is_still(part.saved_in):
            store.link(part.saved_in.folder, place)
        else:
            save(part, place)
        parts[name] = sha256_now(place / store.CARD)
    store.save(
        folder,
        card={
            **({_PARTS: parts} if parts else {}),
            "settings": {"preset": model.preset, **as_dict(model.settings)},
            "labels_key": model.labels_key,
            _CALIBRATED: model.calibration is not None,
            "clip": model.clip,
            "classes": model.class_names,
            "genes": model.var_names,
            **({"symbols": model.symbols} if model.symbols else {}),
            "provenance": model.provenance,
        },
        arrays=_arrays(model),
        history=model.history,
    )


def _arrays(model: ClassModel) -> dict[str, np.ndarray]:
    return (
        model._state()
        | model.calibration_state()
        | {
            "_latent_sd": model.latent_sd,
            "_n_signatures": model.n_signatures,
            "_n_perturbagens": model.n_perturbagens,
        }
    )


def load(
    kind: type[M],
    folder: str | Path,
    *,
    require: Callable[[ClassModel, set[str]], None] | None = None,
) -> M:
    """Return the saved model of a folder.

    Parameters
    ----------
    require
        Raises ValueError unless a model, which had arrays of these names, works; by default, in
        all that models do.

    Raises
    ------
    SvqvaeError
        If a file is missing or damaged, the files do not belong together, or the model is of
        another class.
    """
    saved_in = SavedIn(Path(folder), sha256_now(Path(folder) / store.CARD))
    card, state, history = store.load(folder)
    try:
        model = _untrained(kind, card)
    except SvqvaeError as error:
        raise SvqvaeError([f"{folder}/{store.CARD}: {p}" for p in error.problems]) from error
    model.class_names, model.var_names = card["classes"], card["genes"]
    model.provenance, model.clip = card["provenance"], card["clip"]
    model.history, model.saved_in = history, saved_in
    model.symbols = card.get("symbols", {})
    for name, part in _parts(card, Path(folder)).items():
        model.take_part(name, part)
    try:
        model.modernise(state)
        names = set(state)
        model.latent_sd = state.pop("_latent_sd")
        model.n_signatures = state.pop("_n_signatures")
        model.n_perturbagens = state.pop("_n_perturbagens")
        model.take_calibration(state)
        # Cards to version 0.3 do not say.
        if card.get(_CALIBRATED, model.calibration is not None) != (model.calibration is not None):
            raise ValueError("the calibration is missing")
        model._set_state(state)
        (require or _require_whole)(model, names)
    # What numpy and torch raise for arrays of other sizes than the card says.
    except (ValueError, RuntimeError, LookupError, TypeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise SvqvaeError(
            f"{folder}: {store.WEIGHTS} does not fit {store.CARD}, which has "
            f"{len(model.class_names)} classes and {len(model.var_names)} genes ({reason})"
        ) from error
    return model


def _is_still(saved_in: SavedIn) -> bool:
    card = saved_in.folder / store.CARD
    return card.is_file() and sha256_now(card) == saved_in.sha256


def _parts(card: dict[str, Any], folder: Path) -> dict[str, ClassModel]:
    """Load the models that are part of one, each the one that its card was written with."""
    from svqvae.models.registry import load_model

    found = {}
    for name, digest in card.get(_PARTS, {}).items():
        path = folder / name / store.CARD
        if not path.is_file() or sha256_now(path) != digest:
            raise SvqvaeError(
                f"{path}: missing, or of another model than {folder / store.CARD}; train the model "
                "again, or copy the whole folder again"
            )
        found[name] = load_model(path.parent)
    return found


def _untrained(kind: type[M], card: dict[str, Any]) -> M:
    """Return the model that a card describes, without its arrays."""
    settings, preset = card["settings"], preset_of(card)
    if preset not in kind.presets:
        raise SvqvaeError(
            f"its preset '{preset}' is of another class than {kind.__name__}; svqvae.load_model "
            "loads a model of any"
        )
    overrides = of_card(kind.settings_class, kind.presets[preset], settings)
    return kind(None, labels_key=card["labels_key"], preset=preset, **overrides)


def preset_of(card: dict[str, Any]) -> str:
    """Return the preset that a card names.

    Raises
    ------
    SvqvaeError
        If it names none.
    """
    preset = card["settings"].get("preset")
    if not isinstance(preset, str):
        raise SvqvaeError("its settings name no preset")
    return preset


def _require_whole(model: ClassModel, names: set[str]) -> None:
    """Raise ValueError unless a loaded model has these arrays and no others, and they work."""
    own = set(_arrays(model))
    if own != names:
        raise ValueError(f"arrays that it does not know: {', '.join(sorted(own ^ names))}")
    n_classes, n_genes = len(model.class_names), len(model.var_names)
    nothing = np.zeros((1, n_genes), np.float32)
    shapes = {
        "codes": (model.codes.shape[:1], (n_classes,)),
        "_latent_sd": (model.latent_sd.shape, model.codes.shape),
        "_n_signatures": (model.n_signatures.shape, (n_classes,)),
        "_n_perturbagens": (model.n_perturbagens.shape, (n_classes,)),
        "scores": (model.scores(nothing).shape, (1, n_classes)),
        "reconstructed": (model.reconstruct(nothing).shape, (1, n_genes)),
        "profiles": (model.decode(model.codes).shape, (n_classes, n_genes)),
    }
    for name, (found, expected) in shapes.items():
        if found != expected:
            raise ValueError(f"{name}: {found}, expected {expected}")
