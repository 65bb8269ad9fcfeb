"""Figures: each function takes tables of the package and returns a matplotlib figure.

``dir(svqvae.pl)`` lists them; :mod:`svqvae.results` says which table each one draws. Nothing is
written to disk, but by :func:`svqvae.pl.style.save`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from svqvae.errors import require_extra
from svqvae.results import FIGURES

_CALLS = [call for row in FIGURES.values() for call in (row.draw, row.table)]
_NAMES = [call.function for call in _CALLS if not isinstance(call, str)]
_NAMES += ["svqvae.pl.style:house_style", "svqvae.pl.style:save"]
#: Module of each function, imported on first use: matplotlib is not needed to know their names.
_LAZY = {
    name: module
    for module, _, name in (name.partition(":") for name in _NAMES)
    if module.startswith("svqvae.pl.")
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        require_extra("plots", "matplotlib", "networkx", "seaborn")
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'svqvae.pl' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(_LAZY)
