"""Similarity of held-out compounds to the classes, by models trained without them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.matrix import group_sums
from svqvae.data.split import held_out_rows, perturbagens
from svqvae.models.base import ClassModel

if TYPE_CHECKING:
    from anndata import AnnData


@dataclass(frozen=True)
class HeldOutSimilarity:
    """Similarity of each held-out compound to each class.

    Attributes
    ----------
    value
        Compounds x classes: Pearson correlation of the compound's latent with the class's code,
        mean over its signatures and over seeds. The model was trained without the compound, so
        that neither encoder nor code depends on its label.
    member
        Compounds x classes: which classes the compound belongs to; none if the models lack its
        class.
    fold
        Fold of each compound, as a number from 0: similarities compare within one, where the models
        are the same.
    by_seed
        Seeds x compounds x classes: ``value`` of each seed of training, where there are several.
    """

    value: np.ndarray
    member: np.ndarray
    fold: np.ndarray
    by_seed: np.ndarray | None = None

    def of_classes(self, chosen: np.ndarray) -> HeldOutSimilarity:
        """Return the similarity of and to some classes (a mask) alone."""
        rows = self.member[:, chosen].any(1)
        return HeldOutSimilarity(
            self.value[rows][:, chosen], self.member[rows][:, chosen], self.fold[rows]
        )


def held_out_similarity(
    models: Iterable[tuple[int | str, ClassModel]], adata: AnnData
) -> HeldOutSimilarity:
    """Score every held-out compound by the models of its fold.

    Parameters
    ----------
    models
        Pairs of a fold and a model trained without it, of each fold one for each seed, in the
        same order. All have the same classes.
    adata
        Signatures with class and fold.

    Raises
    ------
    ValueError
        If folds have different numbers of models, or models different classes.
    """
    values: list[list[pd.DataFrame]] = []
    seeds: Counter[int | str] = Counter()
    fold_of: dict[str, int | str] = {}
    class_names: list[str] = []
    for fold, model in models:
        class_names = class_names or model.class_names
        if model.class_names != class_names:
            raise ValueError(f"the model of fold {fold} has other classes than the first")
        part = adata[held_out_rows(adata.obs, fold)]
        compound, names = pd.factorize(perturbagens(part))
        codes = _standardised(model.codes)
        blocks = (_standardised(model.latent(x)) @ codes.T for x in model.signatures(part).blocks())
        sums = group_sums(blocks, compound, len(names))
        mean = sums / np.bincount(compound)[:, None]
        if seeds[fold] == len(values):
            values.append([])
        values[seeds[fold]].append(pd.DataFrame(mean, index=names, columns=model.class_names))
        seeds[fold] += 1
        fold_of |= dict.fromkeys(names, fold)
    if len(set(seeds.values())) > 1:
        raise ValueError(f"folds have different numbers of models: {dict(seeds)}")
    # A compound lies in one fold, so that the folds of a seed hold each compound once.
    of_seeds = [pd.concat(folds).sort_index() for folds in values]
    by_seed = np.stack([of_seed.to_numpy() for of_seed in of_seeds])
    value = of_seeds[0]
    pairs = pd.DataFrame(
        {"compound": perturbagens(adata), "class": adata.obs[keys.CLASS].astype(str)}
    )
    known = pairs["compound"].isin(value.index) & pairs["class"].isin(value.columns)
    pairs = pairs[known].drop_duplicates()
    member = np.zeros(value.shape, dtype=bool)
    member[
        value.index.get_indexer(pairs["compound"]), value.columns.get_indexer(pairs["class"])
    ] = True
    fold_at, _ = pd.factorize(value.index.map(fold_of))
    return HeldOutSimilarity(
        by_seed.mean(0), member, fold_at, by_seed if len(by_seed) > 1 else None
    )


def _standardised(z: np.ndarray) -> np.ndarray:
    """Return rows of mean 0 and length 1, whose products are correlations; constant ones are 0."""
    centred = z - z.mean(1, keepdims=True, dtype=float)
    return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12))
