"""Read signatures of every supported kind into AnnData (signatures x genes)."""

from svqvae.io.read import read

__all__ = ["read"]
