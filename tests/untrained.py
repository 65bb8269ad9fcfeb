"""Models without data, for tests of their parts and of the training loop."""

from dataclasses import make_dataclass

import torch

from svqvae.models.registry import classes


def untrained(preset, n_genes, n_classes, **overrides):
    """Return a network of some size, its parts as at the start of a training with seed 0."""
    model = classes()[preset](None, preset=preset, **overrides)
    model.var_names = [f"gene {i}" for i in range(n_genes)]
    model.class_names = [f"class {i}" for i in range(n_classes)]
    torch.manual_seed(0)
    model.net = model.build()
    return model


def changed(model, **settings):
    """Give a model settings that its preset has not, or other values than it would allow."""
    own = type(model.settings)
    fields = [(name, type(value), value) for name, value in settings.items()]
    kind = make_dataclass("Changed", fields, bases=(own,), frozen=True, kw_only=True)
    model.settings = kind(**{**vars(model.settings), **settings})
    return model
