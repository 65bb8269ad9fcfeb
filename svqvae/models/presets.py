"""Settings of every preset; the networks' numbers are the papers'."""

from __future__ import annotations

import math
import reprlib
from functools import cache
from typing import Any

from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.models import baselines

_PAPER: dict[str, Any] = {
    "kind": "svqvae",
    "net": "expression",
    "hidden": 1000,
    "scale": 10.0,
    "beta": 0.25,
    "gamma": 0.1,
    "epochs": 900,
    "batch_size": 256,
    "lr": 1e-4,
}
#: Labels are not used, so that there is no wrong code to be repelled from.
_UNSUPERVISED: dict[str, Any] = {
    **{k: v for k, v in _PAPER.items() if k != "gamma"},
    "kind": "vqvae",
}
_IMAGE = {"net": "image", "scale": 1.0, "epochs": 25, "lr": 1e-3}

#: Ours. docs/model.md says what each part is worth.
_SVQVAE: dict[str, Any] = {
    "kind": "directional",
    "squash": 2.0,
    "shrinkage": 0.6,
    "temperature": 0.2,
    "members": 64,
    "bandwidth": 0.1,
    "balance": 0.5,
    "hidden": 256,
    "latent": 32,
    "scale": 10.0,
    "kl_weight": 1.0,
    "epochs": 300,
    "patience": 20,
    "batch_size": 256,
    "lr": 1e-3,
    "schedule": "constant",
    "precision": "float32",
}
_SVQVAE_IMAGE: dict[str, Any] = {
    "kind": "directional_image",
    "temperature": 0.1,
    "balance": 0.0,
    "direction": 32,
    "hidden": 256,
    "latent": 32,
    "scale": 1.0,
    "kl_weight": 0.005,
    "supervision": 0.5,
    "warp": 1.0,
    "epochs": 12,
    "patience": 12,
    "batch_size": 256,
    "lr": 2e-3,
    "schedule": "cosine",
    "precision": "float32",
}

#: The networks (torch), as opposed to the baselines, which describe themselves.
NETWORKS: dict[str, dict[str, Any]] = {
    "svqvae": _SVQVAE,
    "svqvae_image": _SVQVAE_IMAGE,
    "paper": _PAPER,
    "vqvae": _UNSUPERVISED,
    "vae": {
        "kind": "vae",
        "hidden": 1000,
        "latent": 100,
        "scale": 10.0,
        "epochs": 300,
        "batch_size": 512,
        "lr": 1e-3,
    },
    "paper_image": {**_PAPER, **_IMAGE},
    "vqvae_image": {**_UNSUPERVISED, **_IMAGE},
}

#: Kinds of network that say how unlike every class a signature is.
_TELLS_NOVELTY = ("directional", "directional_image")

#: Settings that a preset fixes: another value would be another preset.
FIXED = ("kind",)

#: Settings that a kind takes over from its neighbours and never reads.
_UNREAD = {"vqvae": {"gamma"}, "vae": {"net"}, "vae_logistic": {"net"}}

#: Settings that are one of a few words.
_CHOICES = {
    "net": ("expression", "image"),
    "metric": ("euclidean", "cosine"),
    "schedule": ("constant", "cosine"),
    "precision": ("float32", "auto"),
}

#: Settings that must not be negative, and those that must be above zero.
_NOT_NEGATIVE = {
    "shrinkage",
    "beta",
    "gamma",
    "kl_weight",
    "balance",
    "supervision",
    "members",
    "warp",
}
_POSITIVE = {
    *("hidden", "latent", "scale", "epochs", "patience", "batch_size", "lr"),
    *("squash", "temperature", "bandwidth", "direction"),
    *("C", "components", "neighbours", "trees"),
}
#: The most that makes sense of some, and of all others: beyond it arithmetic fails or memory does.
_MOST = {
    **{"shrinkage": 1, "balance": 1, "lr": 10, "warp": 10},
    **{"hidden": 100_000, "latent": 100_000, "direction": 100_000, "trees": 100_000},
}
_MOST_OF_ANY = 1e9
#: The least of numbers that others are divided by.
_LEAST = {"squash": 1e-6, "temperature": 1e-6, "bandwidth": 1e-6, "C": 1e-12}

#: Settings that were once in presets and never read; models saved then have them.
_RETIRED = {"net", "gamma"}


@cache
def known() -> dict[str, dict[str, Any]]:
    """Return every preset: the published ones, then the baselines' own."""
    # Asked for, not made at import: baselines import the model interface, which imports this.
    described = (module.PRESETS for module in baselines.discover().values())
    return NETWORKS | {name: s for presets in described for name, s in presets.items()}


def role_of(preset: str) -> str:
    """Return model or baseline, the ``role`` of benchmark.tsv."""
    if preset in NETWORKS:
        return "model"
    return baselines.discover()[known()[preset]["kind"]].ROLE


