"""Saved models to damage, and what is told of them."""

import json

import pytest
from safetensors.numpy import load_file, save_file

from svqvae.errors import SvqvaeError
from svqvae.models import presets, store
from svqvae.models.registry import load_model, make_model

EXPRESSION = [p for p in presets.known() if not p.endswith("_image")]


def quick(adata, preset="class_mean", seed=0):
    overrides = {"epochs": 2, "hidden": 4} if "epochs" in presets.known()[preset] else {}
    if preset == "random_forest":
        overrides = {"trees": 5}
    return make_model(adata, preset=preset, **overrides).train(seed=seed)


def change_card(folder, change, *, edited=False):
    """Change a card; unless it is edited by hand, its digest is that of what it says then."""
    path = folder / "model.json"
    card = json.loads(path.read_text())
    change(card)
    if "sha256" in card and not edited:
        card["sha256"]["model.json"] = store._card_digest(card)
    path.write_text(json.dumps(card))


def as_format_1(folder):
    """As models were saved before cards held digests."""

    def change(card):
        del card["format"], card["sha256"]

    change_card(folder, change)


def change_weights(folder, change):
    arrays = load_file(folder / "model.safetensors")
    change(arrays)
    save_file(arrays, folder / "model.safetensors")


def refusal(folder):
    with pytest.raises(SvqvaeError) as error:
        load_model(folder)
    assert len(str(error.value)) < 1000
    return str(error.value)
