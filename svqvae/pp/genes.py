"""Which genes are read: a gene space of L1000, all, or a list."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean

#: Metadata columns that mark the gene spaces of L1000.
GENE_SPACES = {"landmark": keys.IS_LANDMARK, "bing": keys.IS_BING}


def choose_genes(var: pd.DataFrame, genes: str) -> list[str]:
    """Return the ids of the genes to read.

    Parameters
    ----------
    var
        Gene table in the GEO vocabulary, indexed by the ids of the matrix.
    genes
        ``landmark`` (978 measured genes), ``bing`` (10,174 measured or well inferred ones),
        ``all``, or the path of a text file with one id or symbol a line.

    Raises
    ------
    SvqvaeError
        If the flag column is missing or marks nothing, or the file names unknown genes.
    """
    if genes == "all":
        return list(var.index)
    if genes in GENE_SPACES:
        column = GENE_SPACES[genes]
        if column not in var:
            raise SvqvaeError(
                f"filters.genes: {genes} needs the gene column '{column}' (or feature_space), "
                f"found {list(var.columns)}; give source.gene_info, or set filters.genes to all"
            )
        chosen = list(var.index[pd.to_numeric(var[column], errors="coerce") == 1])
        if not chosen:
            raise SvqvaeError(f"filters.genes: no gene has {column} = 1; set filters.genes to all")
        return chosen
    path = Path(genes)
    if not path.is_file():
        raise SvqvaeError(f"filters.genes: '{genes}' is neither landmark, bing, all nor a file")
    wanted = [line.strip() for line in path.read_text().splitlines() if line.strip()]
    symbols = var[keys.GENE_SYMBOL] if keys.GENE_SYMBOL in var else pd.Series(dtype=object)
    id_of = {str(s): i for i, s in symbols.items()} | {i: i for i in var.index}
    lost = [w for w in wanted if w not in id_of]
    if lost:
        raise SvqvaeError(
            f"{path}: {len(lost)} of {len(wanted)} genes are not in the data, first "
            f"'{lost[0]}'{did_you_mean(lost[0], id_of)}"
        )
    return list(dict.fromkeys(id_of[w] for w in wanted))
