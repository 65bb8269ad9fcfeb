"""What files, signatures and genes are called: kinds by name, positions by id."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError, did_you_mean

#: File kinds by the end of their name.
SUFFIXES = {".gctx": "gctx", ".gct": "gct", ".gct.gz": "gct", ".h5ad": "h5ad"}


def kind_of(path: str | Path) -> str:
    """Return gctx, gct or h5ad, by the end of the file's name."""
    name = Path(path).name.lower()
    for suffix, kind in SUFFIXES.items():
        if name.endswith(suffix):
            return kind
    raise SvqvaeError(f"{path}: unknown kind; expected a name in {', '.join(SUFFIXES)}")


def positions(wanted: list[str] | None, ids: pd.Index, what: str, path: str | Path) -> np.ndarray:
    """Return where each wanted id lies; duplicated and missing ids are an error."""
    if ids.has_duplicates:
        repeated = ids[ids.duplicated()].unique()
        raise SvqvaeError(
            f"{path}: {len(repeated)} duplicate {what} ids, first '{repeated[0]}'; "
            "each must occur once"
        )
    if wanted is None:
        return np.arange(len(ids))
    found = ids.get_indexer(pd.Index(wanted, dtype=object))
    if (found < 0).any():
        lost = [w for w, at in zip(wanted, found, strict=True) if at < 0]
        raise SvqvaeError(
            f"{path}: {len(lost)} of {len(wanted)} {what} ids are not in the file, first "
            f"'{lost[0]}'{did_you_mean(lost[0], ids[:5000])}"
        )
    return found
