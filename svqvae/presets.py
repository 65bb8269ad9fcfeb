"""Hyper-parameters of every preset; the networks' numbers are the papers'."""

from __future__ import annotations

from typing import Any

from svqvae.errors import SvqvaeError, did_you_mean

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

PRESETS: dict[str, dict[str, Any]] = {
    "paper": _PAPER,
    "vqvae": {**_PAPER, "kind": "vqvae"},
    "vae": {
        "kind": "vae",
        "net": "expression",
        "hidden": 1000,
        "latent": 100,
        "scale": 10.0,
        "epochs": 300,
        "batch_size": 512,
        "lr": 1e-3,
    },
    "paper_image": {**_PAPER, "net": "image", "epochs": 25, "lr": 1e-3},
    "vqvae_image": {**_PAPER, "kind": "vqvae", "net": "image", "epochs": 25, "lr": 1e-3},
    "class_mean": {"kind": "class_mean", "metric": "euclidean"},
    "class_mean_cosine": {"kind": "class_mean", "metric": "cosine"},
}

#: Presets that are judged against, rather than the models under study.
BASELINES = {"class_mean", "class_mean_cosine"}


def resolve(preset: str, overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the preset's settings with ``overrides`` applied; unknown names are an error."""
    if preset not in PRESETS:
        raise SvqvaeError(f"unknown preset '{preset}'{did_you_mean(preset, PRESETS)}")
    settings = dict(PRESETS[preset])
    problems = [
        f"preset '{preset}' has no setting '{k}'{did_you_mean(k, settings)}"
        for k in overrides or {}
        if k not in settings
    ]
    if problems:
        raise SvqvaeError(problems)
    return {**settings, **(overrides or {}), "preset": preset}
