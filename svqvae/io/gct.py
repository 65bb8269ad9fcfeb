"""GCT 1.2 and 1.3, the text form: genes down, signatures across; read line by line."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path
from svqvae.io.matrix_table_writer import finite_parts, refuse_names
from svqvae.io.missing import without_missing_words
from svqvae.io.numbers import parse_numbers, say_wrong_number
from svqvae.io.signature_file import WholeFile
from svqvae.io.tables import refuse_line_breaks
from svqvae.io.text import DAMAGE, brief, text_lines, write_opener

#: What follows the version where a spreadsheet has written the file.
_PADDING = '\t "'
#: Digits of a size that may be real.
_MAX_DIGITS = 12
#: Sizes on the second line, by version.
_VERSIONS = {"#1.2": 2, "#1.3": 4}
#: Characters of a first or second line that may be real.
_LINE = 1 << 20


class _Sizes(NamedTuple):
    genes: int
    signatures: int
    gene_columns: int
    signature_rows: int


class GctFile(WholeFile):
    """A GCT file, packed or not; one line is held at a time, beside what is asked for.

    Raises
    ------
    SvqvaeError
        If the file is missing, not GCT, of another size than it says, or holds text where a
        number belongs (the first such place is named).
    """

    @cached_property
    def _tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        with self._lines() as (sizes, header, lines):
            side = 1 + sizes.gene_columns
            head = list(islice(lines, sizes.signature_rows))
            body = [line[:side] for line in lines]
        obs = self._table([line[side:] for line in head], [line[0] for line in head], header[side:])
        columns = [[line[at] for line in body] for at in range(1, side)]
        var = self._table(columns, header[1:side], [line[0] for line in body])
        return obs, var

    def _table(self, columns: list[list[str]], names: list[str], ids: list[str]) -> pd.DataFrame:
        names = [name.strip() or f"Unnamed: {at + 1}" for at, name in enumerate(names)]
        if len(set(names)) < len(names):
            twice = next(n for i, n in enumerate(names) if n in names[:i])
            raise SvqvaeError(f"{self.path}: two metadata fields are called {brief(twice)}")
        # Without blanks around, as in GCTX.
        index = pd.Index([i.strip() for i in ids], dtype=object)
        if (index == "").any():
            raise SvqvaeError(
                f"{self.path}: id {int((index == '').argmax()) + 1} of {len(index)} is empty"
            )
        table = pd.DataFrame(dict(enumerate(columns)), index=index, dtype=object)
        return without_missing_words(table.set_axis(pd.Index(names, dtype=object), axis=1))

    @property
    def obs(self) -> pd.DataFrame:  # type: ignore[override]
        """Signature table as text; -666 and words for a missing value are missing."""
        return self._tables[0]

    @property
    def var(self) -> pd.DataFrame:  # type: ignore[override]
        """Gene table as text; -666 and words for a missing value are missing."""
        return self._tables[1]

    def read(self, rows: np.ndarray, genes: np.ndarray) -> np.ndarray:
        """Return the chosen signatures x genes; empty and NA values are NaN."""
        x = np.empty((len(rows), len(genes)), dtype=np.float32)
        order = np.argsort(genes, kind="stable")
        in_file_order = genes[order]
        lost: list[tuple[str, str, str]] = []
        with self._lines() as (sizes, header, lines):
            side = 1 + sizes.gene_columns
            sigs = np.array(header[side:], dtype=object)[rows]
            for _ in range(sizes.signature_rows):
                next(lines)
            for at, line in enumerate(lines):
                low, high = np.searchsorted(in_file_order, [at, at + 1])
                if low < high:
                    cells = np.array(line[side:], dtype=object)[rows]
                    x[:, order[low:high]] = _numbers(cells, line[0], sigs, lost)[:, None]
        if lost:
            gene, sig, text = lost[0]
            raise SvqvaeError(
                f"{self.path}: {len(lost)} values are not numbers, first {brief(text)} at gene "
                f"{brief(gene)}, signature {brief(sig)}{say_wrong_number(text)}"
            )
        return x

    @contextmanager
    def _lines(self) -> Iterator[tuple[_Sizes, list[str], Iterator[list[str]]]]:
        """Yield sizes, header and the lines after it, each checked for its length."""
        try:
            with text_lines(self.path) as file:
                sizes = self._sizes(*self._first_lines(file))
                csv.field_size_limit(sys.maxsize)
                reader = (line for line in csv.reader(file, delimiter="\t") if line)
                header = next(reader, None)
                if header is None:
                    raise SvqvaeError(
                        f"{self.path}: not a whole GCT file (it ends after its second line)"
                    )
                yield sizes, header, self._checked(reader, header, sizes)
        except (csv.Error, *DAMAGE) as error:
            raise SvqvaeError(f"{self.path}: not a whole GCT file ({brief(error, 200)})") from error

    def _first_lines(self, file: IO[str]) -> tuple[str, list[str]]:
        """Return the version and the fields of the second line, as spreadsheets pad them too."""
        version, sizes = (file.readline(_LINE).strip().strip(_PADDING) for _ in range(2))
        for separator, word in ((",", "comma"), (";", "semicolon")):
            if version.rstrip(separator) in _VERSIONS and separator in version + sizes:
                raise SvqvaeError(
                    f"{self.path}: a GCT file between {word}s; write it between tabs, or delete "
                    "its first two lines and give it as a table of signatures"
                )
        return version, sizes.replace('"', "").split()

    def _checked(
        self, reader: Iterator[list[str]], header: list[str], sizes: _Sizes
    ) -> Iterator[list[str]]:
        count = 0
        for line in reader:
            if len(line) != len(header):
                raise SvqvaeError(
                    f"{self.path}: row {brief(line[0])} has {len(line)} fields, the header "
                    f"{len(header)}"
                )
            count += 1
            yield line
        found = (count, len(header))
        expected = (
            sizes.genes + sizes.signature_rows,
            1 + sizes.gene_columns + sizes.signatures,
        )
        if found != expected:
            raise SvqvaeError(
                f"{self.path}: the table is {found[0]} rows x {found[1]} columns, its second line "
                f"promises {expected[0]} x {expected[1]}"
            )

    def _sizes(self, version: str, sizes: list[str]) -> _Sizes:
        wanted = _VERSIONS.get(version)
        if wanted is None:
            raise SvqvaeError(
                f"{self.path}: first line is {brief(version, 20)}, expected #1.2 or #1.3"
            )
        whole = [s.isascii() and s.isdecimal() and len(s) <= _MAX_DIGITS for s in sizes[:wanted]]
        if len(sizes) < wanted or not all(whole):
            found = [s[:_MAX_DIGITS] for s in sizes[:4]]
            raise SvqvaeError(
                f"{self.path}: second line is {found}, expected {wanted} whole numbers"
            )
        n = [int(s) for s in sizes[:wanted]]
        # GCT 1.2 has one column of gene descriptions and no metadata of signatures.
        return _Sizes(*n) if wanted == 4 else _Sizes(n[0], n[1], 1, 0)


def _numbers(
    cells: np.ndarray, gene: str, sigs: np.ndarray, lost: list[tuple[str, str, str]]
) -> np.ndarray:
    """Return cells as float32, missing ones as NaN; note those that are no number in ``lost``."""
    values, wrong = parse_numbers(cells)
    lost += [(gene, sigs[at], cells[at]) for at in np.flatnonzero(wrong)]
    return values


def write_gct(
    path: str | Path,
    x: np.ndarray | Iterable[np.ndarray],
    obs: pd.DataFrame,
    var: pd.DataFrame,
) -> None:
    """Write signatures x genes with both metadata tables as GCT 1.3.

    Values are written with nine significant digits, which float32 survives exactly. ``.gz``,
    ``.bz2`` and ``.xz`` are packed so. GCT lies genes down: what comes in parts is put together.

    Raises
    ------
    SvqvaeError
        If an id, a name or a value would not be read back as it is.
    """
    path = Path(path)
    opener = write_opener(path)
    refuse_names(path, obs, var)
    refuse_line_breaks(path, obs, var)
    head = _as_text(obs).T
    side = _as_text(var)
    blank = pd.DataFrame(keys.LINCS_NULL, index=head.index, columns=side.columns)
    whole = x if isinstance(x, np.ndarray) else np.concatenate(list(x))
    (x,) = finite_parts(path, whole, obs, var)
    values = pd.DataFrame(x.T, index=var.index, columns=obs.index)
    with atomic_path(path) as temporary, opener(temporary, "wt", encoding="utf-8") as file:
        file.write(f"#1.3\n{len(var)}\t{len(obs)}\t{var.shape[1]}\t{obs.shape[1]}\n")
        header = csv.writer(file, delimiter="\t", lineterminator="\n")
        header.writerow(["id", *side.columns, *obs.index])
        options = {"sep": "\t", "header": False, "lineterminator": "\n"}
        pd.concat([blank, head], axis=1).to_csv(file, **options)
        pd.concat([side, values], axis=1).to_csv(file, float_format="%.9g", na_rep="NaN", **options)


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    # Before the matrix's own float format can round metadata.
    return table.astype(object).where(table.notna(), keys.LINCS_NULL).astype(str)
