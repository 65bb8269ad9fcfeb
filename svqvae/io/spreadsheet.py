"""Names that a spreadsheet would run as formulas, written so that it shows them.

A spreadsheet takes a cell that begins with = + - @, a tab or a line end for a formula, and a class
may be called ``=HYPERLINK(...)``. With an apostrophe before it, it is text. The tables of a run are
read by its jobs too, which take that apostrophe away: so it also comes before a name that has one
by itself, whether formulas are made inert or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd

_FORMULA = r"[=+\-@\t\r\n]"
#: What is written with one apostrophe more: in tables of a run, and where formulas are made inert.
_QUOTED, _ANY = rf"^(?='+{_FORMULA})", rf"^(?='*{_FORMULA})"
_WRITTEN = rf"^'(?='*{_FORMULA})"

#: What is put before, as a pattern; None outside of runs, whose tables nothing reads back.
_pattern: list[str | None] = [None]


@contextmanager
def tables_of_a_run(*, inert: bool) -> Iterator[None]:
    """Write tables as those of a run; with ``inert`` no cell of text is a formula."""
    _pattern.append(_ANY if inert else _QUOTED)
    try:
        yield
    finally:
        _pattern.pop()


def written(table: pd.DataFrame, *, inert: bool = False) -> pd.DataFrame:
    """Return a table whose names are written as this run writes them, or inert.

    Examples
    --------
    >>> table = pd.DataFrame({"class": ["=1+1", "kinase"], "score": [-1.0, 2.0]})
    >>> written(table, inert=True)["class"].tolist()
    ["'=1+1", 'kinase']
    """
    pattern = _ANY if inert else _pattern[-1]
    return table if pattern is None else _replaced(table, pattern, "'")


def read_back(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of a run with its names as they are."""
    return _replaced(table, _WRITTEN, "")


def _replaced(table: pd.DataFrame, pattern: str, by: str) -> pd.DataFrame:
    """Return a table with ``pattern`` replaced in all text, headers too."""
    changed: dict[int, list] = {}
    for at in range(table.shape[1]):
        column = table.iloc[:, at]
        if pd.api.types.is_numeric_dtype(column):
            continue
        text = column.astype(object)
        is_text = text.map(lambda value: isinstance(value, str)).to_numpy(dtype=bool)
        hit = text[is_text].str.contains(pattern, regex=True)
        if hit.any():
            changed[at] = [
                re.sub(pattern, by, value, count=1) if isinstance(value, str) else value
                for value in text
            ]
    names = [re.sub(pattern, by, str(name), count=1) for name in table.columns]
    if not changed and names == [str(name) for name in table.columns]:
        return table
    replaced = {at: changed.get(at, table.iloc[:, at].array) for at in range(table.shape[1])}
    return pd.DataFrame(replaced, index=table.index).set_axis(names, axis=1)
