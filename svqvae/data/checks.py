"""Checks of values that several steps make."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.missing import LINCS_NULL, is_missing_text

#: Share of negative values below which a matrix holds no signatures, and below which it may not.
_NEXT_TO_NONE, _FEW = 0.01, 0.15
#: Share of the mean square in the genes' means above which it does not; in real sets 0.04 to 0.07.
_LEVELS = 0.8
#: Fewer rows, or values that are not 0, are not enough.
_FEWEST_ROWS, _FEWEST_VALUES = 10, 30
#: So many whole numbers, none below zero, are counts.
_FEWEST_COUNTS = 20


def require_labels(obs: pd.DataFrame, column: str) -> pd.Series:
    """Return a column's values as text, or raise: no such column, gaps, or one class only."""
    if not len(obs):
        raise SvqvaeError("there are no signatures; at least two classes of them are needed")
    if column not in obs:
        raise SvqvaeError(f"obs has no column '{column}'{did_you_mean(column, obs.columns)}")
    missing = is_missing_text(obs[column].astype(object)).to_numpy()
    if missing.any():
        at = int(missing.argmax())
        raise SvqvaeError(
            f"{int(missing.sum())} signatures have no '{column}', first '{obs.index[at]}' "
            f"({obs[column].iloc[at]!r}); leave them out"
        )
    labels = obs[column].astype(str)
    if labels.nunique() < 2:
        raise SvqvaeError(f"only one class in '{column}'; at least two are needed")
    return labels


def require_finite(x: np.ndarray, signatures: Sequence[str], genes: Sequence[str]) -> None:
    """Raise an error that counts the values that no model can take and places the first.

    Parameters
    ----------
    x
        Signatures x genes as they came, before anything is clipped or rounded.

    Raises
    ------
    SvqvaeError
        If a value is NaN, infinite, too large for float32, or -666, the null of LINCS.
    """
    with np.errstate(over="ignore"):
        finite = np.isfinite(x.astype(np.float32, copy=False))
    bad = ~finite | (x == LINCS_NULL)
    if bad.any():
        row, gene = np.argwhere(bad)[0]
        value = x[row, gene]
        note = ""
        if np.isfinite(value):
            is_null = value == LINCS_NULL
            note = " (the null of LINCS)" if is_null else " (beyond the range of float32)"
        raise SvqvaeError(
            f"{int(bad.sum())} values in {int(bad.any(1).sum())} signatures are NaN or infinite, "
            f"first in signature '{signatures[row]}', gene '{genes[gene]}': {value}{note}; "
            "leave those signatures out or impute them"
        )


class SignCheck:
    """Distinguishes levels of expression (counts, log counts) from signatures, in blocks.

    A signature is a change against a control, so that about half of its values are negative:
    0.20 to 0.54 in real sets of L1000, and at least 0.05 in any one of their signatures. Levels
    have next to none; or few, with genes that differ far more from each other than signatures do.
    """

    def __init__(self) -> None:
        self._rows, self._values, self._negative, self._whole = 0, 0, 0, True
        self._sum: np.ndarray | float = 0.0
        self._square = 0.0

    def add(self, x: np.ndarray) -> None:
        """Take account of signatures x genes; NaN and 0 do not count."""
        self._rows += len(x)
        self._values += int(np.count_nonzero(x))
        self._negative += int(np.count_nonzero(x < 0))
        self._whole = self._whole and bool((x == np.round(x)).all())
        self._sum = self._sum + x.sum(0, dtype=np.float64)
        self._square += float(np.einsum("ij,ij->", x, x, dtype=np.float64))

    def require_signatures(self, where: str, *, trained_on: bool) -> None:
        """Raise an error if what was added are levels of expression.

        Parameters
        ----------
        where
            What the error names: a file, or "these signatures".
        trained_on
            Whether they are a whole set to train on. Only there does it tell anything that
            genes differ in level: replicates of one strong signature, as they may be asked of a
            model, differ so too.
        """
        counts = self._whole and not self._negative and self._values >= _FEWEST_COUNTS
        if self._values < _FEWEST_VALUES and not counts:
            return
        share = self._negative / self._values
        # Of the mean square, the part that the genes' own means make.
        of_genes = float(np.sum(np.square(self._sum))) / self._rows / max(self._square, 1e-300)
        few = trained_on and self._rows >= _FEWEST_ROWS and share < _FEW and of_genes > _LEVELS
        if share < _NEXT_TO_NONE or few:
            why = (
                ""
                if share < _NEXT_TO_NONE
                else (f", and {of_genes:.0%} of their mean square is that genes differ in level")
            )
            raise SvqvaeError(
                f"{where}: {self._negative:,} of {self._values:,} values are negative{why}; these "
                "are levels of expression (counts or log counts), not signatures. A signature is "
                "the change against a control: z-scores (L1000 level 4 or 5) or log fold changes. "
                "Subtract the mean log expression of the controls from each sample first"
            )
