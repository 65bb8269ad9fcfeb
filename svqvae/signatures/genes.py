"""Genes of counts by Entrez id, as models know them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.text import brief
from svqvae.query.gene_table import gene_table
from svqvae.query.genes import GeneNames


def by_entrez(var: pd.DataFrame, where: object) -> tuple[pd.DataFrame, sparse.csr_array]:
    """Return genes by Entrez id, and what adds up the counts of each.

    Parameters
    ----------
    var
        Genes by any name: id, symbol, former symbol, alias or Ensembl id; where its index has
        none of these, by ``pr_gene_id`` or ``pr_gene_symbol``.

    Returns
    -------
    DataFrame
        With ``pr_gene_symbol``, by Entrez id.
    csr_array
        Names x genes: 1 where a name means the gene.

    Raises
    ------
    SvqvaeError
        If no name is known.
    """
    known = GeneNames(list(gene_table().symbol_of))
    names = [var.index, *(var[c] for c in (keys.GENE_ID, keys.GENE_SYMBOL) if c in var)]
    at = max((known.find(n.astype(str)).at for n in names), key=lambda at: int((at >= 0).sum()))
    found = np.flatnonzero(at >= 0)
    if not len(found):
        raise SvqvaeError(
            f"{where}: none of its {len(var)} genes (first {brief(str(var.index[0]))}) is known; "
            "expected Entrez ids, symbols or Ensembl ids of human genes"
        )
    genes, place = np.unique(at[found], return_inverse=True)
    merge = sparse.csr_array((np.ones(len(found)), (found, place)), shape=(len(var), len(genes)))
    ids = [known.genes[g] for g in genes]
    table = pd.DataFrame({keys.GENE_SYMBOL: [known.symbol(i) for i in ids]}, index=ids)
    return table, merge
