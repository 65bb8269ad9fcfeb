"""Folds that hold out whole perturbagens, and who may see what."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean


def assign_folds(group: pd.Series, klass: pd.Series, *, folds: int, seed: int = 0) -> np.ndarray:
    """Deal the groups (perturbagens) of each class out to folds.

    All signatures of a group come to lie in one fold, and every class has groups in every
    fold; scikit-learn's StratifiedGroupKFold promises the first but not the second, and a
    class absent from a fold's training part could not be predicted there.

    Parameters
    ----------
    group, klass
        Of each signature. A group of several classes is dealt with its first.
    folds
        At least 2.
    seed
        Of the shuffle.

    Returns
    -------
    ndarray of int
        Fold of each signature, 0 to ``folds`` - 1.

    Raises
    ------
    SvqvaeError
        If a class has fewer groups than there are folds; all such classes are named.
    """
    pairs = pd.DataFrame({"group": group.to_numpy(), "class": klass.astype(str).to_numpy()})
    first = pairs.drop_duplicates("group").sort_values("group", kind="stable")
    counts = first["class"].value_counts().reindex(sorted(pairs["class"].unique()), fill_value=0)
    small = counts[counts < folds]
    if len(small):
        named = ", ".join(f"'{c}' ({n})" for c, n in small.items())
        raise SvqvaeError(
            f"split.folds is {folds}, but {len(small)} classes have fewer {group.name}: {named}; "
            f"set split.folds to {max(2, int(small.min()))} or less, or "
            f"filters.min_perturbagens_per_class to {folds} or more"
        )
    shuffled = first.sample(frac=1, random_state=np.random.RandomState(seed))
    # One running number over the classes in turn keeps the folds' sizes within one group.
    dealt = shuffled.sort_values("class", kind="stable")
    fold_of = pd.Series(np.arange(len(dealt)) % folds, index=dealt["group"])
    return fold_of.loc[pairs["group"]].to_numpy().astype(np.int32)


def predefined_folds(obs: pd.DataFrame, *, column: str, group: str) -> np.ndarray:
    """Return :data:`keys.TEST` for rows whose ``column`` says test, else ALWAYS_TRAIN.

    Raises
    ------
    SvqvaeError
        If the column is missing or says anything but train and test, or if a group or class
        makes the test set worthless: groups on both sides, classes never trained on.
    """
    if column not in obs:
        raise SvqvaeError(
            f"split.column: the signatures have no column '{column}'"
            f"{did_you_mean(column, obs.columns)}"
        )
    side = obs[column].astype(str)
    odd = sorted(set(side) - {"train", "test"})
    if odd or side.nunique() < 2:
        raise SvqvaeError(
            f"split.column: '{column}' must say train and test; found {sorted(set(side))[:5]}"
        )
    test = (side == "test").to_numpy()
    problems = []
    both = sorted(set(obs.loc[test, group]) & set(obs.loc[~test, group]))
    if both:
        problems.append(f"split.column: {len(both)} {group} in train and test, first '{both[0]}'")
    new = sorted(set(obs.loc[test, keys.CLASS]) - set(obs.loc[~test, keys.CLASS]))
    if new:
        problems.append(f"split.column: classes only in test: {', '.join(map(str, new[:5]))}")
    if problems:
        raise SvqvaeError(problems)
    return np.where(test, keys.TEST, keys.ALWAYS_TRAIN).astype(np.int32)


def training_rows(obs: pd.DataFrame, fold: int | str) -> np.ndarray:
    """Return the mask of what a model of ``fold`` may see.

    ``fold`` is a fold number, or ``"test"`` or ``"all"`` for everything but a predefined test
    set, which no model ever sees.
    """
    known = (obs[keys.FOLD] != keys.TEST).to_numpy()
    if fold in ("all", keys.TEST_FOLD):
        return known
    return known & (obs[keys.FOLD] != int(fold)).to_numpy()


def held_out_rows(obs: pd.DataFrame, fold: int | str) -> np.ndarray:
    """Return the mask of what a model of ``fold`` is scored on."""
    wanted = keys.TEST if fold == keys.TEST_FOLD else int(fold)
    return (obs[keys.FOLD] == wanted).to_numpy()
