"""Give signatures their class, and account for every perturbagen that got none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.pp.label_table import Labels, LabelTable, Match, split_labels
from svqvae.pp.vocabulary import find_column

Policy = Literal["first", "drop", "duplicate"]
Conflicts = Literal["error", "first", "drop"]

#: What became of a perturbagen, in labels.tsv.
LABELLED, UNMATCHED, NO_LABEL = "labelled", "unmatched", "no label"
CONFLICT, SEVERAL = "conflict", "several, dropped"
#: ``joined_by`` of labels that are a column of the signatures.
OWN = "signatures"

#: Columns that name a perturbagen, whatever the signature.
_IDENTITY = (keys.PERT_ID, keys.PERT_NAME, keys.INCHI_KEY)
_SHOWN = 5


class LabelledSignatures(NamedTuple):
    """Classes of signatures, and how they came about."""

    #: Class of each signature, missing where there is none; repeated index for ``duplicate``.
    classes: pd.Series
    #: One row per perturbagen: see :func:`label_signatures`.
    report: pd.DataFrame


def label_signatures(
    obs: pd.DataFrame,
    *,
    key: str,
    table: str | Path | None = None,
    on: str | Sequence[str] | Mapping[str, str] = keys.PERT_ID,
    separator: str = keys.SEPARATOR,
    policy: Policy = "first",
    conflicts: Conflicts = "error",
) -> LabelledSignatures:
    """Return the class of each signature and a report on each perturbagen.

    Parameters
    ----------
    obs
        Signature table in the GEO vocabulary.
    key
        Column that holds the label, in ``table`` if given, else in ``obs``.
    table
        Tab-separated table of perturbagens, several rows each allowed.
    on
        Columns that join ``table`` to ``obs``, tried in this order per perturbagen; a mapping of
        our names to the table's where they differ. Values are compared exactly; ``pert_id``
        without salt and batch; ``inchi_key`` whole, and where that is not found by its first
        block, if all rows of the block say the same; ``pert_iname`` likewise as it is written,
        then in any case.
    separator
        Between several labels of one perturbagen.
    policy
        What to do with several labels: take the ``first`` listed, ``drop`` the perturbagen,
        or ``duplicate`` the signature, once for each (its index value is then repeated).
    conflicts
        What to do where rows, or keys, give one perturbagen different sets of labels (a row
        without a label does not count): ``error``, the ``first`` by key, then by row, or
        ``drop`` it.

    Returns
    -------
    LabelledSignatures
        ``classes``, and ``report`` with pert_id, pert_iname, inchi_key (as far as known),
        n_signatures, status (labelled, unmatched, no label, conflict, "several, dropped"),
        joined_by (the key that matched; inchi_key14 for its first block, "pert_iname (any case)"
        for a name written otherwise), class (joined
        with ``|``) and candidates (what was found where it was more than one).

    Raises
    ------
    SvqvaeError
        If a column is missing, nothing joins, or perturbagens have conflicting labels.
    """
    if table is None:
        column = find_column(key, obs.columns, "labels.key: the signatures have")
        return _from_column(obs, column, separator, policy)
    keyed = LabelTable(
        Path(table),
        key=key,
        on=[on] if isinstance(on, str) else on,
        columns=obs.columns,
        separator=separator,
    )
    code, perturbagens = _perturbagens(obs, keyed.on)
    matches = keyed.match(perturbagens)
    if conflicts == "error":
        _refuse_conflicts(perturbagens, matches, keyed.path, key)
    given, status = zip(
        *(_decide(m, policy, drop_conflicts=conflicts == "drop") for m in matches), strict=True
    )
    report = perturbagens[[c for c in perturbagens if c in (*_IDENTITY, *keyed.on)]].copy()
    report[keys.N_SIGNATURES] = np.bincount(code, minlength=len(report))
    report[keys.STATUS] = status
    report[keys.JOINED_BY] = [m.joined_by for m in matches]
    report[keys.CLASS] = [keys.SEPARATOR.join(labels) or None for labels in given]
    report[keys.CANDIDATES] = [
        _candidates(m) if m.conflict or s == SEVERAL else None
        for m, s in zip(matches, status, strict=True)
    ]
    parts = pd.Series(_objects(given)[code], index=obs.index, name=key)
    return LabelledSignatures(_spread(parts, policy), report)


def join_listed(obs: pd.DataFrame, *, key: str, **options: Any) -> pd.Series:
    """Return all that is listed of each signature's perturbagen, joined with ``|``.

    Missing where nothing is known. So are known targets taken, and labels of which the first
    alone is the class.

    Parameters
    ----------
    key
        Column that holds it.
    options
        ``table``, ``on`` and ``separator``, as for :func:`label_signatures`. Of rows that
        differ the first by key, then by row, is taken.
    """
    found = label_signatures(obs, key=key, **options, policy="duplicate", conflicts="first")
    known = found.classes.dropna()
    return known.groupby(level=0, sort=False).agg(keys.SEPARATOR.join).reindex(obs.index)


def _objects(values: Sequence[Labels]) -> np.ndarray:
    """Return an array of tuples, which NumPy would otherwise take for a second axis."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _spread(parts: pd.Series, policy: Policy) -> pd.Series:
    """Return one class a signature, or a row for each of them."""
    return parts.explode() if policy == "duplicate" else parts.str[0]


