"""Which line of a text table is its header: the first one of no comment, or the comment above."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from svqvae.errors import SvqvaeError
from svqvae.io.missing import is_missing_word
from svqvae.io.table_columns import is_known_column
from svqvae.io.text import brief

log = logging.getLogger("svqvae")

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
#: Numbers that genes are called by: Entrez ids, with decimals too, and positions.
_GENE_NUMBER = re.compile(r"\d{1,9}(\.0+)?")
#: How pandas tells two columns of one name apart: 780.1 is the second 780.
_SECOND = re.compile(r"(\d{1,9})\.\d{1,2}")


def is_header(comment: str, names: list[str], first: list[str], rows: list[list[str]]) -> bool:
    """Return whether a comment is the header of the lines after it.

    Parameters
    ----------
    comment
        The last line that begins with ``#``, without the ``#``.
    names, first, rows
        Its fields, those of the first line of no comment, and of the lines after that.

    Notes
    -----
    It must have as many fields as that line, or one less where rows have names, as R writes them.
    Then what the fields are decides: names of columns that are known, numbers, values that occur
    again below.
    """
    names, first = [n.strip() for n in names], [f.strip() for f in first]
    known, known_first = _known(names), _known(first)
    if not first:
        return known > 0 or len(names) > 1
    lengths = {len(row) for row in rows if row}
    if len(first) - len(names) not in (0, 1) or len(set(names)) < len(names):
        return False
    if len(names) == 1:  # mostly a sentence
        return len(first) == 1 and known > known_first
    if lengths == {len(first) + 1} or not first[0] or known_first:
        return known > known_first and lengths != {len(first) + 1} and bool(first[0])
    if known:
        return True
    if comment.startswith(" "):  # as prose is written
        return False
    told = _told_by_values(names[len(names) - len(first) + 1 :], first[1:], rows)
    if told is None:
        prose = "\t" not in comment and any(" " in name for name in names)
        log.info("the comment %s is taken for %s", brief(comment), "text" if prose else "a header")
        return not prose
    return told


def refuse_values_as_header(
    header: Sequence[str], *, one_more: bool, line: int, path: str | Path
) -> None:
    """Raise an error where the line that should name columns holds a signature's values.

    Parameters
    ----------
    header
        Fields of the line.
    one_more
        Whether rows have one field more: then no field of the header is that of ids.
    line
        Its number.
    """
    cells = [cell for cell in header[0 if one_more else 1 :] if not is_missing_word(cell)]
    if not all(map(_NUMBER.fullmatch, cells)) or (header and is_known_column(header[0])):
        return
    named = {cell for cell in cells if _GENE_NUMBER.fullmatch(cell)}
    values = [cell for cell in cells if cell not in named and not _is_second(cell, named)]
    if values:
        raise SvqvaeError(
            f"{path}: it has no header: line {line} should name the columns and holds values, such "
            f"as {brief(values[0])}; write the names of the columns there, without a # before them"
        )


def _is_second(cell: str, named: set[str]) -> bool:
    second = _SECOND.fullmatch(cell)
    return second is not None and second[1] in named


def _known(fields: list[str]) -> int:
    return sum(is_known_column(field, first=not at) for at, field in enumerate(fields))


def _told_by_values(names: list[str], first: list[str], rows: list[list[str]]) -> bool | None:
    """Return whether the first line is one of values, or None if that cannot be told.

    ``names`` and ``first`` are without the field of ids.
    """
    whole = [row[-len(first) :] for row in rows if len(row) > len(first)]
    below = [[row[at].strip() for row in whole] for at in range(len(first))]
    if any(is_missing_word(cell) for cell in first):
        return True
    if any(cell in column for cell, column in zip(first, below, strict=True)):
        return True
    for name, cell, column in zip(names, first, below, strict=True):
        numbers = [_NUMBER.fullmatch(v) for v in column if not is_missing_word(v)]
        if _NUMBER.fullmatch(cell):
            if not _GENE_NUMBER.fullmatch(cell):
                return True
            if any(n and not _GENE_NUMBER.fullmatch(n[0]) for n in numbers):
                return False  # a gene's id above values
            if not _NUMBER.fullmatch(name):
                return True
        elif numbers and all(numbers):
            return False  # a name above values
    return True if all(map(_NUMBER.fullmatch, first)) else None
