"""Folds that hold out whole perturbagens, and who may see what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean

if TYPE_CHECKING:
    from anndata import AnnData


def perturbagens(adata: AnnData) -> np.ndarray:
    """Return each signature's perturbagen: what counts as one in statistics.

    That is its compound, where several pert_ids were found to be one, else what
    :func:`perturbagen_ids` says.
    """
    group = adata.uns.get(keys.UNS, {}).get(keys.GROUPED_BY)
    found = perturbagen_ids(adata.obs, group=group)
    if keys.COMPOUND in adata.obs:
        found = _text(adata.obs[keys.COMPOUND]).fillna(found)
    return np.asarray(found.to_numpy())


def perturbagen_ids(obs: pd.DataFrame, *, group: str | None = None) -> pd.Series:
    """Return each signature's perturbagen before pert_ids are joined to compounds, as text.

    Each of these where the one before is missing:

    1. ``pert_id``, which is of one perturbagen. In a table without that column the ``group``
       that is held out as a whole: only its values are unseen by the models of a fold.
    2. ``pert_iname``: signatures without a pert_id have no more in common than their names say.
       The group would say less: of cell lines, it would make one perturbagen of many.
    3. The signature's own id: nothing says that it is of the same perturbagen as another.
    """
    found = pd.Series(np.nan, index=obs.index, dtype=object)
    for column in (keys.PERT_ID if keys.PERT_ID in obs else group, keys.PERT_NAME):
        if column in obs:
            found = found.fillna(_text(obs[column]))
    return found.fillna(_text(obs.index.to_series()))


def _text(column: pd.Series) -> pd.Series:
    """Return values as text, missing ones as they are."""
    values = column.astype(object)
    return values.where(values.isna(), values.astype(str))


def assign_folds(group: pd.Series, klass: pd.Series, *, folds: int, seed: int = 0) -> np.ndarray:
    """Assign the groups (perturbagens) of each class to folds.

    All signatures of a group come to lie in one fold, and every class has groups in every
    fold; scikit-learn's StratifiedGroupKFold promises the first but not the second, and a
    class absent from a fold's training part could not be predicted there.

    Parameters
    ----------
    group, klass
        Of each signature. A group may have several classes.
    folds
        At least 2; with 1 nothing is held out.
    seed
        Of the shuffle.

    Returns
    -------
    ndarray of int
        Fold of each signature, 0 to ``folds`` - 1; :data:`keys.ALWAYS_TRAIN` with one fold.

    Raises
    ------
    SvqvaeError
        If a class has fewer groups than there are folds, or groups of several classes leave a
        class in a single fold; all such classes are named.
    """
    if folds == 1:
        return np.full(len(group), keys.ALWAYS_TRAIN, dtype=np.int32)
    pairs = pd.DataFrame({"group": group.astype(str), "class": klass.astype(str)})
    pairs = pairs.reset_index(drop=True)
    distinct = pairs.drop_duplicates().sort_values(["group", "class"], kind="stable")
    counts = distinct["class"].value_counts().sort_index()
    small = counts[counts < folds]
    if len(small):
        raise SvqvaeError(_too_few(small, folds, str(group.name)))
    fold_of = _assign(distinct, counts, folds=folds, seed=seed)
    spread = distinct["group"].map(fold_of).groupby(distinct["class"]).nunique()
    single = spread[spread < 2]
    if len(single):
        raise SvqvaeError(
            f"split: all {group.name} of {len(single)} classes fell in one fold, first "
            f"'{single.index[0]}': its {group.name} have other classes too; leave the class out "
            "or set labels.policy to first"
        )
    return np.asarray(pairs["group"].map(fold_of).to_numpy().astype(np.int32))


def _too_few(small: pd.Series, folds: int, group: str) -> str:
    named = ", ".join(f"'{c}' ({n})" for c, n in small.items())
    fewer = f"set split.folds to {small.min()} or less, or " if small.min() >= 2 else ""
    return (
        f"split.folds is {folds}, but {len(small)} classes have fewer {group}: {named}; {fewer}"
        f"leave these classes out (filters.min_perturbagens_per_class: {folds})"
    )


def _assign(distinct: pd.DataFrame, counts: pd.Series, *, folds: int, seed: int) -> dict[str, int]:
    """Give each group, small classes first, to the fold that has least of its classes."""
    shuffled = distinct.sample(frac=1, random_state=np.random.RandomState(seed))
    size_of = shuffled["class"].map(counts)
    order = shuffled.assign(n=size_of).sort_values(["n", "class"], kind="stable")
    # Sorted by group, so that the classes of a group are one run of rows.
    at = counts.index.get_indexer(distinct["class"])
    names, starts = np.unique(distinct["group"].to_numpy(), return_index=True)
    classes_of = dict(zip(names, np.split(at, starts[1:]), strict=True))
    filled, size = np.zeros((len(counts), folds), dtype=int), np.zeros(folds, dtype=int)
    fold_of: dict[str, int] = {}
    for name in dict.fromkeys(order["group"]):
        classes = classes_of[name]
        load = filled[classes].sum(0)
        fold = int(np.lexsort((np.arange(folds), size, load))[0])
        filled[classes, fold] += 1
        size[fold] += 1
        fold_of[name] = fold
    return fold_of


def assign_parts(group: np.ndarray, klass: np.ndarray, *, parts: int, seed: int) -> np.ndarray:
    """Assign the groups of a training set to parts, each class to as many as it can fill.

    Parameters
    ----------
    group, klass
        Of each signature, as codes from 0. A group may have several classes.

    Returns
    -------
    ndarray of int
        Part of each signature, 0 to ``parts`` - 1; :data:`keys.ALWAYS_TRAIN` for the groups of a
        class that would otherwise be missing when a part is left out, such as those with one
        group.
    """
    pairs = pd.DataFrame({"group": group, "class": klass})
    first = pairs.drop_duplicates("group").sample(frac=1, random_state=np.random.RandomState(seed))
    # Where a class begins is drawn too: small classes would all fill the first parts.
    begins = np.random.RandomState(seed).randint(parts, size=int(klass.max()) + 1)
    at = first.groupby("class").cumcount() + begins[first["class"]]
    part = pairs["group"].map(dict(zip(first["group"], at % parts, strict=True))).to_numpy()
    alone = pd.Series(part).groupby(klass).transform("nunique").to_numpy() < 2
    kept = np.isin(group, np.unique(group[alone]))
    return np.where(kept, keys.ALWAYS_TRAIN, part)


def predefined_folds(obs: pd.DataFrame, *, column: str, group: pd.Series | str) -> np.ndarray:
    """Return :data:`keys.TEST` for rows whose ``column`` says test, else ALWAYS_TRAIN.

    Parameters
    ----------
    group
        What must not lie on both sides, of each row or as the name of a column.

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
    groups = obs[group] if isinstance(group, str) else group
    both = sorted(set(groups[test].astype(str)) & set(groups[~test].astype(str)))
    if both:
        problems.append(
            f"split.column: {len(both)} {groups.name} in train and test, first '{both[0]}'"
            + _members(obs, groups, both[0])
        )
    new = sorted(set(obs.loc[test, keys.CLASS]) - set(obs.loc[~test, keys.CLASS]))
    if new:
        problems.append(f"split.column: classes only in test: {', '.join(map(str, new[:5]))}")
    if problems:
        raise SvqvaeError(problems)
    return np.where(test, keys.TEST, keys.ALWAYS_TRAIN).astype(np.int32)


