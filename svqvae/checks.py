"""Checks of values that several steps make."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean

#: Null value of LINCS in a matrix.
LINCS_NULL = float(keys.LINCS_NULL)


def require_labels(obs: pd.DataFrame, column: str) -> pd.Series:
    """Return a column's values as text, or raise: no such column, gaps, or one class only."""
    if not len(obs):
        raise SvqvaeError("there are no signatures; at least two classes of them are needed")
    if column not in obs:
        raise SvqvaeError(f"obs has no column '{column}'{did_you_mean(column, obs.columns)}")
    missing = obs[column].isna()
    if missing.any():
        raise SvqvaeError(
            f"{int(missing.sum())} signatures have no '{column}', first "
            f"'{obs.index[missing][0]}'; leave them out"
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
