"""The columns of a Parquet file of signatures, read in parts; pandas' index is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.limits import fitting, require_memory
from svqvae.io.numbers import to_float32
from svqvae.io.table_columns import (
    ID_COLUMNS,
    Roles,
    refuse_columns,
    refuse_other_tables,
    refuse_twins,
)
from svqvae.io.table_ids import find_ids, refuse_numbers_as_ids
from svqvae.io.text import brief, compression_of

if TYPE_CHECKING:
    import pyarrow as pa

#: Values that are read at a time.
_BLOCK_CELLS = 1 << 20


class ParquetTable:
    """Columns of a Parquet file.

    Ids are in ``sig_id`` or ``Metadata_sig_id``, else in the index that pandas wrote, else in the
    one column of text, or in a first one of whole numbers that is called as ids are.

    Attributes
    ----------
    names
        Of the columns, an index of pandas by the name that it had.
    roles
        Which column is what; ids are -1 where they are pandas' numbers of rows.
    """

    told_by = "as Parquet names them"

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet as pq

        self.path = path
        if packed := compression_of(path):
            raise SvqvaeError(
                f"{path}: packed as {packed}, and Parquet packs itself; unpack it, or name it as "
                "what it is"
            )
        with self._plain_errors():
            self._schema = pq.read_schema(path)
            stored = self._schema.pandas_metadata or {}
        # Each call of `types` makes the whole list anew.
        self._fields, self._types = list(self._schema.names), list(self._schema.types)
        refuse_twins(self._fields, path)
        self._index, self._range = _index_of(stored, self._fields)
        self.names = [self._index.get(f, f) for f in self._fields]
        ids = self._ids()
        # An index is no gene, whatever it is called.
        plain = [at for at, f in enumerate(self._fields) if at != ids and f not in self._index]
        if ids < 0 or self.names[ids] not in ID_COLUMNS:
            around = [self.names[at] for at in ([ids] if ids >= 0 else []) + plain]
            refuse_other_tables(around, 0 if ids >= 0 else None, path)
        named_index = [
            at
            for at, f in enumerate(self._fields)
            if at != ids and f in self._index and self._index[f]
        ]
        roles = Roles.by_name(self.names, ids, plain)
        self.roles = roles._replace(metadata=[*roles.metadata, *named_index])

    @property
    def id_name(self) -> str:
        """What the column of ids is called."""
        return self.names[self.roles.ids] if self.roles.ids >= 0 else ""

    def _ids(self) -> int:
        if called := [c for c in ID_COLUMNS if c in self.names]:
            return self.names.index(called[0])
        if len(self._index) == 1:
            return self._fields.index(next(iter(self._index)))
        if self._index:
            levels = ", ".join(brief(name) for name in self._index.values())
            raise SvqvaeError(
                f"{self.path}: no column '{keys.SIG_ID}', and an index of {len(self._index)} "
                f"levels ({levels}); call the one that holds the ids '{keys.SIG_ID}'"
            )
        text = [at for at, kind in enumerate(self._types) if _is_text(kind)]
        whole = bool(self._types) and _is_whole(self._types[0])
        if (found := find_ids(self._fields, text, self.path, whole=whole)) is not None:
            return found
        if self._range is not None:
            return -1
        raise SvqvaeError(
            f"{self.path}: no column of ids; expected '{keys.SIG_ID}', an index, or a column of "
            f"text; the first is {brief(self._fields[0] if self._fields else '')}"
        )

    def side(self) -> tuple[pd.Series, pd.DataFrame]:
        """Return ids as text and metadata in its own types."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        metadata = self.roles.metadata
        for at in metadata:
            if pa.types.is_nested(self._types[at]):
                raise SvqvaeError(
                    f"{self.path}: column {brief(self.names[at])} holds {self._types[at]}; "
                    "expected one value a signature"
                )
        with self._plain_errors():
            fields = [self._fields[at] for at in metadata]
            n = pq.read_metadata(self.path).num_rows
            # A file of some kilobytes may hold one value a billion times.
            require_memory(64 * n * (1 + len(fields)), f"{self.path}: its {n} rows of metadata")
            table = pq.read_table(self.path, columns=fields) if fields else None
            ids = self._id_text(n)
        if table is None:
            return ids, pd.DataFrame(index=pd.RangeIndex(n))
        frame = table.to_pandas(ignore_metadata=True, integer_object_nulls=True)
        names = [self.names[at] for at in metadata]
        return ids, frame[fields].set_axis(names, axis=1)

    def _id_text(self, n: int) -> pd.Series:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self.roles.ids < 0 and self._range is not None:
            start, step = self._range
            return pd.Series(start + step * np.arange(n)).astype(str)
        field = self._fields[self.roles.ids]
        column = _decoded(pq.read_table(self.path, columns=[field]).column(field).combine_chunks())
        if pa.types.is_nested(column.type):
            raise SvqvaeError(f"{self.path}: its ids, {brief(field)}, are {column.type}, not text")
        if pa.types.is_floating(column.type):
            values = pd.Series(column.to_numpy(zero_copy_only=False))
            whole = (values.dropna() % 1 == 0).all()
            text = values.astype("Int64" if whole else object).astype(object)
            return text.where(values.notna(), "").astype(str)
        text = column.cast(pa.string()).fill_null("").to_pandas()
        if field not in self._index and self.id_name not in ID_COLUMNS:
            refuse_numbers_as_ids(self.id_name, text, self.path)
        return text

    def numbers(self, wanted: Sequence[int], ids: pd.Index) -> Iterator[np.ndarray]:
        """Yield stretches of rows x the wanted columns as float32, missing values as NaN."""
        import pyarrow.parquet as pq

        self._refuse_text(wanted, ids)
        size = max(1, _BLOCK_CELLS // max(1, len(wanted)))
        fields = [self._fields[at] for at in wanted]
        with self._plain_errors(), pq.ParquetFile(self.path) as file:
            for part in file.iter_batches(batch_size=size, columns=fields):
                yield to_float32(np.stack([_values(part.column(f)) for f in fields], axis=1))

    def _refuse_text(self, wanted: Sequence[int], ids: pd.Index) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        wrong: dict[str, tuple[str, str]] = {}
        for at in wanted:
            kind = self._types[at]
            kind = kind.value_type if pa.types.is_dictionary(kind) else kind
            if not _is_number(kind):
                value = kind
                if len(ids) and len(wrong) < 5:
                    with self._plain_errors(), pq.ParquetFile(self.path) as file:
                        part = next(file.iter_batches(batch_size=1, columns=[self._fields[at]]))
                    value = part.column(0)[0].as_py()
                wrong[self.names[at]] = (str(value), f"of type {kind}")
        refuse_columns(wrong, 0, self.path, all_of=len(wanted))

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        import pyarrow as pa

        try:
            with fitting(self.path):
                yield
        # ValueError: the text that pandas left in the file cannot be understood.
        except (OSError, EOFError, ValueError, pa.ArrowException) as error:
            raise SvqvaeError(
                f"{self.path}: not a table of signatures in Parquet ({brief(error, 200)})"
            ) from error


def _index_of(
    stored: dict[str, Any], fields: list[str]
) -> tuple[dict[str, str], tuple[int, int] | None]:
    """Return the names of pandas' index by field, and start and step of numbers of rows."""
    index, numbers = stored.get("index_columns", []), None
    for level in index:
        if isinstance(level, dict) and level.get("kind") == "range":
            numbers = (int(level.get("start") or 0), int(level.get("step") or 1))
    columns = {c.get("field_name"): c.get("name") for c in stored.get("columns", [])}
    levels = [f for f in index if isinstance(f, str) and f in fields]
    return {f: str(columns.get(f) or "") for f in levels}, numbers


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return not (_is_number(kind) or pa.types.is_boolean(kind) or pa.types.is_nested(kind))


def _is_whole(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind))


def _is_number(kind: pa.DataType) -> bool:
    import pyarrow as pa

    types = pa.types
    return bool(
        types.is_floating(kind)
        or types.is_integer(kind)
        or types.is_decimal(kind)
        or types.is_null(kind)
    )


def _decoded(column: pa.Array) -> pa.Array:
    import pyarrow as pa

    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _values(column: pa.Array) -> np.ndarray:
    """Return numbers of any type as float64, missing ones as NaN."""
    import pyarrow as pa

    column = _decoded(column)
    if pa.types.is_decimal(column.type) or pa.types.is_null(column.type):
        column = column.cast(pa.float64())
    return column.to_numpy(zero_copy_only=False).astype(np.float64)
