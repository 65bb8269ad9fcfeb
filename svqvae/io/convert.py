"""Write signatures in any of the kinds that can be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from svqvae.io.atomic import atomic_path
from svqvae.io.gct import write_gct
from svqvae.io.gctx import write_gctx
from svqvae.io.ids import kind_of
from svqvae.io.reader import read

if TYPE_CHECKING:
    from anndata import AnnData


def write(adata: AnnData, path: str | Path) -> None:
    """Write signatures and their metadata; the kind follows from the name.

    Parameters
    ----------
    adata
        Signatures x genes. GCTX and GCT keep ``X``, ``obs`` and ``var``; only h5ad keeps
        layers, embeddings and ``uns``.
    path
        Ends in ``.gctx``, ``.gct``, ``.gct.gz`` or ``.h5ad``.
    """
    kind = kind_of(path)
    if kind == "h5ad":
        with atomic_path(path) as temporary:
            adata.write_h5ad(temporary)
        return
    x = adata.X.toarray() if hasattr(adata.X, "toarray") else np.asarray(adata.X)
    writer = write_gctx if kind == "gctx" else write_gct
    writer(path, x, adata.obs, adata.var)


def convert(source: str | Path, target: str | Path) -> tuple[int, int]:
    """Read one file of signatures and write it as another; return signatures and genes."""
    kind_of(target)  # refused before anything is read
    adata = read(source)
    write(adata, target)
    return adata.n_obs, adata.n_vars