def is_trained(preset: str) -> bool:
    """Return whether the preset is trained in epochs, and so has a history to show."""
    return "epochs" in known()[preset]


def has_codes(preset: str) -> bool:
    """Return whether the preset has a code per class to cluster, correlate and decode.

    A classifier is scored on held-out signatures and nothing more.
    """
    if preset in NETWORKS:
        return True
    return getattr(baselines.discover()[known()[preset]["kind"]], "HAS_CODES", True)


def tells_novelty(preset: str) -> bool:
    """Return whether the preset says how unlike every class a signature is."""
    return known()[preset]["kind"] in _TELLS_NOVELTY


def module_of(preset: str) -> str:
    """Return the name of the module whose class the preset makes; its code trains the preset."""
    if preset in NETWORKS:
        return "svqvae.models.model"
    return baselines.discover()[known()[preset]["kind"]].__name__


def unread(preset: str) -> set[str]:
    """Return the settings of a preset that change nothing; none of an unknown preset."""
    return _UNREAD.get(known().get(preset, {}).get("kind", ""), set())


def for_images(preset: str) -> str:
    """Return the preset's variant with convolutional nets, where it has one."""
    return f"{preset}_image" if f"{preset}_image" in known() else preset


def problems(preset: str, overrides: dict[str, Any]) -> list[str]:
    """Return what is wrong with a preset's name and the settings that replace its own."""
    if preset not in known():
        return [f"unknown preset '{preset}'{did_you_mean(preset, known())}"]
    settings = {k: v for k, v in known()[preset].items() if k not in FIXED}
    found = []
    unread = _unread({**known()[preset], **overrides})
    for key, value in overrides.items():
        if key not in settings:
            hint = did_you_mean(key, settings.keys() - unread)
            found.append(f"preset '{preset}' has no setting '{key}'{hint}")
        elif key in unread:
            found.append(f"'{key}' is set, but convolutional nets do not read it; leave it out")
        elif problem := _problem(key, value, settings[key]):
            found.append(f"'{key}' is {problem}")
    return found


def _unread(settings: dict[str, Any]) -> set[str]:
    """Return what is no setting of convolutional nets: their sizes and range are built in."""
    if settings["kind"] == "directional_image":
        return {"scale"}
    return {"hidden", "scale"} if settings.get("net") == "image" else set()


def _problem(key: str, value: object, example: object) -> str | None:
    """Return a setting's value and what is wrong with it."""
    wanted, shown = type(example), reprlib.repr(value)
    numeric = wanted is float and isinstance(value, int) and not isinstance(value, bool)
    if type(value) is not wanted and not numeric:
        return f"{shown}, expected {wanted.__name__}, e.g. {example!r}"
    if isinstance(value, str):
        choices = _CHOICES.get(key, (value,))
        return None if value in choices else f"'{value}'{did_you_mean(value, choices)}"
    if not isinstance(value, int | float):
        return None
    most, least = _MOST.get(key, _MOST_OF_ANY), _LEAST.get(key, 0)
    if isinstance(value, float) and not math.isfinite(value):
        return f"{shown}, expected a number, e.g. {example!r}"
    if key in _POSITIVE and value <= 0:
        return f"{shown}, expected a number above 0"
    if key in _NOT_NEGATIVE and value < 0:
        return f"{shown}, expected 0 or more"
    if value < least:
        return f"{shown}, expected {least:g} or more"
    return f"{shown}, expected at most {most:g}" if value > most else None


def resolve(preset: str, overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the preset's settings with ``overrides`` applied.

    Raises
    ------
    SvqvaeError
        If the preset or a setting is unknown or of the wrong type; all are listed.
    """
    overrides = overrides or {}
    if found := problems(preset, overrides):
        raise SvqvaeError(found)
    return {**known()[preset], **overrides, "preset": preset}


def of_card(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the overrides that make a preset's settings those of a saved model.

    What once was a setting and never was read is left out.

    Raises
    ------
    SvqvaeError
        If the preset is unknown, or settings are missing, unknown or of the wrong type.
    """
    preset = settings.get("preset")
    if not isinstance(preset, str):
        raise SvqvaeError("its settings name no preset")
    if preset not in known():
        raise SvqvaeError(problems(preset, {}))
    own = known()[preset]
    if settings.get("kind") != own["kind"]:
        raise SvqvaeError(f"'kind' is {settings.get('kind')!r}, expected '{own['kind']}'")
    missing = sorted(own.keys() - settings.keys())
    if missing:
        raise SvqvaeError(f"its settings lack {', '.join(missing)}")
    retired = _RETIRED - own.keys()
    read = {k: v for k, v in settings.items() if k not in retired | {"preset", *FIXED}}
    unread = _unread({**own, **read})
    return {k: v for k, v in read.items() if k not in unread and not _same(v, own.get(k))}


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other
