"""Genes that set a class apart: the decoded profile's contrast, tested on perturbagens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.matrix import SignatureMatrix, group_sums
from svqvae.pp.split import perturbagens

if TYPE_CHECKING:
    from anndata import AnnData


def perturbagen_means(adata: AnnData) -> AnnData:
    """Return one row per perturbagen and class: the mean of its signatures.

    Signatures of one perturbagen are not independent, so tests count perturbagens.
    """
    import anndata as ad

    pair = [perturbagens(adata), adata.obs[keys.CLASS].astype(str).to_numpy()]
    code, first = pd.factorize(pd.MultiIndex.from_arrays(pair))
    x = SignatureMatrix.of(adata, list(adata.var_names))
    means = group_sums(x.blocks(), code, len(first)) / np.bincount(code)[:, None]
    table = pd.DataFrame(list(first), columns=[keys.PERT_ID, keys.CLASS])
    table.index = table.index.astype(str)
    table[keys.CLASS] = pd.Categorical(table[keys.CLASS])
    return ad.AnnData(means.astype(np.float32), obs=table, var=adata.var[[]])


def class_markers(adata: AnnData, classes: AnnData, *, top: int = 50) -> pd.DataFrame:
    """Return the genes whose decoded value differs most from the other classes'.

    Parameters
    ----------
    adata
        The signatures trained on.
    classes
        Decoded profiles, from ``model.classes()``.
    top
        Genes per class, by absolute score.

    Returns
    -------
    DataFrame
        class, gene (symbol where known), gene_id, score, direction, q_value. ``score`` is the
        decoded profile minus the mean of the other classes' profiles (units of the data);
        ``q_value`` is Benjamini-Hochberg over genes of Welch's t between the class's
        perturbagens and all others, on the data itself (scanpy), so a gene that the model
        invented shows a high q-value. Classes with one perturbagen have none.
    """
    profiles = np.asarray(classes.X, dtype=float)
    n = len(profiles)
    score = profiles - (profiles.sum(0) - profiles) / (n - 1)
    q_value = _q_values(adata, classes)
    top = min(top, score.shape[1])
    best = np.argsort(-np.abs(score), axis=1, kind="stable")[:, :top]
    ids = classes.var_names.to_numpy()
    symbols = ids
    if keys.GENE_SYMBOL in adata.var:
        symbols = adata.var[keys.GENE_SYMBOL].astype(str).loc[ids].to_numpy()
    value = np.take_along_axis(score, best, 1).ravel()
    return pd.DataFrame(
        {
            keys.CLASS: np.repeat(classes.obs_names.to_numpy(), top),
            "gene": symbols[best].ravel(),
            "gene_id": ids[best].ravel(),
            "score": value,
            "direction": np.where(value >= 0, "up", "down"),
            "q_value": np.take_along_axis(q_value, best, 1).ravel(),
        }
    )


def _q_values(adata: AnnData, classes: AnnData) -> np.ndarray:
    import scanpy as sc

    means = perturbagen_means(adata)
    sizes = means.obs[keys.CLASS].value_counts()
    testable = [c for c in classes.obs_names if 2 <= sizes.get(c, 0) <= len(means.obs) - 2]
    result = np.full(classes.shape, np.nan)
    if not testable:
        return result
    # Expression differences may be negative: no log fold change is taken from this.
    with np.errstate(all="ignore"):
        sc.tl.rank_genes_groups(
            means, keys.CLASS, groups=testable, method="t-test", use_raw=False, n_genes=None
        )
    found = means.uns["rank_genes_groups"]
    for name in testable:
        at = classes.var_names.get_indexer(pd.Index(found["names"][name]))
        result[classes.obs_names.get_loc(name), at] = found["pvals_adj"][name]
    return result
