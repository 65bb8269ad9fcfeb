"""Columns that a table calls by names of its own: a configuration maps ours to theirs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from svqvae import keys
from svqvae.errors import did_you_mean
from svqvae.pp.vocabulary import ANY_CASE, canonical

#: Our names, of which others may be misspellings.
_CANONICAL = (
    *ANY_CASE,
    *(keys.SMILES, keys.GENE_TITLE, keys.IS_LANDMARK, keys.IS_BING, keys.IS_GOLD, keys.IS_EXEMPLAR),
    *(keys.DOSE_TEXT, keys.DOSE, keys.DOSE_UNIT, keys.TIME_TEXT, keys.TIME, keys.TIME_UNIT),
    *(keys.CC_Q75, keys.RANK_Q25, keys.N_SAMPLE, keys.DOSE_UM, keys.TIME_H),
)


def take_columns(table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return a table with some of its columns under our names as well.

    Parameters
    ----------
    table
        As it was read.
    columns
        Names of ``table`` by ours; it has ours afterwards whatever was called so before.
    """
    return table.assign(**{ours: table[theirs] for ours, theirs in columns.items()})


def missing_columns(
    names: Iterable[str], columns: Mapping[str, str], path: Path, *, key: str
) -> list[str]:
    """Return a sentence for each column that a table is said to have and has not.

    Parameters
    ----------
    names
        Of the columns of the table.
    columns
        As for :func:`take_columns`.
    path
        Of the table.
    key
        The configuration key that holds ``columns``.
    """
    known = set(names)
    return [
        f"{path}: no column '{theirs}', as {key} calls {ours}{did_you_mean(theirs, known)}"
        for ours, theirs in columns.items()
        if theirs not in known
    ]


def misspelt(name: str) -> str | None:
    """Return the name of a canonical column that ``name`` is nearly, None if it is one or none."""
    if name in _CANONICAL or canonical(name) in _CANONICAL:
        return None
    near = difflib.get_close_matches(name, _CANONICAL, n=1, cutoff=0.85)
    return near[0] if near else None
