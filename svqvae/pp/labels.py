"""Give signatures their class: from a column of their own or from a table of perturbagens."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pandas as pd

from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.tables import read_table, require_columns

Policy = Literal["first", "drop", "duplicate"]


def label_signatures(
    obs: pd.DataFrame,
    *,
    key: str,
    table: str | Path | None = None,
    on: str = "pert_id",
    separator: str = "|",
    policy: Policy = "first",
) -> pd.Series:
    """Return the class of each signature, missing where there is none.

    Parameters
    ----------
    obs
        Signature table.
    key
        Column that holds the label, in ``table`` if given, else in ``obs``.
    table
        Tab-separated table with one row per value of ``on``.
    on
        Column that joins ``table`` to ``obs``.
    separator
        Between several labels of one perturbagen.
    policy
        What to do with several labels: take the ``first`` listed, ``drop`` the perturbagen,
        or ``duplicate`` the signature, once for each (its index value is then repeated).

    Raises
    ------
    SvqvaeError
        If a column is missing, nothing joins, or one id has two different labels.
    """
    if table is None:
        if key not in obs:
            raise SvqvaeError(
                f"labels.key: the signatures have no column '{key}'{did_you_mean(key, obs.columns)}"
            )
        label = obs[key].astype(object)
    else:
        label = _from_table(obs, key, Path(table), on)
    parts = label.map(lambda value: _split(value, separator))
    if policy == "drop":
        parts = parts.map(lambda p: p if len(p) == 1 else [])
    if policy == "duplicate":
        return parts.explode().rename(key)
    return parts.str[0].rename(key)


def _split(value: object, separator: str) -> list[str]:
    """Return the labels in one value, each once; a whole number is "9", never "9.0"."""
    if pd.isna(value):  # type: ignore[call-overload]
        return []
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return list(dict.fromkeys(s for part in str(value).split(separator) if (s := part.strip())))


def _from_table(obs: pd.DataFrame, key: str, path: Path, on: str) -> pd.Series:
    rows = read_table(path)
    require_columns(rows, [on, key], path)
    if on not in obs:
        raise SvqvaeError(
            f"labels.on: the signatures have no column '{on}'{did_you_mean(on, obs.columns)}"
        )
    pairs = rows[[on, key]].dropna(subset=[on]).drop_duplicates()
    clash = pairs[pairs[on].duplicated(keep=False)]
    if len(clash):
        first = clash[on].iloc[0]
        values = clash.loc[clash[on] == first, key].fillna("(none)").tolist()
        raise SvqvaeError(
            f"{path}: {clash[on].nunique()} values of {on} have more than one {key}, first "
            f"'{first}': {values}; keep one row each"
        )
    label = obs[on].map(pairs.set_index(on)[key])
    if not obs[on].isin(pairs[on]).any():
        raise SvqvaeError(
            f"{path}: no {on} of the signatures occurs in it; first of the signatures "
            f"'{obs[on].iloc[0]}', first of the table '{pairs[on].iloc[0]}'"
        )
    return label
