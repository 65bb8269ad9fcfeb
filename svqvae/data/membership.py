"""Which classes each training signature counts for: its own, and others that it is listed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from scipy import sparse

from svqvae import keys


@dataclass(frozen=True)
class Membership:
    """Pairs of a signature and a class that it counts for, by signature and then by class.

    Attributes
    ----------
    row, of_class
        Position of the signature and index of the class of each pair.
    shape
        Signatures and classes.
    """

    row: np.ndarray
    of_class: np.ndarray
    shape: tuple[int, int]

    @classmethod
    def single(cls, label: np.ndarray, n_classes: int) -> Self:
        """Return that of signatures of one class each."""
        return cls(np.arange(len(label)), label, (len(label), n_classes))

    @classmethod
    def of(cls, obs: pd.DataFrame, label: np.ndarray, class_names: list[str]) -> Self:
        """Return that of signatures whose classes may be listed in ``obs["listed_classes"]``.

        Parameters
        ----------
        label
            Index of the class that each signature is scored by. It is on the signature's list:
            where it is not (labels that were permuted, say), the list is of something else, and the
            signature counts for this class alone.

        Examples
        --------
        >>> obs = pd.DataFrame({"listed_classes": ["a|b", "b", "c|a"]})
        >>> found = Membership.of(obs, np.array([0, 1, 1]), ["a", "b"])
        >>> found.row.tolist(), found.of_class.tolist()
        ([0, 0, 1, 2], [0, 1, 1, 1])
        """
        single = cls.single(label, len(class_names))
        if keys.LISTED not in obs:
            return single
        # Each text is taken apart once; missing ones are the last, which is an empty list.
        code, texts = pd.factorize(obs[keys.LISTED].astype(object))
        known = pd.Index(class_names)
        lists = [known.get_indexer(pd.Index(text.split(keys.SEPARATOR))) for text in texts]
        length = np.array([*map(len, lists), 0])[code]
        row = np.repeat(single.row, length)
        listed = np.concatenate([single.row[:0], *(lists[one] for one in code if one >= 0)])
        trusted = np.zeros(len(label), dtype=bool)
        trusted[row[listed == label[row]]] = True
        kept = trusted[row] & (listed >= 0)
        pairs = np.r_[_as_number(single), row[kept] * len(class_names) + listed[kept]]
        return cls(*np.divmod(np.unique(pairs), len(class_names)), single.shape)

    def of_rows(self, known: np.ndarray) -> Membership:
        """Return that of the signatures of a mask."""
        kept = known[self.row]
        row = (np.cumsum(known) - 1)[self.row[kept]]
        return Membership(row, self.of_class[kept], (int(known.sum()), self.shape[1]))

    def sums(self, rows: np.ndarray, *, start: int) -> np.ndarray:
        """Return the sums, float64 classes x columns, of a block of rows over their classes.

        Parameters
        ----------
        start
            Position of the first of them.
        """
        begins, ends = np.searchsorted(self.row, (start, start + len(rows)))
        at, of_class = self.row[begins:ends] - start, self.of_class[begins:ends]
        shape = self.shape[1], len(rows)
        member = sparse.csr_array((np.ones(len(at)), (of_class, at)), shape=shape)
        return np.asarray(member @ rows.astype(np.float64))


def _as_number(pairs: Membership) -> np.ndarray:
    return np.asarray(pairs.row * pairs.shape[1] + pairs.of_class)
