"""Every preset: its numbers, what is wrong with others, and what its model can do."""

from __future__ import annotations

from functools import cache
from typing import Any

from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.models import settings
from svqvae.models.base import ClassModel, PredictionsOnly
from svqvae.models.registry import classes, for_images

__all__ = [
    "begins_with",
    "for_images",
    "has_codes",
    "is_trained",
    "known",
    "names_compounds",
    "parts_of",
    "problems",
    "resolve",
    "role_of",
]


@cache
def known() -> dict[str, dict[str, Any]]:
    """Return the settings of every preset by name: ours, the published ones, the baselines."""
    return {
        preset: settings.defaults(model.settings_class, model.presets[preset])
        for preset, model in classes().items()
    }


def role_of(preset: str) -> str:
    """Return model or baseline, the ``role`` of benchmark.tsv."""
    return classes()[preset].role


def is_trained(preset: str) -> bool:
    """Return whether the preset is trained in epochs, and so has a history to show."""
    return "epochs" in known()[preset]


def has_codes(preset: str) -> bool:
    """Return whether the preset has a code per class to cluster, correlate and decode."""
    return not issubclass(classes()[preset], PredictionsOnly)


def names_compounds(preset: str) -> bool:
    """Return whether models of the preset name the nearest compounds: networks with codes do.

    Baselines do not: what they would compare signatures by is no representation of theirs.
    """
    return has_codes(preset) and is_trained(preset)


def tells_novelty(preset: str) -> bool:
    """Return whether the preset says how unlike every class a signature is."""
    return classes()[preset].novelty is not ClassModel.novelty


def begins_with(resolved: dict[str, Any]) -> dict[str, Any] | None:
    """Return the settings, as :func:`resolve` does, of what a model begins with, if with any."""
    own = {k: v for k, v in resolved.items() if k != "preset"}
    found = classes()[resolved["preset"]].begins_with(own)
    return None if found is None else resolve(found.pop("preset"), found)


def parts_of(preset: str) -> tuple[str, ...]:
    """Return the names of the models that are part of a preset's, each in a folder of its own."""
    return classes()[preset].part_names


def module_of(preset: str) -> str:
    """Return the name of the module whose class the preset makes; its code trains the preset."""
    return classes()[preset].__module__


def problems(preset: str, overrides: dict[str, Any]) -> list[str]:
    """Return what is wrong with a preset's name and the settings that replace its own."""
    if preset not in known():
        return [f"unknown preset '{preset}'{did_you_mean(preset, known())}"]
    model = classes()[preset]
    return settings.problems(model.settings_class, preset, model.presets[preset], overrides)


def resolve(preset: str, overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the preset's name and the settings that it reads, with ``overrides`` applied.

    Raises
    ------
    SvqvaeError
        If the preset or a setting is unknown or of the wrong type; all are listed.
    """
    overrides = overrides or {}
    if found := problems(preset, overrides):
        raise SvqvaeError(found)
    chosen = {**known()[preset], **overrides}
    unread = classes()[preset].settings_class.unread(chosen)
    return {k: v for k, v in chosen.items() if k not in unread} | {"preset": preset}
