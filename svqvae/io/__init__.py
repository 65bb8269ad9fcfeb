"""Read signatures of every supported kind into AnnData (signatures x genes)."""

from svqvae.io.reader import read, read_metadata

__all__ = ["read", "read_metadata"]
