"""The body of a text table, below its header: opened, and what of it is refused."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pandas as pd

from svqvae.errors import SvqvaeError
from svqvae.io.layout import Layout
from svqvae.io.limits import require_memory
from svqvae.io.quotes import QuoteWatch, swallows_lines
from svqvae.io.text import brief, utf8_stream

if TYPE_CHECKING:
    import pyarrow.csv as pc

#: Rows of another length that are counted; at one more parsing ends.
_COUNTED = 100


@contextmanager
def body_stream(path: Path, layout: Layout, *, whole: bool = False) -> Iterator[io.BufferedReader]:
    """Open a text table after its header, as UTF-8; a stray quote is refused while it is read.

    Parameters
    ----------
    whole
        Whether it is parsed as a whole: then no more is unpacked than memory holds.
    """
    width = len(layout.header) + layout.one_more
    quotes = QuoteWatch(path, separator=layout.separator, width=width, skipped=layout.skipped)
    unpacked = 0

    def watch(block: bytes) -> None:
        nonlocal unpacked
        unpacked += len(block)
        if whole:  # to about twice its bytes; a packed file may unpack to any number of them
            require_memory(2 * unpacked, f"{path}: its text")
        quotes(block)

    with utf8_stream(path, watch=watch) as stream:
        for _ in range(layout.skipped):
            stream.readline()
        yield stream


class OddRows:
    """Rows that have more or fewer fields than the header, as pyarrow comes upon them."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self._path, self._layout = path, layout
        self._rows: list[pc.InvalidRow] = []

    def parse_options(self) -> pc.ParseOptions:
        """Return how to parse the table, so that such rows come here."""
        import pyarrow.csv as pc

        return pc.ParseOptions(
            delimiter=self._layout.separator,
            newlines_in_values=True,
            invalid_row_handler=self._keep,
        )

    def _keep(self, row: pc.InvalidRow) -> str:
        self._rows.append(row)
        return "error" if len(self._rows) > _COUNTED else "skip"

    def refuse(self, cause: Exception | None = None) -> None:
        """Raise an error if there is any such row."""
        if not self._rows:
            return
        first, n = self._rows[0], len(self._rows)
        raise SvqvaeError(
            f"{self._path}: not a {self._layout.word}-separated table: "
            f"{f'at least {_COUNTED}' if n > _COUNTED else n} rows have not the "
            f"{first.expected_columns} fields that its header promises, first row {first.number} "
            f"of the body with {first.actual_columns}: {brief(first.text, 60)}; write empty fields "
            "too, and close quotes"
        ) from cause


def refuse_last_column(first: object, path: Path) -> NoReturn:
    """Raise an error for rows of one field more than the header, the last of which is empty.

    Row names, which R writes without a header, look like a separator at each line's end.

    Parameters
    ----------
    first
        First field of the first row.
    """
    raise SvqvaeError(
        f"{path}: each row has one field more than the header, and the last is always empty: "
        f"either {brief(first)} is a row name, as R writes it, or each line ends with a "
        "separator; write it without row names (row.names = FALSE), or without that separator"
    )


def refuse_swallowed_lines(table: pd.DataFrame, path: Path, layout: Layout | None = None) -> None:
    """Raise an error where a stray quote took the next lines into its field.

    Parameters
    ----------
    layout
        Of a table whose fields may hold text of several lines; without it none may.
    """
    for name, column in table.items():
        swallowed = column.astype(object).str.contains("\n", regex=False, na=False)
        if layout is not None and swallowed.any():
            width = len(layout.header) + layout.one_more
            several = column[swallowed.to_numpy()]
            swallowed[swallowed] = [
                swallows_lines(value, layout.separator, width) for value in several
            ]
        if swallowed.any():
            at = int(swallowed.to_numpy().argmax())
            raise SvqvaeError(
                f"{path}: a value of column '{name}' in row {at + 1} runs over several lines "
                f"({column.iloc[at][:40]!r}...); remove the stray quote before it"
            )
