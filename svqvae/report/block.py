"""One compressed block for all tables of the page: columns as arrays, each name once.

The browser unpacks it with its own DecompressionStream (browser/block.js). After unpacking it is
the length of a JSON text (4 bytes, little endian), that text, and the bytes of the columns. Of
numbers of several bytes all first bytes come first, then all second ones: like bytes compress well.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

#: What a missing number of a whole column, and a missing name, are written as.
_MISSING = ""
#: Digits of the tables of a run.
_DIGITS = 6
#: Numbers of up to three decimals are held as 16 bits; of these, what a missing one is written as.
_THOUSAND, _NO_SHORT = 1000, -32768


class Block:
    """Tables for the page, which share their names.

    Examples
    --------
    >>> block = Block()
    >>> held = block.table(pd.DataFrame({"class": ["a", "b"], "q_value": [0.5, 1e-10]}))
    >>> held["rows"], [column["name"] for column in held["columns"]]
    (2, ['class', 'q_value'])
    """

    def __init__(self) -> None:
        self._strings: dict[str, int] = {}
        self._bytes: list[bytes] = []
        self._length = 0

    def table(self, table: pd.DataFrame) -> dict[str, Any]:
        """Add a table; return what the page is told of it."""
        columns = [self._column(str(name), table[name]) for name in table.columns]
        return {"rows": len(table), "columns": columns}

    def matrix(self, values: np.ndarray) -> dict[str, Any]:
        """Add a matrix that is only drawn, rows by columns: 16 bits between its extremes."""
        low, high = float(np.min(values, initial=0)), float(np.max(values, initial=0))
        step = (high - low) / 65535 or 1.0
        quantised = np.round((values - low) / step).astype("<u2")
        return {"low": low, "step": step, "columns": values.shape[1], **self._array(quantised)}

    def packed(self, page: Mapping[str, Any]) -> str:
        """Return the block as text: what the page is told, and all that was added, compressed."""
        text = json.dumps(
            {**page, "strings": list(self._strings)}, ensure_ascii=False, separators=(",", ":")
        ).encode("utf-8")
        head = len(text).to_bytes(4, "little")
        # No time in the header: same inputs, same bytes.
        whole = gzip.compress(b"".join([head, text, *self._bytes]), compresslevel=9, mtime=0)
        return base64.b64encode(whole).decode("ascii")

    def _column(self, name: str, column: pd.Series) -> dict[str, Any]:
        if pd.api.types.is_bool_dtype(column):
            column = column.map({True: "True", False: "False"})
        if pd.api.types.is_numeric_dtype(column):
            return {"name": name, **self._numbers(column)}
        codes = [self._strings.setdefault(text, len(self._strings)) for text in _texts(column)]
        kind = "<u2" if max(codes, default=0) < 65536 else "<u4"
        return {"name": name, "text": 1, **self._array(np.array(codes, dtype=kind))}

    def _numbers(self, column: pd.Series) -> dict[str, Any]:
        values = column.to_numpy(dtype=float, na_value=np.nan)
        whole = np.round(values * _THOUSAND)
        has_decimals = bool((values != np.round(values)).any())
        if has_decimals and _is_short(values, whole):
            thousandths = np.where(np.isnan(whole), _NO_SHORT, whole).astype("<i2")
            return {"scale": _THOUSAND, **self._array(thousandths)}
        return self._array(_smallest(values))

    def _array(self, values: np.ndarray) -> dict[str, Any]:
        flat = np.ascontiguousarray(values).reshape(-1)
        planes = flat.view(np.uint8).reshape(-1, flat.dtype.itemsize).T
        at, self._length = self._length, self._length + flat.nbytes
        self._bytes.append(planes.tobytes())
        return {"type": flat.dtype.str[1:], "at": at, "n": len(flat)}


def _texts(column: pd.Series) -> list[str]:
    return [_MISSING if pd.isna(value) else str(value) for value in column]


def _is_short(values: np.ndarray, whole: np.ndarray) -> bool:
    """Return whether numbers are missing or have three decimals, and fit 16 bits as thousandths."""
    missing = np.isnan(values)
    fits = (np.abs(whole) < -_NO_SHORT) & (whole / _THOUSAND == values)
    return bool((missing | fits).all())


def _smallest(values: np.ndarray) -> np.ndarray:
    """Return numbers in the smallest type from which the table's digits come back."""
    known = values[np.isfinite(values)]
    if len(known) == len(values) and (known == np.round(known)).all():
        low, high = known.min(initial=0), known.max(initial=0)
        for kind in ("<u1", "<u2", "<i4"):
            info = np.iinfo(kind)
            if info.min <= low and high <= info.max:
                return values.astype(kind)
    with np.errstate(over="ignore"):
        single = values.astype("<f4")
    small = np.abs(known[known != 0])
    # Six digits come back from single precision, except of the very small and large.
    if small.size == 0 or (small.min() > 1e-37 and small.max() < 1e37):
        return single
    return values.astype("<f8")


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table computed for the page with the digits of the tables of a run."""
    numbers = table.select_dtypes("number").columns
    return table.assign(**{c: [float(f"{v:.{_DIGITS}g}") for v in table[c]] for c in numbers})
