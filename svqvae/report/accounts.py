"""How the data came to be what it is: labels found and not found, compounds under several ids."""

from __future__ import annotations

import pandas as pd

from svqvae import keys
from svqvae.pp.labels import LABELLED, UNMATCHED

#: Unmatched perturbagens that are named.
_NAMED = 10


def labels_sentence(labels: pd.DataFrame) -> str:
    """Say how many perturbagens got a label, and name the first that the table lacks."""
    counts = labels[keys.STATUS].value_counts()
    rest = [f"{n:,} {status}" for status, n in counts.items() if status != LABELLED]
    text = f"{counts.get(LABELLED, 0):,} of {len(labels):,} perturbagens got a label"
    text += f" ({', '.join(rest)})." if rest else "."
    lost = labels[labels[keys.STATUS] == UNMATCHED].sort_values(
        keys.N_SIGNATURES, ascending=False, kind="stable"
    )
    if len(lost):
        shown = [c for c in (keys.PERT_NAME, keys.PERT_ID) if c in labels]
        names = lost[shown].bfill(axis=1).iloc[:_NAMED, 0] if shown else lost.index[:_NAMED]
        text += (
            f" Unmatched, most signatures first: {', '.join(map(str, names))}"
            f"{' ...' if len(lost) > _NAMED else '.'}"
        )
    return text


def duplicates_sentence(duplicates: pd.DataFrame) -> str | None:
    """Say how many pert_ids share a compound with another; None where there is none."""
    if not len(duplicates):
        return None
    by_compound = duplicates.groupby(keys.COMPOUND, sort=False)
    text = (
        f"{len(duplicates):,} pert_ids are {by_compound.ngroups:,} compounds under several ids "
        "(duplicates.tsv). Each counts as one perturbagen; folds by perturbagen hold it out as one."
    )
    disagree = int(by_compound[keys.CLASS].nunique().gt(1).sum())
    if disagree:
        text += f" {disagree:,} of these compounds have pert_ids of different classes."
    return text
