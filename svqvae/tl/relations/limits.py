"""Where the test of relations cannot answer: what a missing edge means on the data at hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svqvae.tl.fdr import FDR
from svqvae.tl.relations.pair_scores import class_reach
from svqvae.tl.relations.similarity import HeldOutSimilarity

#: Tested classes below which a missing edge says little, whatever they are.
FEW_CLASSES = 8
#: Reach from which on related pairs are likely to be found: one half as alike as the class is to
#: itself has a z-score of 2.5. Both from planted sets of known power (docs/evidence.md).
ENOUGH_REACH = 5.0


def relation_limits(held_out: HeldOutSimilarity | None, q_values: pd.Series) -> pd.DataFrame:
    """Say what the test of relations was given, and where a missing edge says little.

    Parameters
    ----------
    held_out
        What the pairs were tested by; None where nothing was held out.
    q_values
        Of all pairs; missing for pairs that could not be tested.

    Returns
    -------
    DataFrame
        One row: n_classes and n_pairs that were tested; edges, pairs with q <= FDR; reach, the
        median over classes (:func:`svqvae.tl.relations.pair_scores.class_reach`); in_reach, the
        classes that have :data:`ENOUGH_REACH`; and warning, a sentence, empty where there is none.

    Notes
    -----
    There is a warning with fewer than :data:`FEW_CLASSES` classes, and where less than half of the
    classes are in reach: because their own compounds are not alike, or because so many pairs are
    related that none exceeds the typical pair.

    Examples
    --------
    >>> relation_limits(None, pd.Series([np.nan]))["warning"].item()
    'No compounds were held out: no pair was tested.'
    """
    n_classes = 0 if held_out is None else int(held_out.member.any(0).sum())
    median, in_reach = float("nan"), 0
    if held_out is not None and n_classes > 2:
        reach = class_reach(held_out.of_classes(np.asarray(held_out.member.any(0))))
        median, in_reach = float(np.median(reach)), int((reach >= ENOUGH_REACH).sum())
    if held_out is None:
        warning = "No compounds were held out: no pair was tested."
    else:
        warning = _warning(n_classes, in_reach)
    row = {
        "n_classes": n_classes,
        "n_pairs": int(q_values.notna().sum()),
        "edges": int((q_values <= FDR).sum()),
        "reach": median,
        "in_reach": in_reach,
        "warning": warning,
    }
    return pd.DataFrame([row])


def _warning(n_classes: int, in_reach: int) -> str:
    """Return what has to be said of no edge; nothing where most classes are in reach."""
    if n_classes < FEW_CLASSES:
        return (
            f"Only {n_classes} classes could be tested. With fewer than {FEW_CLASSES} the test "
            "misses many of the related pairs: a missing edge says little."
        )
    if 2 * in_reach < n_classes:
        return (
            f"For {n_classes - in_reach} of {n_classes} classes a missing edge says little: a pair "
            "half as alike as the class is to itself may well be missed."
        )
    return ""
