"""The cell line of each signature, where it is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svqvae import keys

#: Stands for a cell line that is not known.
UNKNOWN = ""


def cell_lines(obs: pd.DataFrame | None) -> np.ndarray | None:
    """Return the cell line of each signature as text, "" where it is missing; None of no column.

    Examples
    --------
    >>> cell_lines(pd.DataFrame({"cell_id": ["A375", None]})).tolist()
    ['A375', '']
    >>> cell_lines(pd.DataFrame(index=["s"])) is None
    True
    """
    if obs is None or keys.CELL_ID not in obs:
        return None
    column = obs[keys.CELL_ID].astype(object)
    return np.asarray(column.where(column.notna(), UNKNOWN).astype(str), dtype=object)
