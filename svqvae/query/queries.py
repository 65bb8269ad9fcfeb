"""Queries as models take them: a value for each gene of the model, NaN where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from svqvae.query.genes import GeneNames

#: Genes of lists, up and down, from which on those that are not listed are taken to hardly move; of
#: shorter ones they are better taken for not known (docs/query.md: bench_query.py).
_LONG_LISTS = 30


@dataclass(kw_only=True)
class Queries:
    """What is asked.

    Attributes
    ----------
    names
        One for each query.
    values
        Queries x genes of the model, float64, NaN where a query has no value.
    notes
        What is to be said of all of them: which column was read, which genes were left out.
    kind
        ``signatures`` like those of the training, a ``table`` of statistics, whose scale is its
        own, or ``lists``: signs.
    obs
        What is known of each signature; None of tables and lists.
    """

    names: list[str]
    values: np.ndarray
    notes: list[str] = field(default_factory=list)
    kind: str = "signatures"
    obs: pd.DataFrame | None = None

    @cached_property
    def genes_used(self) -> np.ndarray:
        """Number of the model's genes that each query has a value of."""
        return np.isfinite(self.values).sum(1)

    @property
    def unlisted_are_zero(self) -> np.ndarray:
        """Whether each query is of lists so long that a gene in neither hardly moves."""
        return (self.genes_used >= _LONG_LISTS) & (self.kind == "lists")


def placed(
    names: Sequence[object], values: np.ndarray, genes: GeneNames, where: str | Path
) -> tuple[np.ndarray, list[str]]:
    """Return values of named genes at the places of the model's genes, and what to say of it.

    Where several names are one gene, those that name it most directly count (a symbol before an
    alias); of equals, as of probes, the mean.

    Parameters
    ----------
    names
        Of the genes.
    values
        Queries x names; NaN is no value.

    Raises
    ------
    SvqvaeError
        If none of the names is a gene of the model.
    """
    found = genes.find(names)
    if not (found.at >= 0).any():
        genes.refuse(names, found.kind, where)
    place = found.at
    columns = np.flatnonzero(place >= 0)
    best = np.full(len(genes.genes), 9)
    np.minimum.at(best, place[columns], found.directness[columns])
    columns = columns[found.directness[columns] == best[place[columns]]]
    at, mine = place[columns], np.asarray(values, dtype=float)[:, columns]
    n_times = np.bincount(at, minlength=len(genes.genes))
    result = np.full((len(mine), len(genes.genes)), np.nan)
    alone = n_times[at] == 1
    result[:, at[alone]] = mine if alone.all() else mine[:, alone]
    result[~np.isfinite(result)] = np.nan
    for gene in np.flatnonzero(n_times > 1):
        same = mine[:, at == gene]
        has = np.isfinite(same)
        n = has.sum(1)
        result[n > 0, gene] = np.where(has, same, 0).sum(1)[n > 0] / n[n > 0]
    notes = []
    if repeated := int((n_times > 1).sum()):
        notes.append(f"{repeated} genes are there more than once: the mean of their values is used")
    return result, notes
