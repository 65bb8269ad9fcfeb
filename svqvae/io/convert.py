"""Write signatures in any of the kinds that can be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.formats import FORMATS, kind_of, open_signatures, writer_of
from svqvae.io.h5ad import H5adFile, write_anndata
from svqvae.io.ids import Choice, choose
from svqvae.io.limits import fitting
from svqvae.io.output import require_writable
from svqvae.io.tables import tidy
from svqvae.io.text import write_opener

if TYPE_CHECKING:
    from anndata import AnnData

#: Values held at a time while a file is converted.
_BLOCK_CELLS = 8 << 20


def write(adata: AnnData, path: str | Path) -> None:
    """Write signatures and their metadata; the kind follows from the name.

    Parameters
    ----------
    adata
        Signatures x genes. GCTX and GCT keep ``X``, ``obs`` and ``var``, tables ``X`` and
        ``obs``; only h5ad keeps layers, embeddings and ``uns``.
    path
        Ends as :func:`svqvae.io.read` takes it; IDX is not written.

    Raises
    ------
    SvqvaeError
        If the kind is unknown or cannot hold these signatures.
    """
    require_writable(path, suffixes=_ends(path))
    if kind_of(path) == "h5ad":
        write_anndata(path, adata)
        return
    x = adata.X.toarray() if hasattr(adata.X, "toarray") else np.asarray(adata.X)
    writer_of(path)(path, [x], adata.obs, adata.var)


def convert(
    source: str | Path, target: str | Path, *, rows: Choice = None, genes: Choice = None
) -> tuple[int, int]:
    """Write one file of signatures, or a part of it, as another; return signatures and genes.

    Parameters
    ----------
    rows, genes
        As in :func:`svqvae.io.read`.

    Notes
    -----
    Between GCTX, h5ad and tables the matrix goes through in parts, whatever its size; GCT, which
    lies genes down, is held in memory.

    Examples
    --------
    >>> svqvae.io.write(adata, "signatures.gctx")
    >>> convert("signatures.gctx", "some.h5ad", rows="cell_id == 'A375'")
    (80, 120)
    """
    part = rows is not None or genes is not None
    # Refused before anything is read; a file is written over itself as a whole alone.
    require_writable(target, suffixes=_ends(target), inputs=[source] if part else [])
    with fitting(source), open_signatures(source) as file:
        row_at = choose(rows, file.obs, "signature", source)
        gene_at = choose(genes, file.var, "gene", source)
        if not len(row_at) or not len(gene_at):
            raise SvqvaeError(f"{source}: nothing to write: no signature or no gene is chosen")
        kind = kind_of(target)
        if isinstance(file, H5adFile) and kind == "h5ad":
            write(file.anndata(row_at, gene_at), target)
        else:
            obs, var = file.obs.iloc[row_at], file.var.iloc[gene_at]
            if not isinstance(file, H5adFile):
                obs, var = tidy(obs), tidy(var)
            size = max(1, _BLOCK_CELLS // max(1, len(gene_at)))
            parts, parameters = file.blocks(row_at, gene_at, size=size), file.parameters(gene_at)
            # Of all kinds, h5ad alone keeps what models must know of the matrix.
            kept = {"uns": {keys.UNS: parameters}} if parameters else {}
            writer_of(target)(target, parts, obs, var, **(kept if kind == "h5ad" else {}))
    return len(row_at), len(gene_at)


def _ends(path: str | Path) -> tuple[str, ...]:
    """Return how the name of a file to write may end, for its kind."""
    if os.path.isdir(path):
        return ()
    writer_of(path)  # refuses kinds that are not written
    form = FORMATS[kind_of(path)]
    if not form.is_text:  # only text is written packed
        return form.suffixes
    if ".parquet." in Path(path).name.lower():
        raise SvqvaeError(f"{path}: Parquet packs itself; write it as .parquet")
    write_opener(path)  # refuses packings that are not written
    packed = Path(path).suffix.lower()
    return (*form.suffixes, *(end + packed for end in form.suffixes))
