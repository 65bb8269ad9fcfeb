"""One entry point for every file kind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from svqvae.errors import SvqvaeError
from svqvae.io.gct import read_gct
from svqvae.io.gctx import read_matrix

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
        Signature ids and gene ids to read, in this order; all by default. GCTX and h5ad
        read no more than these.

    Returns
    -------
    AnnData
        X float32, signatures x genes; obs_names are sig_id, var_names gene ids.

    Raises
    ------
    SvqvaeError
        If the file is missing, of another kind, or lacks one of the ids.
    """
    import anndata as ad

    path = Path(path)
    name = path.name.lower()
    if name.endswith(".gctx"):
        x, obs, var = read_matrix(path, rows=rows, genes=genes)
        return ad.AnnData(x, obs=obs, var=var)
    if name.endswith((".gct", ".gct.gz")):
        x, obs, var = read_gct(path)
        adata = ad.AnnData(x, obs=obs, var=var)
    elif name.endswith(".h5ad"):
        if not path.is_file():
            raise SvqvaeError(f"{path}: no such file")
        try:
            adata = ad.read_h5ad(path, backed="r")
        except OSError as error:
            raise SvqvaeError(f"{path}: not an h5ad (HDF5) file, or truncated") from error
    else:
        raise SvqvaeError(f"{path}: unknown kind; expected .gctx, .gct, .gct.gz or .h5ad")
    for wanted, ids, what in ((rows, adata.obs_names, "signature"), (genes, adata.var_names, "gene")):
        lost = [] if wanted is None else [w for w in wanted if w not in ids]
        if lost:
            raise SvqvaeError(f"{path}: {len(lost)} {what} ids not found, first '{lost[0]}'")
    adata = adata[rows if rows is not None else slice(None), :]
    adata = adata[:, genes if genes is not None else slice(None)]
    adata = adata.to_memory() if adata.isbacked else adata.copy()
    x = adata.X
    adata.X = (x.toarray() if hasattr(x, "toarray") else np.asarray(x)).astype(np.float32)
    return adata
