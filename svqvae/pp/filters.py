"""Choose signatures by what they are: perturbagen, cell line, dose, time, size of class."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.pp.account import FilterLog
from svqvae.pp.vocabulary import find_column

log = logging.getLogger("svqvae")

#: Doses and times within 5 % of a listed one are that one: 3.33 is 3.333.
TOLERANCE = 0.05


def column_of(obs: pd.DataFrame, name: str, key: str) -> pd.Series:
    """Return the column that a configuration key names, in either dialect."""
    return obs[find_column(name, obs.columns, f"{key}: the signatures have")]


def keep_values(
    obs: pd.DataFrame, account: FilterLog, *, column: str, values: Sequence[str], key: str
) -> pd.DataFrame:
    """Keep signatures whose ``column`` is in ``values``, each of which must occur."""
    found = column_of(obs, column, key).astype(str)
    present = set(found.unique())
    lost = [v for v in values if v not in present]
    if lost:
        raise SvqvaeError(
            [f"{key}: no signature has {column} '{v}'{did_you_mean(v, present)}" for v in lost]
        )
    return account.keep(obs, found.isin(values), key)


def in_range(value: pd.Series, bounds: Mapping[str, float]) -> pd.Series:
    """Return whether values lie in [min, max]; missing ones do not."""
    return value.between(bounds.get("min", -np.inf), bounds.get("max", np.inf))


def keep_amounts(
    obs: pd.DataFrame,
    account: FilterLog,
    *,
    column: str,
    wanted: Sequence[float] | Mapping[str, float],
    key: str,
) -> pd.DataFrame:
    """Keep signatures of certain doses or times.

    Parameters
    ----------
    column
        ``pert_dose_um`` (micromolar) or ``pert_time_h`` (hours).
    wanted
        Values, matched within 5 % and each required to occur, or a range ``{min, max}``, both
        ends included. Signatures without a dose or time are dropped.

    Raises
    ------
    SvqvaeError
        If no dose or time is known, a value does not occur, or nothing is left.
    """
    if column not in obs:
        text, unit = (
            (keys.DOSE_TEXT, "micromolar") if column == keys.DOSE_UM else (keys.TIME_TEXT, "hours")
        )
        raise SvqvaeError(
            f"{key}: the signatures say nothing of {unit} ('{column}' is made of '{text}', or of a "
            f"number and a unit column); found {', '.join(map(str, obs.columns))}"
        )
    value = pd.to_numeric(obs[column], errors="coerce")
    if isinstance(wanted, Mapping):
        return account.keep(obs, in_range(value, wanted), key)
    present = np.sort(value.dropna().unique())
    targets = np.asarray(wanted, dtype=float)
    near = np.isclose(present[:, None], targets[None, :], rtol=TOLERANCE, atol=0)
    lost = [w for w, hit in zip(wanted, near.any(0), strict=True) if not hit]
    if lost:
        raise SvqvaeError(
            f"{key}: no signature has {column} {w:g} (within {TOLERANCE:.0%}); "
            + _around(present, w)
            for w in lost
        )
    return account.keep(obs, value.isin(present[near.any(1)]), key)


def _around(present: np.ndarray, wanted: float) -> str:
    if not len(present):
        return "none is known"
    nearest = present[np.argsort(np.abs(present - wanted), kind="stable")[:5]]
    return f"nearest: {', '.join(f'{v:g}' for v in nearest)}"


def exclude_perturbagens(
    obs: pd.DataFrame, account: FilterLog, names: Sequence[str], *, known: Collection[str] = ()
) -> pd.DataFrame:
    """Leave out perturbagens by id or by name.

    Parameters
    ----------
    known
        Ids and names of the file: one that an earlier step dropped is no mistake.
    """
    columns = [c for c in (keys.PERT_ID, keys.PERT_NAME) if c in obs]
    present = ids_and_names(obs)
    everything = present | set(known)
    lost = [n for n in names if n not in everything]
    if lost:
        raise SvqvaeError(
            f"filters.exclude_perturbagens: no perturbagen '{n}'{did_you_mean(n, everything)}"
            for n in lost
        )
    if gone := [n for n in names if n not in present]:
        log.info("filters.exclude_perturbagens: dropped before already: %s", ", ".join(gone))
    hit = np.zeros(len(obs), dtype=bool)
    for column in columns:
        hit |= obs[column].astype(object).isin(names).to_numpy()
    return account.keep(obs, ~hit, "filters.exclude_perturbagens")


def ids_and_names(obs: pd.DataFrame) -> set[str]:
    """Return every perturbagen's id and name."""
    columns = [c for c in (keys.PERT_ID, keys.PERT_NAME) if c in obs]
    return {str(v) for c in columns for v in obs[c].dropna().unique()}


def keep_measured_often(
    obs: pd.DataFrame, account: FilterLog, *, group: str, min_signatures: int
) -> pd.DataFrame:
    """Keep perturbagens (values of ``group``) of enough signatures, repeated ones counted once."""
    signatures = obs.groupby(group, observed=True)[keys.SIG_ID].transform("nunique")
    key = "filters.min_signatures_per_perturbagen"
    return account.keep(obs, signatures >= min_signatures, key)


def keep_large_classes(
    obs: pd.DataFrame,
    account: FilterLog,
    *,
    group: str,
    min_perturbagens: int,
    min_signatures: int,
) -> pd.DataFrame:
    """Keep classes with enough perturbagens (values of ``group``) and signatures."""
    by_class = obs.groupby(keys.CLASS, observed=True)[group]
    perturbagens, signatures = by_class.transform("nunique"), by_class.transform("size")
    obs = account.keep(obs, perturbagens >= min_perturbagens, "filters.min_perturbagens_per_class")
    signatures = signatures.loc[(perturbagens >= min_perturbagens).to_numpy()]
    return account.keep(obs, signatures >= min_signatures, "filters.min_signatures_per_class")
