"""Signatures in a plain table (TSV, CSV, Parquet): one row each, a column for each gene.

Metadata columns are named ``Metadata_...``, as in pycytominer's profiles; the signature id is
the column ``sig_id`` or ``Metadata_sig_id``, else the first one. All else is a gene.
"""

from __future__ import annotations

import csv
import gzip
import logging
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path
from svqvae.io.signature_file import WholeFile
from svqvae.io.tables import refuse_line_breaks

if TYPE_CHECKING:
    import pyarrow as pa

log = logging.getLogger("svqvae")

PREFIX = "Metadata_"
_IDS = (keys.SIG_ID, PREFIX + keys.SIG_ID)
#: Values of Parquet, and bytes of text, that are parsed at a time.
_BLOCK_CELLS, _BLOCK_BYTES = 1 << 20, 4 << 20
_NULLS = ["NA", "NaN", "nan", "null", "NULL"]


def is_parquet(path: Path) -> bool:
    """Return whether a table is Parquet, by its name."""
    return path.suffix.lower() == ".parquet"


def separator(path: Path) -> str:
    """Return the separator of a text table, by its name."""
    return "," if ".csv" in path.name.lower()[-7:] else "\t"


def _opener(path: Path) -> Callable[..., IO[str]]:
    return gzip.open if path.suffix.lower() == ".gz" else open


class TableFile(WholeFile):
    """A table of signatures; parsed in parts, so that memory is the result and a buffer.

    Raises
    ------
    SvqvaeError
        If it is not a table, has no gene, a line of another length, or holds anything but
        numbers in a gene (an empty field is none).
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
        import pyarrow as pa

        try:
            yield
        except (OSError, EOFError, pa.ArrowException) as error:
            raise SvqvaeError(f"{self.path}: not a table of signatures ({error})") from error

    def _header(self) -> list[str]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if is_parquet(self.path):
            return list(pq.read_schema(self.path).names)
        try:
            with _opener(self.path)(self.path, "rt", encoding="utf-8-sig", newline="") as file:
                csv.field_size_limit(sys.maxsize)
                header = next(csv.reader(file, delimiter=separator(self.path)), [])
        except (UnicodeDecodeError, zlib.error) as error:
            raise pa.ArrowInvalid(str(error)) from error
        if not header:
            raise pa.ArrowInvalid("it is empty")
        return header

    def _parts(self, columns: list[str], kind: Any) -> Iterator[pa.RecordBatch]:
        """Yield the columns of stretches of rows; text is parsed as ``kind``."""
        import pyarrow as pa
        import pyarrow.csv as pc
        import pyarrow.parquet as pq

        if is_parquet(self.path):
            with pq.ParquetFile(self.path) as file:
                size = max(1, _BLOCK_CELLS // len(columns))
                yield from file.iter_batches(batch_size=size, columns=columns)
            return
        with pa.input_stream(str(self.path), compression="detect") as stream:
            yield from pc.open_csv(
                stream,
                read_options=pc.ReadOptions(block_size=_BLOCK_BYTES, use_threads=False),
                parse_options=pc.ParseOptions(
                    delimiter=separator(self.path), newlines_in_values=True
                ),
                convert_options=pc.ConvertOptions(
                    column_types=dict.fromkeys(columns, kind),
                    include_columns=columns,
                    null_values=_NULLS,
                ),
            )

    @cached_property
    def obs(self) -> pd.DataFrame:  # type: ignore[override]
        """Signature table: the metadata columns without their prefix."""
        import pyarrow as pa

        with self._plain_errors():
            parts = list(self._parts([self._id, *self._metadata], pa.string()))
        table = pd.concat([p.to_pandas() for p in parts]) if parts else pd.DataFrame({self._id: []})
        ids = pd.Index(table.pop(self._id).astype(str), dtype=object, name=None)
        table = table.rename(columns=lambda c: c.removeprefix(PREFIX))
        return table.mask(table.isin(["", *keys.LINCS_NULLS, -666])).set_axis(ids, axis=0)

    @cached_property
    def var(self) -> pd.DataFrame:  # type: ignore[override]
        """Gene table, without columns: such a file has no metadata of genes."""
        return pd.DataFrame(index=pd.Index(self._genes, dtype=object))

    def read(self, rows: np.ndarray, genes: np.ndarray) -> np.ndarray:
        """Return the chosen signatures x genes."""
        import pyarrow as pa

        x = np.empty((len(rows), len(genes)), dtype=np.float32)
        order = np.argsort(rows, kind="stable")
        wanted, names = rows[order], [self._genes[g] for g in dict.fromkeys(genes.tolist())]
        at = pd.Index(names).get_indexer([self._genes[g] for g in genes])
        start = 0
        with self._plain_errors():
            for part in self._parts(names, pa.float32()) if names else ():
                mine = slice(*np.searchsorted(wanted, [start, start + len(part)]))
                columns = [_numbers(part, name, self.path) for name in names]
                x[order[mine]] = np.stack(columns, axis=1)[wanted[mine] - start][:, at]
                start += len(part)
        return x


def _numbers(part: pa.RecordBatch, name: str, path: Path) -> np.ndarray:
    """Return a gene's values; Parquet may hold it as any type of number, but as nothing else."""
    import pyarrow as pa

    column = part.column(name)
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        raise SvqvaeError(f"{path}: gene '{name}' holds {column.type}, not numbers")
    return column.to_numpy(zero_copy_only=False).astype(np.float32)


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
    if not is_parquet(path):
        refuse_line_breaks(path, obs)
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
    with _opener(path)(temporary, "wt", encoding="utf-8", newline="") as file:
        for number, frame in enumerate(frames):
            for name in [c for c in frame if str(c).startswith(PREFIX)]:
                column = frame[name].astype(object)
                frame[name] = column.where(column.notna(), "")
            frame.to_csv(
                file,
                sep=separator(path),
                index=False,
                header=number == 0,
                float_format="%.9g",
                na_rep="NaN",
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
