"""Read signatures of every supported kind into AnnData (signatures x genes), and write them."""

from svqvae.io.convert import write
from svqvae.io.reader import open_signatures, read, read_metadata

__all__ = ["open_signatures", "read", "read_metadata", "write"]