def _decide(match: Match, policy: Policy, *, drop_conflicts: bool) -> tuple[Labels, str]:
    """Return the labels that a perturbagen keeps, and what became of it."""
    if match.joined_by is None:
        return (), UNMATCHED
    if not match.statements:
        return (), NO_LABEL
    if match.conflict and drop_conflicts:
        return (), CONFLICT
    return _choose(match.statements[0][1], policy)


def _choose(labels: Labels, policy: Policy) -> tuple[Labels, str]:
    if policy == "drop" and len(labels) > 1:
        return (), SEVERAL
    return (labels[:1] if policy == "first" else labels), LABELLED if labels else NO_LABEL


def _candidates(match: Match) -> str:
    return "; ".join(f"{key}: {keys.SEPARATOR.join(labels)}" for key, labels in match.statements)


def _perturbagens(obs: pd.DataFrame, on: Sequence[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Return each signature's perturbagen as a number, and the table of perturbagens.

    A perturbagen is a pert_id with its first known name and key; where labels are joined by
    anything else (a cell line, say), each combination of those values counts as one.
    """
    by_id = keys.PERT_ID in obs and set(on) <= set(_IDENTITY) and obs[keys.PERT_ID].notna().all()
    if by_id and keys.PERT_ID not in on:
        # Ids that go by several names (or one id for all) say nothing of those joined by name.
        values = obs[[keys.PERT_ID, *on]].drop_duplicates().groupby(keys.PERT_ID, observed=True)
        by_id = bool((values[list(on)].nunique() <= 1).all(axis=None))  # noqa: PD101
    unit = [keys.PERT_ID] if by_id else list(dict.fromkeys([*on, *({keys.PERT_ID} & set(obs))]))
    code = obs.groupby(unit, observed=True, dropna=False, sort=False).ngroup().to_numpy()
    columns = list(dict.fromkeys([*(c for c in _IDENTITY if c in obs), *on]))
    table = obs[columns].astype(object)
    first = table.groupby(code, sort=True).first()  # the first that is not missing
    return code, first.reset_index(drop=True)


def _refuse_conflicts(
    perturbagens: pd.DataFrame, matches: list[Match], path: Path, key: str
) -> None:
    clash = [(i, m) for i, m in enumerate(matches) if m.conflict]
    if not clash:
        return
    shown = "; ".join(
        f"'{' / '.join(perturbagens.iloc[i].dropna().astype(str))}' ({_candidates(m)})"
        for i, m in clash[:_SHOWN]
    )
    raise SvqvaeError(
        f"{path}: {len(clash)} perturbagens have more than one {key}: {shown}"
        f"{' ...' if len(clash) > _SHOWN else ''}; keep one row each, or set labels.conflicts to "
        "first or drop"
    )


def _from_column(
    obs: pd.DataFrame, column: str, separator: str, policy: Policy
) -> LabelledSignatures:
    """Take labels from the signatures themselves; a perturbagen may then have several."""
    code, distinct = pd.factorize(obs[column].astype(object), use_na_sentinel=True)
    found = [split_labels(value, separator) for value in distinct]
    chosen = [_choose(labels, policy) for labels in found] + [((), NO_LABEL)]
    parts = pd.Series(_objects([c for c, _ in chosen])[code], index=obs.index, name=column)
    unit = [keys.PERT_ID] if keys.PERT_ID in obs else [column]
    at, report = _perturbagens(obs, unit)
    report = report[[c for c in report if c in _IDENTITY]]
    report[keys.N_SIGNATURES] = np.bincount(at, minlength=len(report))
    # Of each perturbagen, what its signatures say: distinct pairs only.
    pairs = pd.DataFrame({"at": at, "code": code}).drop_duplicates()
    pairs["text"] = [keys.SEPARATOR.join(chosen[c][0]) for c in pairs["code"]]
    pairs["several"] = [chosen[c][1] == SEVERAL for c in pairs["code"]]
    known = pairs[pairs["text"] != ""].groupby("at")["text"]
    classes = known.agg(lambda t: keys.SEPARATOR.join(dict.fromkeys(t))).reindex(report.index)
    several = pairs.groupby("at")["several"].any().reindex(report.index)
    report[keys.STATUS] = np.where(classes.notna(), LABELLED, np.where(several, SEVERAL, NO_LABEL))
    report[keys.JOINED_BY] = classes.where(classes.isna(), OWN)
    report[keys.CLASS] = classes
    report[keys.CANDIDATES] = None
    return LabelledSignatures(_spread(parts, policy), report)
