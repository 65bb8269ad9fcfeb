"""Which column of a table of signatures holds their ids, whatever it is called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.numbers import parse_numbers, say_wrong_number
from svqvae.io.table_columns import ID_COLUMNS, PREFIX, is_name_of_gene, may_name_numbers
from svqvae.io.text import brief

_WHOLE = r"[+-]?\d+"
#: Names shown of the columns that may hold the ids.
_SHOWN = 4


def find_ids(
    names: Sequence[str], text: Iterable[int], path: Path, *, whole: bool = True
) -> int | None:
    """Return the position of the column that holds the ids of signatures, None if none can.

    It is called ``sig_id``, or it is the one column that holds text and is no metadata, or the
    first where it is called as ids are and may hold whole numbers.

    Parameters
    ----------
    names
        Of all columns; empty for row names, as R and pandas write them.
    text
        Positions of columns that hold text.
    whole
        Whether the first column may hold whole numbers.

    Raises
    ------
    SvqvaeError
        If several columns may hold the ids.
    """
    if called := [c for c in ID_COLUMNS if c in names]:
        return names.index(called[0])
    numbered = [0] if whole and names and may_name_numbers(names[0]) else []
    candidates = dict.fromkeys([*numbered, *text])
    found = [at for at in candidates if names[at] and not _is_no_id(names[at])]
    if len(found) > 1:
        shown = ", ".join(brief(names[at]) for at in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise SvqvaeError(
            f"{path}: which column holds the ids of signatures? {shown}{more} hold no values of "
            f"genes; call the one of ids '{keys.SIG_ID}', and put '{PREFIX}' before the names of "
            "the others"
        )
    return found[0] if found else None


def _is_no_id(name: str) -> bool:
    return name.startswith(PREFIX) or is_name_of_gene(name)


def text_columns(rows: Sequence[Sequence[str]], n: int) -> list[int]:
    """Return the positions of columns that hold text, judged by the first rows of a table.

    Parameters
    ----------
    rows
        Fields of the first rows; those of another length than ``n`` say nothing.
    n
        Number of columns.

    Notes
    -----
    Words for a missing value are no text. One number, or what was meant as one (``0,5``), shows
    that a column is one of numbers, but for the first: some ids may look like numbers.
    """
    whole = [row for row in rows if len(row) == n]
    if not whole:
        return []
    values, wrong = parse_numbers(np.array(whole, dtype=object).ravel())
    is_text = wrong.reshape(-1, n).any(axis=0)
    is_number = (~np.isnan(values)).reshape(-1, n).any(axis=0)
    is_number[0] = False
    found = [int(at) for at in np.flatnonzero(is_text & ~is_number)]
    return [at for at in found if not at or not any(say_wrong_number(row[at]) for row in whole)]


def counts_rows(cells: Sequence[str]) -> bool:
    """Return whether cells are whole numbers that go up by one, from 0 or 1."""
    if not len(cells) or cells[0] not in ("0", "1"):
        return False
    start = int(cells[0])
    return all(cell == str(start + i) for i, cell in enumerate(cells))


def refuse_numbers_as_ids(name: str, ids: pd.Series, path: Path) -> None:
    """Raise an error where the column taken for ids is not one of ids but a gene.

    Parameters
    ----------
    name
        Of the column; a name like those of ids allows whole numbers.
    """
    text = ids.dropna().astype(str).str.strip()
    if not len(text) or not name:
        return
    numbers = pd.to_numeric(text, errors="coerce")
    if is_name_of_gene(name):
        why = f"is called as a gene is and holds {brief(text.iloc[0])}; are fields missing in rows?"
    elif numbers.notna().all() and not (
        text.str.fullmatch(_WHOLE).all() and may_name_numbers(name)
    ):
        why = f"holds numbers such as {text.iloc[0]}"
    else:
        return
    raise SvqvaeError(
        f"{path}: no column of ids: its first column, {brief(name)}, {why}; call the ids of "
        f"signatures '{keys.SIG_ID}' (pandas: to_csv(..., index_label='{keys.SIG_ID}'))"
    )
