"""Which of many predictions are sure enough to be believed, as held-out ones were right."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.io.tables import read_result
from svqvae.query.belief import HeldOut, held_out_beside
from svqvae.results import FILES

#: Share of held-out ones this sure that was right, from which a prediction is believed: it is
#: then more often right than wrong.
ENOUGH = 0.5
#: AUROC from which novelty is worth looking at.
USEFUL = 0.7
#: Columns whose values are compounds, as the run held them out.
_COMPOUNDS = (keys.PERT_ID, keys.COMPOUND)


def believed(table: pd.DataFrame, held_out: HeldOut, *, by: str) -> pd.DataFrame:
    """Return predictions with what held-out ones as sure were worth.

    Parameters
    ----------
    table
        Ranked classes, the first of each first, with ``probability``.
    by
        Column that names what was predicted.

    Returns
    -------
    DataFrame
        With held_out_accuracy (share of the held-out predictions of the most similar first
        probability that was right) and believed: yes where it is half or more.
    """
    first = table.drop_duplicates(by).set_index(by)["probability"]
    distinct = {p: held_out.accuracy(p) for p in first.unique()}
    accuracy = table[by].map(first.map(distinct))
    return table.assign(
        held_out_accuracy=accuracy, believed=np.where(accuracy >= ENOUGH, "yes", "no")
    )


def told_of(table: pd.DataFrame, *, by: str, what: str) -> str:
    """Return how many predictions are sure enough, as a sentence."""
    first = table.drop_duplicates(by)
    n = int((first["believed"] == "yes").sum())
    return (
        f"{n} of {len(first)} {what} are sure enough to be believed: of held-out ones that sure at "
        f"least {ENOUGH:.0%} were right (columns held_out_accuracy, believed)"
    )


def novelty_advice(auroc: float, *, low: float) -> str:
    """Say whether novelty is to be used on a data set.

    Parameters
    ----------
    auroc, low
        How well it told classes left out of training from known ones, and the lower end of its
        interval.
    """
    if low <= 0.5:
        return "On this data set it is no better than chance: do not use it."
    if auroc < USEFUL:
        return (
            "On this data set it hardly helps: do not decide by it whether a class is unknown, and "
            "look at the probability instead."
        )
    return "A value near 1 is a reason to doubt that the class is among those known."


def novelty_beside(folder: str | Path) -> str:
    """Return what is to be known of novelty by a model's run, where it is of little use."""
    path = _of_run(folder, "novelty")
    if path is None:
        return ""
    table = read_result(path)
    if not len(table) or table["auroc"].iloc[0] >= USEFUL:
        return ""
    row = table.iloc[0]
    return (
        f"novelty told classes left out of training from known ones with an AUROC of "
        f"{row['auroc']:.2f} (0.5 is chance). {novelty_advice(row['auroc'], low=row['ci_low'])}"
    )


def _of_run(folder: str | Path, name: str) -> Path | None:
    """Return the path of a table of the run that a model lies in, if it is there."""
    folder = Path(folder).absolute()
    if len(folder.parents) < 3:
        return None
    names = {"dataset": folder.parents[1].name, "model": folder.parent.name}
    path = FILES[name].path(folder.parents[2], **names)
    return path if path.is_file() else None


def held_out_of(folder: str | Path, classes: Iterable[str], *, by: str | None) -> HeldOut | None:
    """Return the held-out predictions of the run that a model lies in, of what is predicted.

    Parameters
    ----------
    by
        None for signatures. Of other columns than those of compounds nothing was held out.

    Returns
    -------
    HeldOut or None
        None where no run lies beside the model, or its compounds have one signature each.
    """
    if by is None:
        return held_out_beside(folder, classes)
    return held_out_compounds_beside(folder, classes) if by in _COMPOUNDS else None


def held_out_compounds_beside(folder: str | Path, classes: Iterable[str]) -> HeldOut | None:
    """Return how sure the run was of held-out compounds, and whether it was right."""
    path = _of_run(folder, "compound_predictions")
    if path is None:
        return None
    table = read_result(path)
    if not len(table) or not set(table["true_class"]) <= set(classes):
        return None
    first = table[(table["rank"] == 1) & (table["seed"] == table["seed"].min())]
    first = first.sort_values("probability", kind="stable")
    return HeldOut(
        probability=first["probability"].to_numpy(float),
        right=(first["predicted_class"] == first["true_class"]).to_numpy(),
    )
