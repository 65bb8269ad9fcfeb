"""Quotes in text tables: fields of several lines, and stray quotes that swallow lines."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from svqvae.errors import SvqvaeError
from svqvae.io.text import brief


def swallows_lines(value: str, separator: str, width: int) -> bool:
    """Return whether a value is several lines of the table rather than text of several lines.

    A quote that is opened in one column and closed in the same column some lines below leaves a
    row of the right length. What it swallowed has as many separators as those lines.

    Parameters
    ----------
    width
        Fields of a row.
    """
    return value.count(separator) == value.count("\n") * (width - 1)


class QuoteWatch:
    """Follows quotes over the lines of a table, and finds those that are stray.

    A parser takes what follows an opening quote, line ends too, up to the next one. A field may
    run over several lines if its quote is closed as it should be, before a separator or the end of
    a line, and has not swallowed whole rows. Only lines with an odd number of quotes, and those
    within such a field, are looked at closely.

    Raises
    ------
    SvqvaeError
        Names the line of a quote that is not closed, or stray.
    """

    def __init__(self, path: str | Path, *, separator: str, width: int, skipped: int) -> None:
        self._path, self._separator, self._width = path, separator.encode(), width
        #: Lines before the header, which are no part of the table.
        self._before = skipped - 1
        self._line, self._rest = 0, b""
        # Of a quote that is open at the end of a line: number and text of that line, and what
        # the field holds so far.
        self._opened: tuple[int, bytes] | None = None
        self._field = b""

    def __call__(self, block: bytes) -> None:
        """Look at the next bytes of the file; none at its end."""
        # What has no line end at the end of the file is a line as well.
        whole, end, rest = (self._rest + (block or b"\n")).rpartition(b"\n")
        self._rest = rest
        if end and (b'"' in whole or self._opened):
            for at, line in enumerate(whole.split(b"\n"), start=self._line + 1):
                if at > self._before and (self._opened or line.count(b'"') % 2):
                    self._follow(at, line)
        self._line += whole.count(b"\n") + len(end)
        if not block and self._opened:
            self._refuse()

    def _follow(self, at: int, line: bytes) -> None:
        """Go through a line field by field."""
        start = 0
        if self._opened:
            start = self._close(line, 0)
        while start >= 0:
            if line[start : start + 1] == b'"':
                self._opened, self._field = (at, line), b""
                start = self._close(line, start + 1)
            else:  # within a field, as in 5", a quote opens nothing
                start = line.find(self._separator, start) + 1 or -1

    def _close(self, line: bytes, start: int) -> int:
        """Return where the field after an open quote begins, -1 where the line ends first."""
        at = line.find(b'"', start)
        while at >= 0 and line[at + 1 : at + 2] == b'"':
            at = line.find(b'"', at + 2)
        if at < 0:
            self._field += line[start:] + b"\n"
            return -1
        after = line[at + 1 : at + 1 + len(self._separator)]
        field = (self._field + line[start:at]).decode("utf-8", "replace")
        if after not in (b"", self._separator) or (
            "\n" in field and swallows_lines(field, self._separator.decode(), self._width)
        ):
            self._refuse()
        self._opened = None
        return -1 if not after else at + 1 + len(after)

    def _refuse(self) -> NoReturn:
        assert self._opened is not None
        at, line = self._opened
        raise SvqvaeError(
            f"{self._path}: not a table: in line {at} a quote is opened and not closed, or "
            f"stray: {brief(line.decode('utf-8', 'replace'), 60)}; remove it"
        )
