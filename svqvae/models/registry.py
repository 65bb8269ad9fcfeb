"""From a preset or a saved folder to a model, and what there is to choose from.

Modules are imported to be read, torch is not: it comes with the first model that uses it.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.models import baselines, saved
from svqvae.models.base import ClassModel
from svqvae.models.store import CARD, read_card

if TYPE_CHECKING:
    from anndata import AnnData

#: Ours and the published ones; the others are found in the folder ``baselines``.
_MODULES = ("svqvae.models.svqvae", "svqvae.models.svqvae_image", "svqvae.models.published")


@cache
def classes() -> dict[str, type[ClassModel]]:
    """Return the class of every preset."""
    found: dict[str, type[ClassModel]] = {}
    for module in map(import_module, (*_MODULES, *baselines.modules())):
        for own in vars(module).values():
            if isinstance(own, type) and own.__module__ == module.__name__:
                found |= dict.fromkeys(getattr(own, "presets", ()), own)
    return found


def for_images(preset: str) -> str:
    """Return the preset's variant with convolutional nets, where it has one."""
    return f"{preset}_image" if f"{preset}_image" in classes() else preset


def class_of(preset: str, adata: AnnData | None = None) -> type[ClassModel]:
    """Return the class that a preset makes; of image data, that of its image variant.

    Raises
    ------
    SvqvaeError
        If the preset is unknown.
    """
    if preset not in classes():
        raise SvqvaeError(f"unknown preset '{preset}'{did_you_mean(preset, classes())}")
    if adata is not None and keys.IMAGE_SHAPE in adata.uns.get(keys.UNS, {}):
        preset = for_images(preset)
    return classes()[preset]


def make_model(
    adata: AnnData, *, preset: str, labels_key: str = keys.CLASS, **overrides: Any
) -> ClassModel:
    """Return the untrained model or baseline that ``preset`` names.

    Examples
    --------
    >>> model = svqvae.make_model(adata, preset="knn", neighbours=5).train()
    >>> len(model.predict(adata[:2], top=3))
    6
    """
    return class_of(preset, adata)(adata, labels_key=labels_key, preset=preset, **overrides)


def load_model(folder: str | Path) -> ClassModel:
    """Load any saved model or baseline.

    Examples
    --------
    >>> svqvae.make_model(adata, preset="lda").train().save("my_model")
    >>> svqvae.load_model("my_model").class_names[:2]
    ['mechanism A1', 'mechanism A2']
    """
    card = read_card(folder)
    try:
        kind = class_of(saved.preset_of(card))
    except SvqvaeError as error:
        raise SvqvaeError([f"{folder}/{CARD}: {p}" for p in error.problems]) from error
    return saved.load(kind, folder)
