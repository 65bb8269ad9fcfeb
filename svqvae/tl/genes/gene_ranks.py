"""How like a drug each gene's knock-down is, in the same cell lines or over all of them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from svqvae import keys
from svqvae.data.matrix import group_sums
from svqvae.data.split import are_held_out_whole, held_out_rows, perturbagens
from svqvae.errors import SvqvaeError
from svqvae.models.base import ClassModel

if TYPE_CHECKING:
    from anndata import AnnData

log = logging.getLogger("svqvae")

#: The spaces that are compared: the model's latents, and the signatures themselves.
SPACES = ("latent", "raw")


def drug_similarities(
    models: Iterable[tuple[int | str, ClassModel]], drugs: AnnData, knockdowns: AnnData
) -> dict[str, pd.DataFrame]:
    """Return the mean similarity of each drug to each gene's knock-downs, in matched cell lines.

    Parameters
    ----------
    models
        Pairs of a fold and a model of ``drugs`` that was trained without it; one for each seed.
        Each drug is seen by models that never saw it, and no model saw any knock-down.
    drugs
        Signatures with perturbagen, cell line and fold.
    knockdowns
        Signatures whose class is the gene, with cell line and all of the models' genes. Two sets
        of consensus signatures, one per pert_id, need no cell lines: all are compared.

    Returns
    -------
    dict of DataFrame
        By space (:data:`SPACES`): drugs x genes, the mean Pearson correlation over pairs of
        signatures within a cell line, over the cell lines that both were measured in, and over
        seeds; missing where they share none.

    Raises
    ------
    SvqvaeError
        If a set has no cell lines and is no consensus, they have none in common, or a drug lies in
        several folds.
    """
    _require_cells(drugs, knockdowns)
    if not are_held_out_whole(drugs.obs, perturbagens(drugs)):
        raise SvqvaeError(
            "analysis.drug_targets: some compounds lie in several folds, so that every model saw "
            "them; set split.group to pert_id"
        )
    sums: dict[str, list[pd.DataFrame]] = {space: [] for space in SPACES}
    for fold, model in models:
        part = drugs[held_out_rows(drugs.obs, fold)]
        unit = pd.Series(perturbagens(part))
        gene = knockdowns.obs[keys.CLASS].astype(str)
        for space in SPACES:
            one = _cell_means(model, part, unit, space)
            other = _cell_means(model, knockdowns, gene, space)
            sums[space].append(_matched(one, other))
    # A drug lies in one fold: what comes several times are seeds.
    return {space: pd.concat(parts).groupby(level=0).mean() for space, parts in sums.items()}


def _require_cells(drugs: AnnData, knockdowns: AnnData) -> None:
    """Raise an error where cell lines cannot be matched."""
    sets = {"compounds": drugs, "knock-downs": knockdowns}
    lacking = [name for name, adata in sets.items() if keys.CELL_ID not in adata.obs]
    if len(lacking) == 2 and all(map(_is_consensus, sets.values())):
        log.info("analysis.drug_targets: consensus signatures, compared whatever the cell line")
        return
    if lacking:
        raise SvqvaeError(
            f"analysis.drug_targets: the {name} have no column '{keys.CELL_ID}'; only two sets of "
            "one signature per perturbagen (a consensus over cell lines) need none"
            for name in lacking
        )
    cells = {name: set(_cells(adata)) for name, adata in sets.items()}
    if not set.intersection(*cells.values()):
        found = ", ".join(f"{name}: {'; '.join(sorted(c)[:8])}" for name, c in cells.items())
        raise SvqvaeError(f"analysis.drug_targets: no cell line in common; {found}")


def _is_consensus(adata: AnnData) -> bool:
    """Return whether each perturbagen has one signature."""
    return keys.PERT_ID in adata.obs and adata.obs[keys.PERT_ID].is_unique


def _cells(adata: AnnData) -> np.ndarray:
    """Return the cell line of each signature; of consensus signatures all are of one."""
    if keys.CELL_ID not in adata.obs:
        return np.full(adata.n_obs, "", dtype=object)
    return np.asarray(adata.obs[keys.CELL_ID].astype(str))


def _cell_means(
    model: ClassModel, adata: AnnData, unit: pd.Series, space: str
) -> dict[str, tuple[pd.Index, np.ndarray]]:
    """Return, by cell line, the units measured there and the means of their standardised rows.

    The product of two such means is the mean correlation over all pairs of signatures.
    """
    cell = _cells(adata)
    at, pairs = pd.factorize(pd.MultiIndex.from_arrays([unit.to_numpy(), cell]))
    blocks = model.signatures(adata).blocks()
    rows = (model.latent(x) for x in blocks) if space == "latent" else blocks
    means = group_sums(_standardised(rows), at, len(pairs)) / np.bincount(at)[:, None]
    units, cells = pairs.get_level_values(0), pairs.get_level_values(1)
    return {c: (units[cells == c], means[cells == c]) for c in cells.unique()}


def _standardised(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield rows of mean 0 and length 1."""
    for block in blocks:
        centred = block - block.mean(1, keepdims=True, dtype=float)
        yield centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)


def _matched(
    drugs: dict[str, tuple[pd.Index, np.ndarray]], genes: dict[str, tuple[pd.Index, np.ndarray]]
) -> pd.DataFrame:
    """Return the mean over the cell lines that a drug and a gene share."""
    rows = pd.Index(np.unique(np.concatenate([names for names, _ in drugs.values()])))
    columns = pd.Index(np.unique(np.concatenate([names for names, _ in genes.values()])))
    total, n = np.zeros((len(rows), len(columns))), np.zeros((len(rows), len(columns)))
    for cell in sorted(drugs.keys() & genes.keys()):
        (one, x), (other, y) = drugs[cell], genes[cell]
        at = np.ix_(rows.get_indexer(one), columns.get_indexer(other))
        total[at] += x @ y.T
        n[at] += 1
    with np.errstate(invalid="ignore"):
        return pd.DataFrame(total / n, index=rows, columns=columns)


def gene_ranks(similarity: pd.DataFrame) -> pd.DataFrame:
    """Return the rank of each gene for each drug, 1 the most similar; missing as it was."""
    ranks = rankdata(-similarity.to_numpy(), axis=1, nan_policy="omit")
    return pd.DataFrame(ranks, index=similarity.index, columns=similarity.columns)
