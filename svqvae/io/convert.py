"""Write signatures in any of the kinds that can be read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.gct import write_gct
from svqvae.io.gctx import write_gctx
from svqvae.io.h5ad import H5adFile, write_anndata, write_h5ad
from svqvae.io.ids import SUFFIXES, Choice, choose, kind_of
from svqvae.io.matrix_table import write_matrix_table
from svqvae.io.output import require_writable
from svqvae.io.reader import open_signatures
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
    _write_parts(path, [x], adata.obs, adata.var)


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
    """
    part = rows is not None or genes is not None
    # Refused before anything is read; a file is written over itself as a whole alone.
    require_writable(target, suffixes=_ends(target), inputs=[source] if part else [])
    with open_signatures(source) as file:
        row_at = choose(rows, file.obs, "signature", source)
        gene_at = choose(genes, file.var, "gene", source)
        if not len(row_at) or not len(gene_at):
            raise SvqvaeError(f"{source}: nothing to write: no signature or no gene is chosen")
        if isinstance(file, H5adFile) and kind_of(target) == "h5ad":
            write(file.anndata(row_at, gene_at), target)
        else:
            obs, var = file.obs.iloc[row_at], file.var.iloc[gene_at]
            if not isinstance(file, H5adFile):
                obs, var = tidy(obs), tidy(var)
            size = max(1, _BLOCK_CELLS // max(1, len(gene_at)))
            parts, parameters = file.blocks(row_at, gene_at, size=size), file.parameters(gene_at)
            _write_parts(target, parts, obs, var, parameters)
    return len(row_at), len(gene_at)


def _ends(path: str | Path) -> tuple[str, ...]:
    """Return how the name of a file to write may end, for its kind."""
    if os.path.isdir(path):
        return ()
    kind = kind_of(path)
    if kind == "idx":
        raise SvqvaeError(f"{path}: IDX is read, not written; choose .h5ad")
    ends = [end for end in SUFFIXES if SUFFIXES[end] == kind]
    if kind not in ("gct", "table"):  # only text is written packed
        return tuple(ends)
    if ".parquet." in Path(path).name.lower():
        raise SvqvaeError(f"{path}: Parquet packs itself; write it as .parquet")
    write_opener(path)  # refuses packings that are not written
    packed = Path(path).suffix.lower()
    return (*ends, *(end + packed for end in ends))


def _write_parts(
    path: str | Path,
    parts: Iterable[np.ndarray],
    obs: pd.DataFrame,
    var: pd.DataFrame,
    parameters: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    match kind_of(path):
        case "gctx":
            write_gctx(path, parts, obs, var)
        case "h5ad":
            uns = {keys.UNS: dict(parameters)} if parameters else {}
            write_h5ad(path, parts, obs, var, uns=uns)
        case "table":
            write_matrix_table(path, parts, obs, var)
        case _:
            write_gct(path, np.concatenate(list(parts)), obs, var)
