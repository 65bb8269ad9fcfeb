"""Models to be compared with, each found by its file in this folder.

Adding one is adding a file with a :class:`svqvae.models.base.ClassModel` that has ``presets``
(name -> settings that differ from the defaults), ``role`` (baseline or model) and, if it has
settings, ``settings_class``. :class:`svqvae.models.base.PredictionsOnly` among its bases says
that its classes are not to be described, only its predictions scored. It imports what is slow
(torch, scikit-learn) inside its methods: the workflow reads the presets whenever it starts. A
model with a setting ``epochs`` gets a figure of its ``history``. Names that begin with an
underscore are no models.
"""

from __future__ import annotations

import pkgutil


def modules() -> list[str]:
    """Return the names of the modules of this folder that hold a model."""
    found = [m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")]
    return [f"{__name__}.{name}" for name in found]
