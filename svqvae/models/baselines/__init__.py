"""Baselines behind the models' own interface, found by looking into this folder.

Adding a method is adding one file here, with ``KIND``, ``ROLE`` (baseline or model),
``PRESETS`` (name -> settings, each with the file's ``kind``) and ``MODEL``, a
:class:`svqvae.models.base.ClassModel`. ``HAS_CODES = False`` says that its classes are not to be
described, only its predictions scored. It imports what is slow (torch, scikit-learn) inside
its methods: the workflow reads the presets whenever it starts. A preset with ``epochs`` gets a
figure of its ``history``. Names that begin with an underscore are no methods.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType


@cache
def discover() -> dict[str, ModuleType]:
    """Return the baseline modules of this folder by kind."""
    names = [m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")]
    modules = (import_module(f"{__name__}.{name}") for name in names)
    return {module.KIND: module for module in modules}