def _members(obs: pd.DataFrame, groups: pd.Series, name: str) -> str:
    """Say which pert_ids a compound is made of."""
    if groups.name != keys.COMPOUND or keys.PERT_ID not in obs:
        return ""
    ids = obs.loc[(groups == name).to_numpy(), keys.PERT_ID].unique()
    return f" ({', '.join(map(str, ids[:5]))} are one compound)"


def training_rows(obs: pd.DataFrame, fold: int | str) -> np.ndarray:
    """Return the mask of what a model of ``fold`` may see.

    ``fold`` is a fold number, or ``"test"`` or ``"all"`` for everything but a predefined test
    set, which no model ever sees.
    """
    known = (obs[keys.FOLD] != keys.TEST).to_numpy()
    if fold in ("all", keys.TEST_FOLD):
        return np.asarray(known)
    return np.asarray(known & (obs[keys.FOLD] != int(fold)).to_numpy())


def held_out_rows(obs: pd.DataFrame, fold: int | str) -> np.ndarray:
    """Return the mask of what a model of ``fold`` is scored on."""
    wanted = keys.TEST if fold == keys.TEST_FOLD else int(fold)
    return np.asarray((obs[keys.FOLD] == wanted).to_numpy())


def are_held_out_whole(obs: pd.DataFrame, compound: np.ndarray) -> bool:
    """Return whether each compound lies in one fold, so that some models never saw it.

    It does not where folds hold out something else, such as cell lines.
    """
    first = obs[keys.FOLD].groupby(compound).transform("first")
    return bool((obs[keys.FOLD] == first).all())


def evenly(label: np.ndarray, most: int) -> np.ndarray:
    """Return positions of at most ``most`` rows of each class, evenly spaced in their order."""
    order = np.argsort(label, kind="stable")
    counts = np.bincount(label)
    rank = np.arange(len(label)) - np.repeat(np.cumsum(counts) - counts, counts)
    size = np.repeat(counts, counts)
    # A row is kept where the running share of `most` steps to its next whole number.
    kept = np.minimum(most, size)
    chosen = (rank + 1) * kept // size > rank * kept // size
    return np.sort(order[chosen])
