"""Known targets of drugs among the genes whose knock-downs look like the drug."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.tl.evaluation.resampling import percentile_interval
from svqvae.tl.fdr import benjamini_hochberg
from svqvae.tl.genes.gene_ranks import gene_ranks


def known_targets(obs: pd.DataFrame) -> pd.Series:
    """Return the set of known targets of each drug that has any.

    Parameters
    ----------
    obs
        Signatures with target (joined with ``|``) and their perturbagen: compound, else pert_id.
    """
    unit = keys.COMPOUND if keys.COMPOUND in obs else keys.PERT_ID
    once = obs[[unit, keys.TARGET]].astype(object).dropna().drop_duplicates()
    parts = once[keys.TARGET].str.split(keys.SEPARATOR)
    return parts.explode().groupby(once[unit].astype(str)).agg(frozenset)


def rank_targets(
    similarities: Mapping[str, pd.DataFrame],
    targets: pd.Series,
    *,
    draws: int = 1000,
    seed: int = 0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rank the known targets of each drug among all genes, and ask whether that is chance.

    Parameters
    ----------
    similarities
        By space, drugs x genes: :func:`svqvae.tl.genes.gene_ranks.drug_similarities`.
    targets
        Sets of genes by drug: :func:`known_targets`.

    Returns
    -------
    ranks
        One row per space and drug with a target among its genes: space, pert_id, n_genes,
        n_targets (among them), best_target, best_rank (of the best-ranked known target, as
        published; 1 is the most similar gene), percentile (where that is among all genes, 0 best, 1
        worst), p_value: as good a best rank by as many genes drawn from the targets of the other
        drugs, which are not any genes, missing where these are fewer; q_value (Benjamini-Hochberg
        within the space).
    summary
        One row per space, and ``difference`` (the first minus the second): n_drugs, n_target_sets,
        median_best_rank, percentile, ci_low, ci_high, chance, p_value. Drugs of the same targets
        are one unit: percentiles are means over such sets, intervals a bootstrap over
        them, and chance the mean under permutation of the sets; of the difference
        p_value is that of its sign (a permutation of signs, two-sided).

    Raises
    ------
    SvqvaeError
        If no drug has a known target among the genes.
    """
    spaces = list(similarities)
    tables, units = [], []
    for space in spaces:
        ranks = gene_ranks(similarities[space])
        n_genes = ranks.notna().sum(axis=1)
        percentiles = (ranks - 0.5).div(n_genes.to_numpy(), axis=0)
        own = _with_targets(ranks, targets)
        rng = np.random.default_rng(seed)
        tables.append(_by_drug(ranks, percentiles, n_genes, own, rng, draws).assign(space=space))
        units.append(_by_target_set(percentiles, own))
    table = pd.concat(tables, ignore_index=True)
    table.insert(0, "space", table.pop("space"))
    return table, _summary(spaces, table, units, draws=draws, seed=seed)


def _with_targets(ranks: pd.DataFrame, targets: pd.Series) -> pd.Series:
    """Return, for each drug that has any, its targets among the genes it is compared with."""
    known = targets[targets.index.isin(ranks.index)]
    has = ranks.notna()
    own = pd.Series(
        {
            drug: frozenset(g for g in genes if g in has.columns and has.loc[drug, g])
            for drug, genes in known.items()
        },
        dtype=object,
    )
    own = own[[len(genes) > 0 for genes in own]]
    if own.empty:
        wanted = sorted(frozenset().union(*targets)) if len(targets) else []
        raise SvqvaeError(
            f"analysis.drug_targets: no drug of {len(ranks)} has a known target among "
            f"{ranks.shape[1]} knocked-down genes in its cell lines; targets are such as "
            f"{', '.join(wanted[:3]) or 'none'}, genes such as {', '.join(ranks.columns[:3])}"
        )
    return own


def _by_drug(
    ranks: pd.DataFrame,
    percentiles: pd.DataFrame,
    n_genes: pd.Series,
    own: pd.Series,
    rng: np.random.Generator,
    draws: int,
) -> pd.DataFrame:
    pool = np.array([g for genes in own for g in sorted(genes)])
    rows = []
    for drug, genes in own.items():
        mine = ranks.loc[drug, sorted(genes)]
        at = percentiles.loc[drug]
        best = at[mine.index].min()
        others = at[pool[~np.isin(pool, list(genes))]].dropna().to_numpy()
        p = np.nan
        if len(others) >= len(genes):
            # As many genes without replacement: the first of a random order.
            order = rng.random((draws, len(others))).argsort(axis=1)[:, : len(genes)]
            chance = others[order].min(axis=1)
            p = (1 + (chance <= best).sum()) / (1 + draws)
        rows.append((drug, n_genes[drug], len(genes), mine.idxmin(), mine.min(), best, p))
    columns = [keys.PERT_ID, "n_genes", "n_targets", "best_target", "best_rank", "percentile"]
    table = pd.DataFrame(rows, columns=[*columns, "p_value"])
    tested = table["p_value"].notna()
    table["q_value"] = np.nan
    if tested.any():
        q = benjamini_hochberg(table.loc[tested, "p_value"])
        table.loc[tested, "q_value"] = q
    return table.sort_values(["percentile", keys.PERT_ID], ignore_index=True)


def _by_target_set(percentiles: pd.DataFrame, own: pd.Series) -> np.ndarray:
    """Return, of the drugs of each target set, the mean best percentile by each set: square."""
    sets = sorted(set(own), key=sorted)
    best = np.array([percentiles.loc[own.index, sorted(s)].min(axis=1) for s in sets]).T
    group = np.array([sets.index(s) for s in own])
    return np.asarray(pd.DataFrame(best).groupby(group).mean().to_numpy())


def _summary(
    spaces: list[str], table: pd.DataFrame, units: list[np.ndarray], *, draws: int, seed: int
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = len(units[0])
    drawn = rng.integers(n, size=(draws, n))
    permuted = np.array([rng.permutation(n) for _ in range(draws)])
    rows = []
    for space, unit in zip(spaces, units, strict=True):
        of_space = table[table["space"] == space]
        own = np.diag(unit)
        chance = np.nanmean(unit[np.arange(n), permuted], axis=1)
        rows.append(
            {
                "space": space,
                "n_drugs": len(of_space),
                "n_target_sets": n,
                "median_best_rank": of_space["best_rank"].median(),
                "percentile": own.mean(),
                **_interval(own[drawn].mean(axis=1)),
                "chance": chance.mean(),
                "p_value": (1 + (chance <= own.mean()).sum()) / (1 + draws),
            }
        )
    if len(units) == 2:
        apart = np.diag(units[0]) - np.diag(units[1])
        # Were the spaces as good as each other, a difference might as well have the other sign.
        signs = rng.choice([-1, 1], size=(draws, n))
        as_far = np.abs((signs * apart).mean(axis=1)) >= np.abs(apart.mean()) - 1e-12
        row = {"space": "difference", "percentile": apart.mean()}
        row["p_value"] = (1 + as_far.sum()) / (1 + draws)
        rows.append(row | _interval(apart[drawn].mean(axis=1)))
    return pd.DataFrame(rows)


def _interval(drawn: np.ndarray) -> dict[str, float]:
    low, high = percentile_interval(drawn)
    return {"ci_low": low, "ci_high": high}
