"""From the signature table alone: which signatures are used, of which class, in which fold."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.split import assign_folds, perturbagen_ids, predefined_folds
from svqvae.errors import SvqvaeError
from svqvae.pp import filters as flt
from svqvae.pp.account import FilterLog, check_expected, differences
from svqvae.pp.duplicates import (
    COLUMNS,
    CRITERIA,
    criteria,
    find_compounds,
    join_groups,
    list_duplicates,
)
from svqvae.pp.labels import join_listed, label_signatures
from svqvae.pp.quality import keep_quality
from svqvae.pp.vocabulary import find_column

log = logging.getLogger("svqvae")


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What was chosen, and the accounts of how.

    ``fold`` is aligned to ``obs``; ``group`` the column that is held out as a whole, as
    configured; ``account`` is filters.tsv, ``labels`` labels.tsv, ``duplicates``
    duplicates.tsv.
    """

    obs: pd.DataFrame
    fold: np.ndarray
    group: str
    account: pd.DataFrame
    labels: pd.DataFrame
    duplicates: pd.DataFrame


def choose_signatures(
    everything: pd.DataFrame,
    *,
    labels: Mapping[str, Any],
    filters: Mapping[str, Any],
    split: Mapping[str, Any],
    in_matrix: int | None = None,
) -> Chosen:
    """Filter, label and split the signatures of a table.

    The order is that of the papers: perturbagen type, cell line, dose, time and quality; then
    labels; then single perturbagens are excluded, and those with few signatures and small classes
    left out.

    Parameters
    ----------
    everything
        All signatures of the source, indexed by sig_id, in the GEO vocabulary.
    labels, filters, split
        As for :func:`svqvae.pp.preprocess.preprocess`.
    in_matrix
        See :class:`svqvae.pp.account.FilterLog`.

    Raises
    ------
    SvqvaeError
        If a column or value does not exist, a step leaves nothing, counts are not those
        expected, or the split cannot be made.
    """
    group = find_column(
        split.get("group", keys.PERT_ID), everything.columns, "split.group: the signatures have"
    )
    unit = keys.PERT_ID if keys.PERT_ID in everything else group
    account = FilterLog(everything, group=unit, in_matrix=in_matrix)
    obs, candidates = _before_labels(everything, account, filters)
    _require_group(obs, group)
    given = {k: v for k, v in labels.items() if k != "targets"}
    labelled = label_signatures(obs, **given)
    shared = {k: given[k] for k in ("table", "on", "separator") if k in given}
    if "targets" in labels:
        obs = obs.assign(**{keys.TARGET: join_listed(obs, key=labels["targets"], **shared)})
    if given.get("policy", "first") == "first":
        listed = join_listed(obs, key=labels["key"], **shared)
        if listed.str.contains(keys.SEPARATOR, regex=False, na=False).any():
            obs = obs.assign(**{keys.LISTED: listed})
    obs = _labelled(obs, labelled.classes, account, labels["key"])
    compounds = _compounds(obs, candidates, split)
    if compounds is not None:
        ids = perturbagen_ids(obs)
        obs[keys.COMPOUND] = ids.map(compounds[keys.COMPOUND]).fillna(ids)
        account.count_by(keys.COMPOUND, obs)
    expected = filters.get("expected", {})
    try:
        if filters.get("exclude_perturbagens"):
            obs = flt.exclude_perturbagens(
                obs,
                account,
                filters["exclude_perturbagens"],
                known=flt.ids_and_names(everything),
            )
        counted = keys.COMPOUND if keys.COMPOUND in obs else unit
        if (least := filters.get("min_signatures_per_perturbagen", 1)) > 1:
            obs = flt.keep_measured_often(obs, account, group=counted, min_signatures=least)
        obs = flt.keep_large_classes(
            obs,
            account,
            group=counted,
            min_perturbagens=filters.get("min_perturbagens_per_class", 3),
            min_signatures=filters.get("min_signatures_per_class", 1),
        ).copy()
    except SvqvaeError as error:
        # Counts that were off before say more of the cause than where it came to a head.
        off = differences(account.table(), expected)
        raise SvqvaeError([*off, *error.problems]) from error
    check_expected(account.table(), expected)
    if obs[keys.CLASS].nunique() < 2:
        raise SvqvaeError(
            f"only one class is left, '{obs[keys.CLASS].iloc[0]}'; at least two are needed: check "
            f"labels.key ('{labels['key']}') and filters.min_perturbagens_per_class"
        )
    found = pd.DataFrame(columns=COLUMNS)
    if compounds is not None:
        found = list_duplicates(obs, compounds)
    if len(found):
        log.info(
            "%d pert_id are %d compounds; each counts as one perturbagen",
            len(found),
            found[keys.COMPOUND].nunique(),
        )
    return Chosen(
        obs=obs,
        fold=_folds(obs, split, group),
        group=group,
        account=account.table(),
        labels=labelled.report,
        duplicates=found,
    )


