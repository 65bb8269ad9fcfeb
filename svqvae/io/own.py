"""The h5ad files that jobs leave for other jobs: verified, then opened by anndata."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from svqvae.errors import SvqvaeError
from svqvae.io import sums
from svqvae.io.hdf5_file import Damaged, damage

if TYPE_CHECKING:
    from anndata import AnnData


def open_h5ad(path: str | Path, *, backed: bool = False) -> AnnData:
    """Open an h5ad of a run, all of its bytes held against their checksums first.

    Parameters
    ----------
    backed
        Whether X stays on disk.

    Raises
    ------
    SvqvaeError
        If it is missing, damaged, or no AnnData.
    """
    import anndata as ad

    try:
        sums.require_whole(path)
        with damage():
            return ad.read_h5ad(path, backed="r" if backed else None)
    except FileNotFoundError as error:
        raise SvqvaeError(f"{path}: no such file; it was there when the run began") from error
    except Damaged as error:
        raise SvqvaeError(
            f"{path}: truncated or damaged ({error}); delete it, and the run makes it again"
        ) from error
