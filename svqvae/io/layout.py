"""How a text table is laid out: what stands before its header, and between its fields."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

from svqvae.errors import SvqvaeError
from svqvae.io.text import DAMAGE, brief, text_lines

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
            skipped, header, stated = _find_header(file, path)
            body = list(_first_lines(file))
    except DAMAGE as error:
        raise SvqvaeError(f"{path}: not a table, or cut or damaged ({error})") from error
    separator = stated or _separator([header, *body], separator_by_name(path))
    names, *rows = fields_of([header, *body], separator)
    rows = [row for row in rows if row]
    return Layout(
        separator=separator,
        skipped=skipped,
        header=[name.strip() for name in names],
        one_more=bool(rows) and all(len(row) == len(names) + 1 for row in rows),
        rows=rows,
        longest=max(map(len, [header, *body])),
    )


class QuoteWatch:
    """Finds the line with a stray quote in a table that has no line ends within its fields.

    A parser takes what follows an opening quote, separators too, up to the next one. Between
    quotes that are opened and closed within a line there is an even number of them.

    Raises
    ------
    SvqvaeError
        At the first such line that is shown.
    """

    def __init__(self, path: str | Path, layout: Layout) -> None:
        self._path, self._before = path, layout.skipped - 1
        self._opening = f'{layout.separator}"'.encode()
        self._line, self._rest = 0, b""

    def __call__(self, block: bytes) -> None:
        """Look at the next bytes of the file."""
        whole, end, rest = (self._rest + block).rpartition(b"\n")
        self._rest = rest
        if b'"' in whole:
            for at, line in enumerate(whole.split(b"\n"), start=self._line + 1):
                if line.count(b'"') % 2 and at > self._before:
                    self._refuse(at, line)
        self._line += whole.count(b"\n") + len(end)

    def _refuse(self, at: int, line: bytes) -> None:
        # Within a field, as in 5", a quote opens nothing.
        if line.startswith(b'"') or self._opening in line:
            text = brief(line.decode("utf-8", "replace"), 60)
            raise SvqvaeError(
                f"{self._path}: not a table: in line {at} a quote is opened and not closed, or "
                f"stray: {text}; remove it"
            )


def _find_header(file: IO[str], path: str | Path) -> tuple[int, str, str | None]:
    """Return how many lines the body comes after, the header, and the separator if it is stated."""
    comment, stated = "", None
    for number, line in enumerate(file, start=1):
        text = line.rstrip("\r\n")
        if number == 1 and text.lower().startswith("sep=") and text[4:] in SEPARATORS:
            stated = text[4:]  # how spreadsheets are informed
        elif text.startswith(_COMMENTS):
            comment = text
        elif text.strip():
            if comment and _heads(comment, text):
                return number - 1, comment[1:], stated
            return number, text, stated
    if comment and "\t" in comment:
        return number, comment[1:], stated
    raise SvqvaeError(f"{path}: not a table, it is empty{' but for comments' if comment else ''}")


def _heads(comment: str, first: str) -> bool:
    """Return whether a line like ``#pert_id<tab>moa`` is the header of the row after it."""
    names, fields = comment[1:].split("\t"), first.split("\t")
    return len(names) > 1 and len(names) == len(fields) and not any(n[:1].isspace() for n in names)


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