def _before_labels(
    obs: pd.DataFrame, account: FilterLog, filters: Mapping[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what the filters on signatures leave, and what the first, on pert_type, left."""
    everything = candidates = obs
    for column in (keys.PERT_TYPE, keys.CELL_ID):
        if filters.get(column):
            obs = flt.keep_values(
                obs, account, column=column, values=filters[column], key=f"filters.{column}"
            )
        if column == keys.PERT_TYPE:
            candidates = obs
    for key, column in (("dose_um", keys.DOSE_UM), ("time_h", keys.TIME_H)):
        if filters.get(key):
            obs = flt.keep_amounts(
                obs, account, column=column, wanted=filters[key], key=f"filters.{key}"
            )
    return keep_quality(obs, account, filters.get("quality", {}), everything=everything), candidates


def _require_group(obs: pd.DataFrame, group: str) -> None:
    missing = obs[group].isna()
    if missing.any():
        raise SvqvaeError(
            f"split.group: {int(missing.sum())} signatures have no {group}, first "
            f"'{obs.index[missing][0]}'; without it folds would leak"
        )


def _labelled(obs: pd.DataFrame, classes: pd.Series, account: FilterLog, key: str) -> pd.DataFrame:
    """Return the signatures that have a class, once for each."""
    known = classes.dropna()
    if known.empty:
        raise SvqvaeError(f"labels: no signature of {len(obs)} has a value of '{key}'")
    before = len(obs)
    obs = obs.loc[known.index].copy()
    obs[keys.CLASS] = known.to_numpy()
    obs[keys.SIG_ID] = obs.index
    if obs.index.has_duplicates:  # policy: duplicate
        obs.index = obs.index.astype(str) + "|" + obs[keys.CLASS]
    account.note_labels(obs, before)
    return obs


def _compounds(
    obs: pd.DataFrame, candidates: pd.DataFrame, split: Mapping[str, Any]
) -> pd.DataFrame | None:
    """Return the compound of each pert_id; None where there is nothing to tell it by.

    ``candidates`` are signatures before labels and most filters: a pert_id without a label
    may link two that have one.
    """
    if keys.PERT_ID not in obs:
        return None
    asked = split.get("duplicates", CRITERIA)
    by = criteria(asked, obs, explicit="duplicates" in split)
    # Without names and keys, batches of one Broad id are still one compound.
    return find_compounds(candidates, by)


def _folds(obs: pd.DataFrame, split: Mapping[str, Any], group: str) -> np.ndarray:
    held_out = obs[group]
    if group == keys.PERT_ID and keys.COMPOUND in obs:
        apart = (obs[keys.COMPOUND] != perturbagen_ids(obs)).any()
        # Messages speak of compounds only where that is not the same.
        held_out = obs[keys.COMPOUND].rename(keys.COMPOUND if apart else keys.PERT_ID)
    elif group in (keys.PERT_NAME, keys.INCHI_KEY) and keys.COMPOUND in obs:
        held_out = join_groups(held_out, obs[keys.COMPOUND])
    if split.get("column"):
        column = find_column(split["column"], obs.columns, "split.column: the signatures have")
        return predefined_folds(obs, column=column, group=held_out)
    return assign_folds(
        held_out, obs[keys.CLASS], folds=split.get("folds", 5), seed=split.get("seed", 0)
    )
