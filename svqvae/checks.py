"""Checks of values that several steps make."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from svqvae.errors import SvqvaeError


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
