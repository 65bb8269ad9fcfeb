"""Compounds beside each other: of like mean signatures, and as models of folds have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys

if TYPE_CHECKING:
    from anndata import AnnData

#: Neighbours named, of very many compounds so that the page does not grow too heavy, and the most
#: values (signatures x genes) and compounds among which they are sought by mean signature.
N_NEAREST, OF_MANY = 10, 3
MAX_VALUES, MAX_COMPOUNDS = 30_000_000, 8_000


def nearest(adata: AnnData) -> pd.DataFrame | None:
    """Return the compounds whose mean signatures have the highest cosine, ten for each.

    Returns
    -------
    DataFrame or None
        pert_id, rank, other, similarity. None where there are too many to do it in passing, or
        fewer than two, or signatures name none.
    """
    if keys.PERT_ID not in adata.obs:
        return None
    code, names = pd.factorize(adata.obs[keys.PERT_ID].astype(str), sort=True)
    if adata.n_obs * adata.n_vars > MAX_VALUES or not 2 <= len(names) <= MAX_COMPOUNDS:
        return None
    x = np.asarray(adata.X[:], dtype=np.float64)
    means = np.zeros((len(names), x.shape[1]))
    np.add.at(means, code, x)
    length = np.linalg.norm(means, axis=1, keepdims=True)
    means /= np.where(length > 0, length, 1)
    similarity = np.round(means @ means.T, 6)
    np.fill_diagonal(similarity, -np.inf)
    best = np.argsort(-similarity, axis=1, kind="stable")[:, : min(N_NEAREST, len(names) - 1)]
    n = best.shape[1]
    return pd.DataFrame(
        {
            keys.PERT_ID: np.repeat(names, n),
            "rank": np.tile(np.arange(1, n + 1), len(names)),
            "other": names[best.ravel()],
            "similarity": np.take_along_axis(similarity, best, axis=1).ravel(),
        }
    )


def by_compound(nearest: pd.DataFrame) -> pd.DataFrame:
    """Return the neighbours of each held-out compound over all its signatures.

    Parameters
    ----------
    nearest
        A row for each signature and neighbour, as nearest_compounds.tsv has it.

    Returns
    -------
    DataFrame
        pert_id, rank, nearest_pert_id, named_by (signatures that have the neighbour among their
        first five), similarity and percentile of the most similar one. First those that most
        signatures name: ten at most, of more than 8,000 compounds three. Names and classes stand
        beside the signatures.
    """
    pair = [keys.PERT_ID, "nearest_pert_id"]
    best = nearest.sort_values("similarity", ascending=False, kind="stable")
    found = best.drop_duplicates(pair)[[*pair, "similarity", "percentile"]]
    times = nearest.groupby(pair, sort=False)[keys.SIG_ID].nunique().rename("named_by")
    found = found.join(times, on=pair).sort_values(
        [keys.PERT_ID, "named_by", "similarity"], ascending=[True, False, False], kind="stable"
    )
    most = N_NEAREST if found[keys.PERT_ID].nunique() <= MAX_COMPOUNDS else OF_MANY
    found = found.groupby(keys.PERT_ID, sort=False).head(most)
    rank = found.groupby(keys.PERT_ID, sort=False).cumcount() + 1
    found.insert(1, "rank", rank)
    return found.reset_index(drop=True)
