"""Checks of values that several steps make."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.missing import is_missing_text


def require_labels(obs: pd.DataFrame, column: str) -> pd.Series:
    """Return a column's values as text, or raise: no such column, gaps, or one class only."""
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
    """Raise an error that counts the values that are NaN or infinite and places the first."""
    bad = ~np.isfinite(x)
    if bad.any():
        row, gene = np.argwhere(bad)[0]
        raise SvqvaeError(
            f"{int(bad.sum())} values in {int(bad.any(1).sum())} signatures are NaN or infinite, "
            f"first in signature '{signatures[row]}', gene '{genes[gene]}': {x[row, gene]}; "
            "leave those signatures out or impute them"
        )
