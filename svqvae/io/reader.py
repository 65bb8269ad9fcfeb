"""One entry point for every file of signatures."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError
from svqvae.io.formats import open_signatures
from svqvae.io.ids import Choice, choose, choose_named
from svqvae.io.limits import fitting
from svqvae.io.signature_file import SignatureFile
from svqvae.io.table_columns import refuse_genes_in_rows

if TYPE_CHECKING:
    from anndata import AnnData


def read(path: str | Path, *, rows: Choice = None, genes: Choice = None) -> AnnData:
    """Read signatures, or part of them, from GCTX, GCT, h5ad, a table or IDX.

    Parameters
    ----------
    path
        The kind follows from the name: ``.gctx``; ``.gct``; ``.h5ad``; ``.tsv``, ``.tab``,
        ``.txt``, ``.csv`` or ``.parquet``; ``-idx3-ubyte``. Text and IDX may be packed by gzip,
        bz2 or xz; text may be in any encoding, tables between tabs, commas or semicolons.
    rows, genes
        What to read, in this order; all by default. Ids, positions, a slice, a mask, or a
        query of the metadata: ``rows="cell_id == 'MCF7' and distil_cc_q75 > 0.2"``,
        ``genes="pr_is_lm == 1"``. Whole numbers are ids where the file has such ids, as Entrez
        ids are (``genes=[16, 23]``), and positions where none of them is an id and ids are not
        numbers; what could be either is an error. A slice is always of positions. Genes may be
        asked for by Entrez id where the file names them by probe and holds a ``pr_gene_id``; they
        are then called by it.

    Returns
    -------
    AnnData
        X float32, signatures x genes; obs_names are sig_id, var_names gene ids. Metadata columns
        are numbers where all their values are, else text; -666 is missing. From h5ad comes
        what it holds but for ``raw``, with X and layers dense; pixels of IDX are in [-1, 1].

    Raises
    ------
    SvqvaeError
        If the file is missing, damaged or of another kind, or lacks what was asked for.

    Notes
    -----
    Memory is the result and a fixed buffer, whatever the size of the file.

    Examples
    --------
    ``adata``, here and elsewhere, is a small simulated set of signatures x genes.

    >>> svqvae.io.write(adata, "signatures.gctx")
    >>> svqvae.read("signatures.gctx").shape
    (160, 120)
    >>> a375 = svqvae.read("signatures.gctx", rows="cell_id == 'A375'", genes="pr_is_lm == 1")
    >>> a375.obs["cell_id"].unique().tolist()
    ['A375']
    """
    with fitting(path), open_signatures(path) as file:
        row_at = choose(rows, file.obs, "signature", path)
        gene_at, names = _choose_genes(genes, file)
        adata = file.anndata(row_at, gene_at)
    if names is not None:
        adata.var_names = names
    return adata


def _choose_genes(genes: Choice, file: SignatureFile) -> tuple[np.ndarray, list[str] | None]:
    if isinstance(genes, Iterable) and not isinstance(genes, Sized):
        genes = list(genes)
    try:
        return choose_named(genes, file.var, "gene", file.path)
    except SvqvaeError:
        if isinstance(genes, Iterable) and not isinstance(genes, str):
            refuse_genes_in_rows(genes, file.obs.index, file.path)
        raise


def read_metadata(path: str | Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the signature and gene tables of a file and leave its matrix alone.

    Examples
    --------
    >>> svqvae.io.write(adata, "signatures.gctx")
    >>> obs, var = svqvae.io.read_metadata("signatures.gctx")
    >>> len(obs), len(var)
    (160, 120)
    """
    with fitting(path), open_signatures(path) as file:
        return file.obs.copy(), file.var.copy()
