"""Genes that set a class apart: the decoded profile's contrast, tested on perturbagens."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.matrix import SignatureMatrix, group_sums
from svqvae.data.split import perturbagens
from svqvae.errors import require_extra

if TYPE_CHECKING:
    from anndata import AnnData


@dataclass(frozen=True)
class Contrasts:
    """What sets each class apart from the others, gene by gene; arrays are classes x genes.

    Attributes
    ----------
    score
        Decoded profile minus the mean of the other classes' profiles, in units of the data.
    effect
        The same difference in the data: the mean of the class's perturbagens minus that of all
        others, in pooled standard deviations of perturbagens (Cohen's d).
    q_value
        Benjamini-Hochberg over genes of Welch's t between the class's perturbagens and all others,
        on the data (scanpy), so that a gene that the model invented shows a high q-value: 1 where
        score and effect have opposite signs. Missing, as ``effect``, for classes of one
        perturbagen.
    """

    classes: np.ndarray
    gene_ids: np.ndarray
    symbols: np.ndarray
    score: np.ndarray
    effect: np.ndarray
    q_value: np.ndarray


def class_contrasts(adata: AnnData, classes: AnnData) -> Contrasts:
    """Contrast each class with the others.

    Parameters
    ----------
    adata
        The signatures trained on.
    classes
        Decoded profiles, from ``model.classes()``.

    Examples
    --------
    >>> model = svqvae.make_model(adata, preset="class_mean").train()
    >>> contrasts = class_contrasts(adata, model.classes())
    >>> contrasts.score.shape  # classes x genes
    (8, 120)
    >>> class_markers(contrasts, top=5)["class"].value_counts().unique().tolist()
    [5]
    """
    ids = classes.var_names.to_numpy()
    symbols = ids
    if keys.GENE_SYMBOL in adata.var:
        known = adata.var[keys.GENE_SYMBOL].astype(object).loc[ids]
        symbols = known.where(known.notna(), ids).astype(str).to_numpy()
    means = perturbagen_means(adata)[:, ids]
    names = classes.obs_names.to_numpy()
    score, effect = _against_others(classes.X), _effects(means, names)
    q_value = np.where(score * effect < 0, 1.0, _q(means, names))
    return Contrasts(names, ids, symbols, score, effect, q_value)


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


def class_markers(
    contrasts: Contrasts, replicates: Sequence[np.ndarray] = (), *, top: int = 50
) -> pd.DataFrame:
    """Return the genes whose decoded value differs most from the other classes'.

    Parameters
    ----------
    replicates
        Decoded profiles, classes x genes, of models that were each trained without a part of the
        perturbagens.
    top
        Genes per class, by absolute score.

    Returns
    -------
    DataFrame
        class, gene (symbol where known), gene_id, score, direction, effect, q_value (see
        :class:`Contrasts`), support: the share of replicates in which the gene is among as many of
        the class too, in the same direction; missing without replicates.
    """
    score = contrasts.score
    best = _strongest(score, top)
    value = np.take_along_axis(score, best, 1)
    support = np.full(best.shape, np.nan)
    if len(replicates):
        again = [np.take_along_axis(_direction_of_top(p, top), best, 1) for p in replicates]
        support = (np.array(again) == np.sign(value)).mean(0)
    return pd.DataFrame(
        {
            keys.CLASS: np.repeat(contrasts.classes, best.shape[1]),
            "gene": contrasts.symbols[best].ravel(),
            "gene_id": contrasts.gene_ids[best].ravel(),
            "score": value.ravel(),
            "direction": np.where(value >= 0, "up", "down").ravel(),
            "effect": np.take_along_axis(contrasts.effect, best, 1).ravel(),
            "q_value": np.take_along_axis(contrasts.q_value, best, 1).ravel(),
            keys.SUPPORT: support.ravel(),
        }
    )


def _against_others(profiles: np.ndarray) -> np.ndarray:
    profiles = np.asarray(profiles, dtype=float)
    return np.asarray(profiles - (profiles.sum(0) - profiles) / (len(profiles) - 1))


def _strongest(score: np.ndarray, top: int) -> np.ndarray:
    """Return, for each class, the positions of its genes of largest absolute score."""
    return np.argsort(-np.abs(score), axis=1, kind="stable")[:, : min(top, score.shape[1])]


def _direction_of_top(profiles: np.ndarray, top: int) -> np.ndarray:
    """Return 1 or -1 at the strongest genes of each class, 0 elsewhere."""
    score = _against_others(profiles)
    best = _strongest(score, top)
    direction = np.zeros(score.shape)
    np.put_along_axis(direction, best, np.sign(np.take_along_axis(score, best, 1)), 1)
    return direction


def _effects(means: AnnData, classes: np.ndarray) -> np.ndarray:
    """Return Cohen's d of each class's perturbagens against all others; NaN where one is alone."""
    x = np.asarray(means.X, dtype=float)
    inside = means.obs[keys.CLASS].to_numpy()[None] == classes[:, None]
    n = inside.sum(1)[:, None]
    rest = len(x) - n
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, mean_rest = inside @ x / n, ~inside @ x / rest
        square = inside @ x**2 - n * mean**2 + ~inside @ x**2 - rest * mean_rest**2
        effect = (mean - mean_rest) / np.sqrt(square / (n + rest - 2))
    return np.where((n >= 2) & (rest >= 2), effect, np.nan)


def _q(means: AnnData, classes: np.ndarray) -> np.ndarray:
    require_extra("analysis", "scanpy")
    import scanpy as sc

    sizes = means.obs[keys.CLASS].value_counts()
    testable = [c for c in classes if 2 <= sizes.get(c, 0) <= len(means.obs) - 2]
    result = np.full((len(classes), means.n_vars), np.nan)
    if not testable:
        return result
    means = means.copy()
    # Expression differences may be negative: no log fold change is taken from this. Of many classes
    # scanpy makes a table column by column, which pandas warns of once each.
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.PerformanceWarning)
        sc.tl.rank_genes_groups(
            means, keys.CLASS, groups=testable, method="t-test", use_raw=False, n_genes=None
        )
    found = means.uns["rank_genes_groups"]
    row_of = {name: row for row, name in enumerate(classes)}
    for name in testable:
        at = means.var_names.get_indexer(pd.Index(found["names"][name]))
        result[row_of[name], at] = found["pvals_adj"][name]
    return result
