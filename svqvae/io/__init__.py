"""Read signatures of every supported kind into AnnData (signatures x genes)."""

from svqvae.io.reader import open_signatures, read, read_metadata

__all__ = ["open_signatures", "read", "read_metadata"]
