"""Cells of text to values: what a number is and what a missing one, the same in every format."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from svqvae.io.missing import LINCS_NULL, WORDS, is_missing_text

#: A number as C, R and spreadsheets print it; no digit grouping, no other script, no hexadecimal.
_NUMBER = r"^[+-]?((\d+\.?\d*|\.\d+)([e][+-]?\d+)?|inf|infinity)$"
#: How words for a missing value are mostly written.
NULLS = sorted({v for w in WORDS for v in (w, w.upper(), w.capitalize())} | {"NaN"})


def parse_numbers(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of text, and which of it is neither a number nor a word for none.

    Parameters
    ----------
    cells
        Text, or None for a missing value.

    Returns
    -------
    values
        float32 as :func:`to_float32` gives it; NaN where there is no number.
    wrong
        Mask of what is no number and does not mean a missing value.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pa.array(cells, pa.string())
    try:
        values = text.cast(pa.float64()).to_numpy(zero_copy_only=False)
        if not np.isnan(values).any():
            return to_float32(values), np.zeros(len(values), bool)
    except pa.ArrowInvalid:
        pass  # words among them, blanks around them, or text
    trimmed = pc.utf8_trim_whitespace(text)
    right = pc.match_substring_regex(trimmed, _NUMBER, ignore_case=True).fill_null(False)
    numbers = pc.if_else(right, trimmed, pa.scalar(None, pa.string())).cast(pa.float64())
    wrong = ~right.to_numpy(zero_copy_only=False)
    rest = pd.Series(np.asarray(cells, dtype=object)[wrong], dtype=object)
    wrong[wrong] = ~is_missing_text(rest).to_numpy()
    return to_float32(numbers.to_numpy(zero_copy_only=False)), wrong


def to_float32(values: np.ndarray) -> np.ndarray:
    """Return values as float32, the null of LINCS (-666) as NaN.

    What is beyond float32 becomes infinite, which models refuse.
    """
    with np.errstate(over="ignore"):
        x = values.astype(np.float32)
    x[x == LINCS_NULL] = np.nan
    return x


def say_wrong_number(text: str) -> str:
    """Return how to write text that is nearly a number, as the end of a sentence; else nothing."""
    body = text.strip().lstrip("+-\u2212")
    whole, comma, decimals = body.partition(",")
    if comma and whole.isdigit() and decimals.isdigit():
        return "; write numbers with a decimal point, not a comma"
    if body[:1].isdigit() and not re.search("[g-wyz]", body.lower()):
        return "; numbers are written as -1.5 or 2e-3"
    return ""
