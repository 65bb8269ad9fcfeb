"""S-VQ-VAE: global representations of drug mechanisms from expression signatures."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from svqvae.io import read
    from svqvae.model import SVQVAE

__version__ = "0.1.0"
__all__ = ["SVQVAE", "read"]

#: Imported on first use, so that `import svqvae` costs neither torch nor anndata.
_LAZY = {"SVQVAE": "svqvae.model", "read": "svqvae.io"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'svqvae' has no attribute '{name}'")
