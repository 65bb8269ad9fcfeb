"""Signatures in a plain table (TSV, CSV, Parquet): one row each, a column for each gene.

Metadata columns are named ``Metadata_...``, as in pycytominer's profiles; the signature id is
the column ``sig_id`` or ``Metadata_sig_id``, else the first one. All else is a gene.
"""

from __future__ import annotations

import gzip
import logging
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path
from svqvae.io.signature_file import WholeFile

log = logging.getLogger("svqvae")

PREFIX = "Metadata_"
_IDS = (keys.SIG_ID, PREFIX + keys.SIG_ID)
#: Values of the table parsed at a time.
_BLOCK_CELLS = 1 << 20
_NULLS = ["NA", "NaN", "nan", "null", "NULL"]
_PROBLEMS = (OSError, EOFError, zlib.error, pd.errors.EmptyDataError, pd.errors.ParserError)


def is_parquet(path: Path) -> bool:
    """Return whether a table is Parquet, by its name."""
    return path.suffix.lower() == ".parquet"


def separator(path: Path) -> str:
    """Return the separator of a text table, by its name."""
    return "," if ".csv" in path.name.lower()[-7:] else "\t"


class TableFile(WholeFile):
    """A table of signatures; parsed in parts, so that memory is the result and a buffer.

    Raises
    ------
    SvqvaeError
        If it is not a table, has no gene, or holds anything but numbers in one (the place is
        named; an empty field, as at the end of a cut line, is no number).
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        with self._plain_errors():
            columns = self._header()
        if len(set(columns)) < len(columns):
            twice = next(c for i, c in enumerate(columns) if c in columns[:i])
            raise SvqvaeError(f"{self.path}: two columns are called '{twice}'")
        self._id = next((c for c in _IDS if c in columns), columns[0])
        self._genes = [c for c in columns if c != self._id and not c.startswith(PREFIX)]
        self._metadata = [c for c in columns if c != self._id and c.startswith(PREFIX)]
        if not self._genes:
            raise SvqvaeError(
                f"{self.path}: no gene among its columns {columns[:5]}; expected ids in "
                f"'{keys.SIG_ID}' or the first column, metadata in '{PREFIX}...', then genes"
            )

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        import pyarrow

        try:
            yield
        except (*_PROBLEMS, pyarrow.ArrowException, UnicodeDecodeError) as error:
            raise SvqvaeError(f"{self.path}: not a table of signatures ({error})") from error

    def _header(self) -> list[str]:
        if is_parquet(self.path):
            import pyarrow.parquet as pq

            return list(pq.read_schema(self.path).names)
        return list(next(self._text(None, nrows=0)).columns)

    def _text(self, columns: list[str] | None, **options: Any) -> Iterator[pd.DataFrame]:
        chunk = max(1, _BLOCK_CELLS // max(1, len(columns or [""])))
        settings = {"sep": separator(self.path), "dtype": str, "keep_default_na": False, **options}
        if columns is None:
            yield pd.read_csv(self.path, **settings)
            return
        with pd.read_csv(self.path, usecols=columns, chunksize=chunk, **settings) as parts:
            for part in parts:
                yield part[columns]

    def _parts(self, columns: list[str]) -> Iterator[pd.DataFrame]:
        """Yield the columns of stretches of rows: text as it is, Parquet with its types."""
        if not is_parquet(self.path):
            yield from self._text(columns)
            return
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.path) as file:
            size = max(1, _BLOCK_CELLS // len(columns))
            for batch in file.iter_batches(batch_size=size, columns=columns):
                yield batch.to_pandas()[columns]

    @cached_property
    def obs(self) -> pd.DataFrame:  # type: ignore[override]
        """Signature table: the metadata columns without their prefix."""
        with self._plain_errors():
            table = pd.concat(self._parts([self._id, *self._metadata]), ignore_index=True)
        ids = pd.Index(table.pop(self._id).astype(str), dtype=object, name=None)
        table = table.set_axis([c.removeprefix(PREFIX) for c in self._metadata], axis=1)
        return table.mask(table.isin(["", keys.LINCS_NULL, -666])).set_axis(ids, axis=0)

    @cached_property
    def var(self) -> pd.DataFrame:  # type: ignore[override]
        """Gene table, without columns: such a file has no metadata of genes."""
        return pd.DataFrame(index=pd.Index(self._genes, dtype=object))

    def read(self, rows: np.ndarray, genes: np.ndarray) -> np.ndarray:
        """Return the chosen signatures x genes."""
        x = np.empty((len(rows), len(genes)), dtype=np.float32)
        order = np.argsort(rows, kind="stable")
        wanted, names = rows[order], [self._genes[g] for g in dict.fromkeys(genes.tolist())]
        at = pd.Index(names).get_indexer([self._genes[g] for g in genes])
        start = 0
        with self._plain_errors():
            for part in self._parts(names) if len(names) else ():
                mine = slice(*np.searchsorted(wanted, [start, start + len(part)]))
                values = self._numbers(part, start)
                x[order[mine]] = values[wanted[mine] - start][:, at]
                start += len(part)
        return x

    def _numbers(self, part: pd.DataFrame, start: int) -> np.ndarray:
        values = part.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float32)
        lost = np.isnan(values) & ~part.isin(_NULLS).to_numpy() & part.notna().to_numpy()
        if lost.any():
            row, gene = np.argwhere(lost)[0]
            raise SvqvaeError(
                f"{self.path}: '{part.iloc[row, gene]}' where a number belongs, at signature "
                f"'{self.obs.index[start + row]}', gene '{part.columns[gene]}'"
            )
        return values


def write_matrix_table(
    path: str | Path,
    x: np.ndarray | Iterable[np.ndarray],
    obs: pd.DataFrame,
    var: pd.DataFrame,
) -> None:
    """Write signatures x genes, as a whole or in parts, as TSV, CSV or Parquet.

    Values are written with nine significant digits. Gene metadata has no place in such a
    table and is left out, which is logged.
    """
    path = Path(path)
    if len(var.columns):
        log.warning("%s: a table has no place for the gene columns %s", path, list(var.columns))
    side = obs.set_axis([f"{PREFIX}{c}" for c in obs.columns], axis=1)
    side.insert(0, keys.SIG_ID, obs.index.astype(str))
    with atomic_path(path) as temporary:
        write = _write_parquet if is_parquet(path) else _write_text
        write(temporary, _frames(x, side, list(var.index)), path)


def _frames(
    x: np.ndarray | Iterable[np.ndarray], side: pd.DataFrame, genes: list[str]
) -> Iterator[pd.DataFrame]:
    start = 0
    for block in [x] if isinstance(x, np.ndarray) else x:
        part = side.iloc[start : start + len(block)]
        yield pd.concat([part, pd.DataFrame(block, index=part.index, columns=genes)], axis=1)
        start += len(block)


def _write_text(temporary: Path, frames: Iterator[pd.DataFrame], path: Path) -> None:
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    with opener(temporary, "wt", encoding="utf-8", newline="") as file:
        for number, frame in enumerate(frames):
            text = frame.astype({c: object for c in frame if str(c).startswith(PREFIX)})
            text.to_csv(
                file,
                sep=separator(path),
                index=False,
                header=number == 0,
                float_format="%.9g",
                lineterminator="\n",
            )


def _write_parquet(temporary: Path, frames: Iterator[pd.DataFrame], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    first = pa.Table.from_pandas(next(frames), preserve_index=False)
    with pq.ParquetWriter(temporary, first.schema) as writer:
        writer.write_table(first)
        for frame in frames:
            writer.write_table(
                pa.Table.from_pandas(frame, schema=first.schema, preserve_index=False)
            )
