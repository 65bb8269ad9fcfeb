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


class CompoundSearch:
    """The signatures of a library by compound, ready to be compared with.

    Parameters
    ----------
    library
        With one signature at least.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        code, self.ids = pd.factorize(library.obs[keys.PERT_ID].astype(str))
        #: Rows of the library by compound, and where in that order each compound begins and ends.
        self._order = np.argsort(code, kind="stable")
        self._begins = np.searchsorted(code[self._order], np.arange(len(self.ids)))
        self._ends = np.append(self._begins[1:], len(self._order))
        self._vectors = np.ascontiguousarray(unit(library.vectors)[self._order].T)
        first = library.obs.iloc[self._order[self._begins]]
        same = first[keys.COMPOUND] if keys.COMPOUND in first else first[keys.PERT_ID]
        #: Of each id its compound, as a number: several ids may be one.
        self._compound, self._compounds = pd.factorize(same.astype(str))

    def nearest(
        self,
        names: Sequence[str] | np.ndarray,
        z: np.ndarray,
        *,
        top: int,
        own: np.ndarray | None = None,
    ) -> pd.DataFrame:
        """Return the compounds with the signature most like each query, by cosine.

        Parameters
        ----------
        names, z
            Of the queries, and how the model represents them.
        top
            Compounds for each.
        own
            Compound of each query, which is not to be named.

        Returns
        -------
        DataFrame
            query, rank, pert_id, pert_iname, class, similarity, percentile (of pairs of signatures
            of different training compounds, how many of 100 are less similar), and cell line, dose
            and time of that signature where they are known.
        """
        top = min(top, len(self.ids))
        known = None if own is None else self._compounds.get_indexer(own.astype(str))
        rows, values = [np.empty((0, top), int)], [np.empty((0, top), np.float32)]
        for start in range(0, len(z), _BLOCK):
            at = slice(start, start + _BLOCK)
            found = self._block(z[at], None if known is None else known[at], top)
            rows.append(found[0])
            values.append(found[1])
        shown, similarity = np.concatenate(rows).ravel(), np.concatenate(values).ravel()
        table = pd.DataFrame(
            {
                "query": np.repeat(np.asarray(names, dtype=object), top),
                "rank": np.tile(np.arange(1, top + 1), len(names)),
                **self._said_of(shown, similarity),
            }
        )
        return table if own is None else table[np.isfinite(similarity)].reset_index(drop=True)

    def _block(
        self, z: np.ndarray, own: np.ndarray | None, top: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return rows of the library and similarities, queries x top, the nearest first."""
        similarity = unit(z) @ self._vectors
        best = np.maximum.reduceat(similarity, self._begins, axis=1)
        if own is not None and (own >= 0).any():
            best[own[:, None] == self._compound] = -np.inf
        # The nearest few first, then in their order.
        few = np.argpartition(-best, top - 1, axis=1)[:, :top]
        mine = np.take_along_axis(best, few, 1)
        by = np.argsort(-mine, axis=1, kind="stable")
        few, mine = np.take_along_axis(few, by, 1), np.take_along_axis(mine, by, 1)
        rows = [
            [
                self._order[b + similarity[i, b:e].argmax()]
                for b, e in zip(self._begins[c], self._ends[c], strict=True)
            ]
            for i, c in enumerate(few)
        ]
        return np.asarray(rows, dtype=int).reshape(mine.shape), mine

    def _said_of(self, at: np.ndarray, similarity: np.ndarray) -> dict[str, np.ndarray]:
        """Return what is known of rows of the library, with their similarities, by column."""
        obs = self.library.obs.iloc[at]
        said = {keys.PERT_ID: obs[keys.PERT_ID].astype(str).to_numpy()}
        for column in _SHOWN:
            if column in obs:
                said[column] = obs[column].astype(object).to_numpy()
            elif column == keys.PERT_NAME:
                said[column] = said[keys.PERT_ID]
            if column == keys.CLASS:
                said["similarity"] = similarity
                said["percentile"] = self.library.percentile(similarity)
        return said
