"""Baselines behind the models' own interface, found by looking into this folder.

A baseline is one file with ``PRESETS`` (name -> settings, each with the file's ``kind``),
``KIND`` and ``MODEL``, a :class:`svqvae.base.ClassModel`. It imports what is slow inside its
methods: the workflow reads the presets whenever it starts.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType


@cache
def discover() -> dict[str, ModuleType]:
    """Return the baseline modules of this folder by kind."""
    modules = (import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__))
    return {module.KIND: module for module in modules}
