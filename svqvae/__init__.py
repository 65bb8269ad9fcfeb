"""S-VQ-VAE: global representations of drug mechanisms from expression signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from svqvae.io import read
    from svqvae.model import SVQVAE

__version__ = "0.1.0"
__all__ = ["SVQVAE", "read"]


def __getattr__(name: str) -> Any:
    # Imported on first use, so that `import svqvae` costs neither torch nor anndata.
    if name == "read":
        from svqvae.io import read

        return read
    if name == "SVQVAE":
        from svqvae.model import SVQVAE

        return SVQVAE
    raise AttributeError(f"module 'svqvae' has no attribute '{name}'")
