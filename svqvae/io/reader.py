"""One entry point for every file of signatures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError
from svqvae.io.gct import read_gct
from svqvae.io.gctx import read_matrix
from svqvae.io.gctx import read_metadata as read_gctx_metadata
from svqvae.io.ids import kind_of, positions
from svqvae.io.tables import tidy

if TYPE_CHECKING:
    from anndata import AnnData


def read(
    path: str | Path, *, rows: list[str] | None = None, genes: list[str] | None = None
) -> AnnData:
    """Read signatures from GCTX, GCT or h5ad.

    Parameters
    ----------
    path
        The kind follows from the name: ``.gctx``, ``.gct``, ``.gct.gz`` or ``.h5ad``.
    rows, genes
        Signature ids and gene ids to read, in this order; all by default. From GCTX and
        h5ad no more than these is held in memory.

    Returns
    -------
    AnnData
        X float32, signatures x genes; obs_names are sig_id, var_names gene ids. Metadata columns
        of GCTX and GCT are numbers where all their values are, else text; -666 is missing.

    Raises
    ------
    SvqvaeError
        If the file is missing, of another kind, or lacks one of the ids.
    """
    import anndata as ad

    path = Path(path)
    kind = kind_of(path)
    if kind == "h5ad":
        return _read_h5ad(path, rows, genes)
    if kind == "gctx":
        x, obs, var = read_matrix(path, rows=rows, genes=genes)
        return ad.AnnData(x, obs=tidy(obs), var=tidy(var))
    x, obs, var = read_gct(path)
    row_at = positions(rows, obs.index, "signature", path)
    gene_at = positions(genes, var.index, "gene", path)
    x = x[np.ix_(row_at, gene_at)]
    return ad.AnnData(x, obs=tidy(obs.iloc[row_at]), var=tidy(var.iloc[gene_at]))


def read_metadata(path: str | Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the signature and gene tables of a file; GCTX and h5ad leave the matrix alone."""
    path = Path(path)
    kind = kind_of(path)
    if kind == "gctx":
        return read_gctx_metadata(path)
    if kind == "gct":
        _, obs, var = read_gct(path)
        return obs, var
    backed = _open_h5ad(path)
    obs, var = backed.obs.copy(), backed.var.copy()
    backed.file.close()
    return obs, var


def _open_h5ad(path: Path) -> AnnData:
    import anndata as ad

    if not path.is_file():
        raise SvqvaeError(f"{path}: no such file")
    try:
        return ad.read_h5ad(path, backed="r")
    except (OSError, KeyError) as error:
        raise SvqvaeError(f"{path}: not an h5ad (AnnData in HDF5) file, or truncated") from error


def _read_h5ad(path: Path, rows: list[str] | None, genes: list[str] | None) -> AnnData:
    backed = _open_h5ad(path)
    if "X" not in backed.file:
        raise SvqvaeError(f"{path}: its AnnData has no X")
    row_at = positions(rows, backed.obs_names, "signature", path)
    gene_at = positions(genes, backed.var_names, "gene", path)
    # HDF5 wants increasing positions: read sorted, then put into the order asked for.
    row_sorted = np.sort(row_at)
    part = backed[row_sorted].to_memory() if rows is not None else backed.to_memory()
    backed.file.close()
    adata = part[np.searchsorted(row_sorted, row_at), gene_at].copy()
    x = adata.X
    adata.X = (x.toarray() if hasattr(x, "toarray") else np.asarray(x)).astype(np.float32)
    return adata
