"""Figures of some classes alone: which they are, and the parts of tables that are about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean


def known_of(names: Collection[str], classes: Collection[str], *, others: bool) -> list[str]:
    """Return which of the names are classes, in the order of the classes.

    Parameters
    ----------
    names
        As configured.
    classes
        Of a data set.
    others
        Whether a name may be that of a class of another data set.

    Raises
    ------
    SvqvaeError
        If a name is no class; among several data sets, if fewer than two are.
    """
    known = [name for name in classes if name in names]
    unknown = [name for name in names if name not in set(classes)]
    if unknown and (not others or len(known) < 2):
        raise SvqvaeError(
            f"analysis.figures.classes: no class is called '{name}'{did_you_mean(name, classes)}"
            for name in unknown
        )
    return known


def parts(things: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return what is opened, with the tables of classes cut to some: those with a row for each.

    Pairs stay whole: which class is nearest to one that is drawn does not depend on what else is.
    """
    cut = {}
    for key, thing in things.items():
        if key == "classes":
            cut[key] = thing[[name in names for name in thing.obs_names]]
        elif isinstance(thing, pd.DataFrame) and keys.CLASS in thing:
            cut[key] = thing[thing[keys.CLASS].isin(names)].reset_index(drop=True)
    return {**things, **cut}


def part(table: pd.DataFrame, names: Collection[str]) -> pd.DataFrame:
    """Return the rows of a table that is drawn that are about some classes, pairs of them too."""
    if "class_a" in table:
        both = table["class_a"].isin(names) & table["class_b"].isin(names)
        return table[both].reset_index(drop=True)
    rows = table.loc[[name in names for name in table.index]]
    # True classes by predicted ones.
    return rows[list(rows.index)] if set(rows.index) <= set(table.columns) else rows
