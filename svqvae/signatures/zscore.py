"""Robust z-scores within plates: L1000 level 3 (expression) to level 4.

    z = (x - median) / (1.4826 max(MAD, floor)),    floor = max(1st percentile of MADs, 0.1)

over the wells of the plate, or its vehicle wells. As cmapM's ``norm2zs`` and ``robust_zscore``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: What makes a MAD of normal values their SD.
MAD_TO_SD = 1.4826
#: Published: the least MAD of log2 expression, and the percentile of all genes' MADs.
_LEAST_MAD, _PERCENTILE = 0.1, 1.0


class Reference(NamedTuple):
    """Median and spread of each gene, by which values become z-scores.

    Attributes
    ----------
    centre, scale
        Of each gene.
    """

    centre: np.ndarray
    scale: np.ndarray

    def z(self, x: np.ndarray) -> np.ndarray:
        """Return the z-scores of rows."""
        return (x - self.centre) / self.scale


def reference_of(x: np.ndarray) -> Reference:
    """Return median and spread of the wells of a plate.

    Parameters
    ----------
    x
        Wells x genes: all of the plate, or its vehicle wells.
    """
    centre = np.median(x, axis=0)
    mad = np.median(np.abs(x - centre), axis=0)
    # Hazen's are the percentiles of MATLAB, by which the published floor was taken.
    floor = max(float(np.percentile(mad, _PERCENTILE, method="hazen")), _LEAST_MAD)
    return Reference(centre, MAD_TO_SD * np.maximum(mad, floor))
