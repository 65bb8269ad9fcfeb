"""GCT 1.2 and 1.3, the text form: genes down, signatures across; read line by line."""

from __future__ import annotations

import codecs
import csv
import gzip
import sys
import zlib
from collections.abc import Callable, Iterator
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
from svqvae.io.signature_file import WholeFile
from svqvae.io.tables import refuse_line_breaks

#: Cells that are missing values; all else in the matrix must be a number.
_NULLS = {"", "na", "nan", "null", *keys.LINCS_NULLS}


def _latin1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


# Bytes that are not UTF-8 are Latin-1, as in GCTX.
codecs.register_error("svqvae.latin-1", _latin1)


class _Sizes(NamedTuple):
    genes: int
    signatures: int
    gene_columns: int
    signature_rows: int


class GctFile(WholeFile):
    """A GCT file, plain or gzip; one line is held at a time, beside what is asked for.

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
        for names in ([line[0] for line in head], header[1:side]):
            if len(set(names)) < len(names):
                twice = next(n for i, n in enumerate(names) if n in names[:i])
                raise SvqvaeError(f"{self.path}: two metadata fields are called '{twice}'")
        obs = pd.DataFrame([line[side:] for line in head], dtype=object).T
        obs = obs.set_axis(pd.Index([line[0] for line in head], dtype=object), axis=1)
        obs = obs.set_axis(pd.Index(header[side:], dtype=object), axis=0)
        var = pd.DataFrame([line[1:] for line in body], dtype=object)
        var = var.set_axis(pd.Index(header[1:side], dtype=object), axis=1)
        var = var.set_axis(pd.Index([line[0] for line in body], dtype=object), axis=0)
        obs, var = (t.mask(t.isin(keys.LINCS_NULLS)) for t in (obs, var))
        return obs, var

    @property
    def obs(self) -> pd.DataFrame:  # type: ignore[override]
        """Signature table as text; -666 is missing."""
        return self._tables[0]

    @property
    def var(self) -> pd.DataFrame:  # type: ignore[override]
        """Gene table as text; -666 is missing."""
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
                f"{self.path}: {len(lost)} values are not numbers, first '{text}' at gene "
                f"'{gene}', signature '{sig}'"
            )
        return x

    @contextmanager
    def _lines(self) -> Iterator[tuple[_Sizes, list[str], Iterator[list[str]]]]:
        """Yield sizes, header and the lines after it, each checked for its length."""
        try:
            with _opener(self.path)(
                self.path, "rt", encoding="utf-8", errors="svqvae.latin-1", newline=""
            ) as file:
                sizes = self._sizes(file.readline().strip(), file.readline().split())
                csv.field_size_limit(sys.maxsize)
                reader = (line for line in csv.reader(file, delimiter="\t") if line)
                header = next(reader, None)
                if header is None:
                    raise SvqvaeError(
                        f"{self.path}: not a whole GCT file (it ends after its second line)"
                    )
                yield sizes, header, self._checked(reader, header, sizes)
        except (OSError, EOFError, zlib.error, csv.Error) as error:
            raise SvqvaeError(f"{self.path}: not a whole GCT file ({error})") from error

    def _checked(
        self, reader: Iterator[list[str]], header: list[str], sizes: _Sizes
    ) -> Iterator[list[str]]:
        count = 0
        for line in reader:
            if len(line) != len(header):
                raise SvqvaeError(
                    f"{self.path}: row '{line[0]}' has {len(line)} fields, the header {len(header)}"
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
        wanted = {"#1.2": 2, "#1.3": 4}.get(version)
        if wanted is None:
            raise SvqvaeError(f"{self.path}: first line is '{version[:20]}', expected #1.2 or #1.3")
        if len(sizes) < wanted or not all(s.isdigit() for s in sizes[:wanted]):
            raise SvqvaeError(
                f"{self.path}: second line is {sizes[:4]}, expected {wanted} whole numbers"
            )
        n = [int(s) for s in sizes[:wanted]]
        # GCT 1.2 has one column of gene descriptions and no metadata of signatures.
        return _Sizes(*n) if wanted == 4 else _Sizes(n[0], n[1], 1, 0)


def _numbers(
    cells: np.ndarray, gene: str, sigs: np.ndarray, lost: list[tuple[str, str, str]]
) -> np.ndarray:
    """Return cells as float32, missing ones as NaN; note those that are no number in ``lost``."""
    values = pd.to_numeric(cells, errors="coerce").astype(np.float32)
    values[values == float(keys.LINCS_NULL)] = np.nan
    empty = np.flatnonzero(np.isnan(values))
    lost += [(gene, sigs[at], cells[at]) for at in empty if cells[at].strip().lower() not in _NULLS]
    return values


def write_gct(path: str | Path, x: np.ndarray, obs: pd.DataFrame, var: pd.DataFrame) -> None:
    """Write signatures x genes with both metadata tables as GCT 1.3.

    Values are written with nine significant digits, which float32 survives exactly.
    """
    path = Path(path)
    refuse_line_breaks(path, obs, var)
    head = _as_text(obs).T
    side = _as_text(var)
    blank = pd.DataFrame(keys.LINCS_NULL, index=head.index, columns=side.columns)
    values = pd.DataFrame(np.asarray(x).T, index=var.index, columns=obs.index)
    with atomic_path(path) as temporary, _opener(path)(temporary, "wt", encoding="utf-8") as file:
        file.write(f"#1.3\n{len(var)}\t{len(obs)}\t{var.shape[1]}\t{obs.shape[1]}\n")
        header = csv.writer(file, delimiter="\t", lineterminator="\n")
        header.writerow(["id", *side.columns, *obs.index])
        options = {"sep": "\t", "header": False, "lineterminator": "\n"}
        pd.concat([blank, head], axis=1).to_csv(file, **options)
        pd.concat([side, values], axis=1).to_csv(file, float_format="%.9g", na_rep="NaN", **options)


def _opener(path: Path) -> Callable[..., IO[str]]:
    return gzip.open if path.suffix.lower() == ".gz" else open


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    # Before the matrix's own float format can round metadata.
    return table.astype(object).where(table.notna(), keys.LINCS_NULL).astype(str)
