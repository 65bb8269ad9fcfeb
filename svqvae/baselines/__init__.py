"""Baselines behind the models' own interface, found by looking into this folder.

Adding a method is adding one file here, with ``KIND``, ``ROLE`` (baseline or model),
``PRESETS`` (name -> settings, each with the file's ``kind``) and ``MODEL``, a
:class:`svqvae.base.ClassModel`. ``HAS_CODES = False`` says that its classes are not to be described,
only its predictions scored. It imports what is slow (torch, scikit-learn) inside its
methods: the workflow reads the presets whenever it starts. A preset with ``epochs`` gets a
figure of its ``history``.
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
