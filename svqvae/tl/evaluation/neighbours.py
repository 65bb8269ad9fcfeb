"""The nearest training compounds of held-out signatures: what a query of each would have named."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.described import described
from svqvae.data.split import held_out_rows, perturbagens, training_rows
from svqvae.query.compounds import CompoundSearch
from svqvae.query.library import library_of

if TYPE_CHECKING:
    from anndata import AnnData

    from svqvae.models.base import ClassModel
    from svqvae.tl.evaluation.fold_models import FoldModel

#: Compounds named for each signature.
TOP = 5
#: What the columns of a neighbour are called, beside those of the signature itself.
NEAREST = "nearest_{}".format
#: Whether the neighbour is of the signature's own class.
SAME = "same_class"
_OWN = ("query", "rank", "similarity", "percentile")


def nearest_of_folds(
    models: Iterable[FoldModel], adata: AnnData, *, top: int = TOP
) -> pd.DataFrame:
    """Return the nearest compounds of the held-out signatures of all folds, of the first seed.

    See :func:`nearest_held_out`; models of further seeds say nearly the same.
    """
    parts, first = [], None
    for one in models:
        first = one.seed if first is None else first
        if one.seed == first:
            parts.append(nearest_held_out(one.model, adata, fold=one.fold, seed=first))
    return pd.concat(parts, ignore_index=True)


def nearest_held_out(
    model: ClassModel, adata: AnnData, *, fold: int | str, seed: int, top: int = TOP
) -> pd.DataFrame:
    """Compare the held-out signatures of one fold with those that its model was trained on.

    As ``svqvae query`` does: cosine of what the model makes of both, of each compound its most
    similar signature, among at most as many signatures as a library holds. Memory does not grow
    with the number of signatures squared.

    Returns
    -------
    DataFrame
        sig_id, pert_id and pert_iname where it is known (signatures.h5ad has the rest),
        true_class, fold, seed, rank; nearest_pert_id, nearest_pert_iname, nearest_class and
        cell_id, pert_idose and pert_itime of the neighbour's signature where they are known;
        similarity, percentile (of 100 pairs of
        signatures of different training compounds, so many are less similar), same_class.
        Never the signature's own compound: not even where folds hold out something else. No rows
        where signatures name no compound.

    Examples
    --------
    >>> from svqvae.data.split import training_rows
    >>> train = adata[training_rows(adata.obs, 0)]
    >>> model = svqvae.make_model(train, preset="class_mean_cosine").train()
    >>> near = nearest_held_out(model, adata, fold=0, seed=0, top=3)
    >>> bool((near["pert_id"] != near["nearest_pert_id"]).all())
    True
    """
    part = adata[held_out_rows(adata.obs, fold)]
    library = library_of(model, adata[training_rows(adata.obs, fold)])
    signatures = described(part, known=(keys.PERT_NAME,)).assign(
        **{keys.FOLD: str(fold), keys.SEED: seed}
    )
    if not len(library.obs):
        names = ["rank", *map(NEAREST, (keys.PERT_ID, keys.PERT_NAME, keys.CLASS)), *_OWN[2:], SAME]
        return pd.DataFrame(columns=[*signatures.columns, *names])
    search, own = CompoundSearch(library), perturbagens(part)
    found, begin = [], 0
    for x in model.signatures(part).blocks():
        at = np.arange(begin, begin := begin + len(x))
        found.append(search.nearest(at, model.latent(x), top=top, own=own[at]))
    near = pd.concat(found, ignore_index=True)
    rows = signatures.loc[near.pop("query").astype(int)].reset_index(drop=True)
    near = near.rename(columns={c: NEAREST(c) for c in near if c not in _OWN})
    last = {name: near.pop(name) for name in ("similarity", "percentile")}
    same = near[NEAREST(keys.CLASS)].astype(str) == rows["true_class"]
    return pd.concat([rows, near], axis=1).assign(**last, **{SAME: same})
