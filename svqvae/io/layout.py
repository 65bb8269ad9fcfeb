"""How a text table is laid out: what stands before its header, and between its fields."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

from svqvae.errors import SvqvaeError
from svqvae.io.header import is_header, refuse_values_as_header
from svqvae.io.text import DAMAGE, text_lines

#: Characters that may stand between fields, and what they are called.
SEPARATORS = {"\t": "tab", ",": "comma", ";": "semicolon"}
#: Begin the lines of a comment before the header.
_COMMENTS = ("!", "#")
#: Lines, and characters, of the body that the layout is detected from.
_LINES, _CHARACTERS = 200, 1 << 20


class Layout(NamedTuple):
    """What must be known of a text table before it is parsed."""

    separator: str
    #: Lines before the first one of the body: comments, blank lines and the header.
    skipped: int
    #: Names of the columns, without blanks around them; row names have none.
    header: list[str]
    #: Whether each row has one field more than the header, as R writes row names.
    one_more: bool
    #: Fields of the first rows.
    rows: list[list[str]]
    #: Characters of the longest line among them.
    longest: int

    @property
    def word(self) -> str:
        """What the separator is called."""
        return SEPARATORS[self.separator]


def separator_by_name(path: str | Path) -> str:
    """Return the separator that a file's name promises: a comma for ``.csv``, else a tab."""
    return "," if ".csv" in Path(path).name.lower()[-8:] else "\t"


def fields_of(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    """Yield the fields of each line, quotes taken off."""
    csv.field_size_limit(sys.maxsize)
    return csv.reader(lines, delimiter=separator)


def layout_of(path: str | Path) -> Layout:
    """Return the layout of a text table, detected from its first lines.

    Lines that begin with ``!`` or ``#`` (the Repurposing Hub, GEO) and blank ones may stand before
    the header. Tab, comma or semicolon: the one that gives rows as many fields as the header;
    where several do, the one that the name promises.

    Raises
    ------
    SvqvaeError
        If the file is missing, no text, damaged or empty.
    """
    try:
        with text_lines(path) as file:
            start = _start_of(file, path)
            body = list(_first_lines(file))
    except DAMAGE as error:
        raise SvqvaeError(f"{path}: not a table, or cut or damaged ({error})") from error
    header, skipped = start.first, start.number
    if _is_headed(start, body, path):
        header, skipped = start.comment[1:], start.number - 1
        body = [start.first, *body] if start.first else []
    if not header:
        but = " but for comments" if start.comment else ""
        raise SvqvaeError(f"{path}: not a table, it is empty{but}")
    separator = start.separator or _separator([header, *body], separator_by_name(path))
    names, *rows = fields_of([header, *body], separator)
    names, rows = [name.strip() for name in names], [row for row in rows if row]
    one_more = bool(rows) and all(len(row) == len(names) + 1 for row in rows)
    refuse_values_as_header(names, one_more=one_more, line=skipped, path=path)
    return Layout(
        separator=separator,
        skipped=skipped,
        header=names,
        one_more=one_more,
        rows=rows,
        longest=max(map(len, [header, *body])),
    )


class _Start(NamedTuple):
    """The first lines of a file."""

    #: The first one of no comment, its number, and the last comment before it.
    first: str
    number: int
    comment: str
    #: The separator, if the file states it.
    separator: str | None


def _start_of(file: IO[str], path: str | Path) -> _Start:
    comment, stated, number = "", None, 0
    for number, line in enumerate(file, start=1):
        text = line.rstrip("\r\n")
        if number == 1 and text.lower().startswith("sep=") and text[4:] in SEPARATORS:
            stated = text[4:]  # how spreadsheets are informed
        elif text.startswith(_COMMENTS):
            comment = text
        elif text.strip():
            return _Start(text, number, comment, stated)
    return _Start("", number + 1, comment, stated)


def _is_headed(start: _Start, body: list[str], path: str | Path) -> bool:
    """Return whether the last comment, a line like ``#pert_id<tab>moa``, is the header."""
    if not start.comment.startswith("#"):
        return False
    comment = start.comment[1:]
    lines = [comment, start.first, *body]
    separator = start.separator or _separator(lines, separator_by_name(path))
    names, first, *rows = [*fields_of(lines, separator)]
    return is_header(comment, names, first, rows)


def _first_lines(file: IO[str]) -> Iterator[str]:
    """Yield the first lines of the body, whole ones, few where they are long."""
    length = 0
    for line in islice(file, _LINES):
        yield line.rstrip("\r\n")
        length += len(line)
        if length > _CHARACTERS:
            return


def _separator(lines: list[str], by_name: str) -> str:
    header, body = lines[0], [line for line in lines[1:] if line.strip()]
    found = []
    for separator in SEPARATORS:
        if separator not in header:
            continue
        names, *rows = map(len, fields_of([header, *body], separator))
        fit = sum(n in (names, names + 1) for n in rows) / max(1, len(rows))
        found.append((fit, separator == by_name, names, separator))
    return max(found)[-1] if found else by_name
