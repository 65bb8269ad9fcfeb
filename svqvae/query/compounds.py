"""Compounds of the training data whose signatures are most like a query's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.query.library import Library, unit

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Queries compared at a time.
_BLOCK = 512
#: Columns of the library that are shown, where there are any.
_SHOWN = [keys.PERT_NAME, keys.CLASS, keys.CELL_ID, keys.DOSE_TEXT, keys.TIME_TEXT]


def nearest_compounds(
    names: Sequence[str], z: np.ndarray, library: Library, *, top: int
) -> pd.DataFrame:
    """Return the compounds with the signature most like each query, by cosine.

    Parameters
    ----------
    names, z
        Of the queries, and how the model represents them.
    top
        Compounds for each.

    Returns
    -------
    DataFrame
        query, rank, pert_id, pert_iname, class, similarity, percentile (of pairs of signatures of
        different training compounds, how many of 100 are less similar), and cell line, dose and
        time of that signature where they are known.
    """
    code, ids = pd.factorize(library.obs[keys.PERT_ID].astype(str))
    order = np.argsort(code, kind="stable")
    begins = np.searchsorted(code[order], np.arange(len(ids)))
    vectors = np.ascontiguousarray(unit(library.vectors)[order].T)
    top = min(top, len(ids))
    rows, values = [], []
    for start in range(0, len(z), _BLOCK):
        similarity = unit(z[start : start + _BLOCK]) @ vectors
        best = np.maximum.reduceat(similarity, begins, axis=1)
        # The nearest few first, then in their order.
        few = np.argpartition(-best, top - 1, axis=1)[:, :top]
        mine = np.take_along_axis(best, few, 1)
        by = np.argsort(-mine, axis=1, kind="stable")
        few, mine = np.take_along_axis(few, by, 1), np.take_along_axis(mine, by, 1)
        ends = np.append(begins[1:], len(order))
        rows.append(
            [
                [
                    order[b + similarity[i, b:e].argmax()]
                    for b, e in zip(begins[c], ends[c], strict=True)
                ]
                for i, c in enumerate(few)
            ]
        )
        values.append(mine)
    at, found = np.concatenate(rows).astype(int).ravel(), np.concatenate(values).ravel()
    obs = library.obs.iloc[at]
    table = {
        "query": np.repeat(np.asarray(names, dtype=object), top),
        "rank": np.tile(np.arange(1, top + 1), len(names)),
        keys.PERT_ID: obs[keys.PERT_ID].astype(str).to_numpy(),
    }
    for column in _SHOWN:
        if column in obs:
            table[column] = obs[column].astype(object).to_numpy()
        elif column == keys.PERT_NAME:
            table[column] = table[keys.PERT_ID]
        if column == keys.CLASS:
            table |= {"similarity": found, "percentile": library.percentile(found)}
    return pd.DataFrame(table)
