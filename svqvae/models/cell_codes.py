"""Codes that know the cell line: one for a class in a cell line, and members of it that count more.

For a signature of cell line l, equations 2 and 3 of the preset svqvae are (z centred)::

  e_cl = u((sum of z over the signatures of c in l  +  TAU mean of z in c) / (n_cl + TAU))
  g_c  = z . e_cl / t + log weighted mean over members m of c of exp(z . m / b),
         weights 1 + OWN where m is of l, else 1

The class's own code e_c stays its global representation; it takes the place of e_cl where the cell
line is not known, or hardly measured with the class. Whether cell lines count is decided by
training compounds that are left out (:func:`are_better`). docs/evidence.md has what it is worth.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd

from svqvae.data.cells import UNKNOWN
from svqvae.data.membership import Membership
from svqvae.models.names import as_bytes, as_text
from svqvae.models.whitening import unit_rows

#: Signatures of the class that its code counts for beside those of one cell line.
TAU = 100.0
#: How much more a member counts for a signature of its own cell line.
OWN = 3.0
#: Signatures of a class in a cell line from which it has a code there: fewer hardly move it.
_FEWEST = 10
#: Signatures of a training set from which left-out ones can tell whether cell lines help.
_SMALL = 1000
#: Begins the names of the arrays in a saved model.
_PREFIX = "cells."


def can_help(cell: np.ndarray | None) -> bool:
    """Return whether a training set is large enough, and of several cell lines.

    Parameters
    ----------
    cell
        Cell line of each signature; None where none is known.
    """
    return cell is not None and len(cell) >= _SMALL and len({*cell} - {UNKNOWN}) > 1


@dataclass(frozen=True, kw_only=True)
class CellCodes:
    """What is solved for cell lines.

    Attributes
    ----------
    codes
        Pairs x genes in half precision, unit rows: e_cl of the pairs that have one.
    of_class, of_cell
        Class and cell line of each pair.
    member_cell
        Cell line of each member of the model; -1 where it is not known.
    cell
        Names of the cell lines as bytes, a row each.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.
    """

    codes: np.ndarray
    of_class: np.ndarray
    of_cell: np.ndarray
    member_cell: np.ndarray
    cell: np.ndarray

    def __post_init__(self) -> None:
        n, n_cells = len(self.codes), len(self.cell)
        known = np.r_[self.of_cell, self.member_cell[self.member_cell >= 0]]
        fits = (
            self.codes.ndim == self.cell.ndim == 2
            and self.of_class.shape == self.of_cell.shape == (n,)
            and (len(known) == 0 or 0 <= known.min() <= known.max() < n_cells)
        )
        if not fits:
            raise ValueError("the codes of cell lines are not of one model")

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays by name, to be saved with a model."""
        return {_PREFIX + one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def take(cls, state: dict[str, Any]) -> Self | None:
        """Take them out of the arrays of a saved model, if it has any."""
        found = {name: state.pop(name) for name in list(state) if name.startswith(_PREFIX)}
        if not found:
            return None
        return cls(**{name.removeprefix(_PREFIX): array for name, array in found.items()})

    @cached_property
    def _names(self) -> pd.Index:
        return pd.Index(as_text(self.cell))

    def index(self, cell: np.ndarray) -> np.ndarray:
        """Return the number of each cell line by its name; -1 of others."""
        return np.asarray(self._names.get_indexer(pd.Index(cell)))

    def codebook(self, of_classes: np.ndarray, cell: int) -> np.ndarray:
        """Return the codes in a cell line, classes x genes, given those of the classes."""
        found, here = of_classes.copy(), self.of_cell == cell
        found[self.of_class[here]] = self.codes[here]
        return found

    def weights(self, member: np.ndarray, cell: int) -> np.ndarray:
        """Return what members count for in a cell line, given 1 for their class, else 0."""
        return np.asarray(member * np.where(self.member_cell == cell, 1 + OWN, 1)[:, None])


class CellSums:
    """Sums of directions over classes in cell lines, to be added up block by block.

    Parameters
    ----------
    classes
        That each signature counts for.
    cell
        Cell line of each signature.
    """

    def __init__(self, classes: Membership, cell: np.ndarray, n_genes: int) -> None:
        known = pd.Series(cell, dtype=object).mask(cell == UNKNOWN)
        self.code, self.names = pd.factorize(known, sort=True)
        mine = self.code[classes.row]
        pair = np.where(mine >= 0, classes.of_class * len(self.names) + mine, -1)
        found, at, counts = np.unique(pair, return_inverse=True, return_counts=True)
        has = (found >= 0) & (counts >= _FEWEST)
        new = np.where(has, np.cumsum(has) - 1, -1)[at]
        self.of_class, self.of_cell = np.divmod(found[has], max(len(self.names), 1))
        self.counts = counts[has]
        shape = classes.shape[0], int(has.sum())
        self._pairs = Membership(classes.row[new >= 0], new[new >= 0], shape)
        self._sums = np.zeros((len(self.counts), n_genes))

    def add(self, z: np.ndarray, *, start: int) -> None:
        """Add the directions of a block of signatures."""
        self._sums += self._pairs.sums(z, start=start)

    def codes(self, mean: np.ndarray, members: np.ndarray) -> CellCodes:
        """Return the codes of what was added.

        Parameters
        ----------
        mean
            Of the directions of each class.
        members
            Positions of the signatures that are members.
        """
        shrunk = (self._sums + TAU * mean[self.of_class]) / (self.counts + TAU)[:, None]
        return CellCodes(
            codes=unit_rows(shrunk).astype(np.float16),
            of_class=self.of_class,
            of_cell=self.of_cell,
            member_cell=self.code[members],
            cell=as_bytes(self.names),
        )


def are_better(with_cells: np.ndarray, without: np.ndarray, compound: np.ndarray) -> bool:
    """Return whether cell lines make left-out training compounds likelier, beyond chance.

    Parameters
    ----------
    with_cells, without
        Log of the probability of the true class of each signature.
    compound
        Of each signature: their means have to be ahead by more than a standard error.
    """
    _, at = np.unique(compound, return_inverse=True)
    gain = np.bincount(at, with_cells - without) / np.bincount(at)
    return bool(len(gain) > 1 and gain.mean() > gain.std(ddof=1) / np.sqrt(len(gain)))
