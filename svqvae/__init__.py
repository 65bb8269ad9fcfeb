"""S-VQ-VAE: global representations of drug mechanisms from expression signatures.

``read`` takes signatures from files, ``make_model`` and ``load_model`` give models (``SVQVAE`` is
ours), and the modules are ``io`` (files), ``pp`` (preprocessing), ``models``, ``tl`` (analyses) and
``pl`` (figures).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from svqvae import io, models, pl, pp, tl
    from svqvae.io import read
    from svqvae.models.registry import load_model, make_model
    from svqvae.models.svqvae import SVQVAE

#: The version, here alone: pyproject.toml reads this line, docs and CITATION.cff are held to it.
__version__ = "0.2.0"
__all__ = ["SVQVAE", "io", "load_model", "make_model", "models", "pl", "pp", "read", "tl"]

#: Where each name is, imported on first use: `import svqvae` costs neither torch nor anndata.
_LAZY = {
    "SVQVAE": "svqvae.models.svqvae",
    "load_model": "svqvae.models.registry",
    "make_model": "svqvae.models.registry",
    "read": "svqvae.io",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    if name in __all__:
        return import_module(f"svqvae.{name}")
    raise AttributeError(f"module 'svqvae' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
