"""False discovery rates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svqvae.errors import require_extra

#: Results up to this false discovery rate count as findings.
FDR = 0.05


def benjamini_hochberg(p: np.ndarray | pd.Series) -> np.ndarray:
    """Return the q-values of independent or positively dependent p-values.

    The smallest false discovery rate at which each test is a finding (Benjamini and Hochberg 1995).

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.02, 0.5])).round(2).tolist()
    [0.03, 0.03, 0.5]
    """
    require_extra("analysis", "statsmodels")
    from statsmodels.stats.multitest import multipletests

    return np.asarray(multipletests(p, method="fdr_bh")[1])
