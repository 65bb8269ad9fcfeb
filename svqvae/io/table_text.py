"""The columns of a text table, parsed in parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError
from svqvae.io.layout import layout_of
from svqvae.io.numbers import NULLS, parse_numbers, to_float32
from svqvae.io.table_body import (
    OddRows,
    body_stream,
    refuse_last_column,
    refuse_swallowed_lines,
)
from svqvae.io.table_columns import (
    ID_COLUMNS,
    PREFIX,
    Roles,
    refuse_columns,
    refuse_other_tables,
    refuse_twins,
)
from svqvae.io.table_ids import counts_rows, find_ids, refuse_numbers_as_ids, text_columns
from svqvae.io.text import DAMAGE, brief

if TYPE_CHECKING:
    import pyarrow as pa

#: Bytes that are parsed at a time.
_BLOCK_BYTES = 4 << 20


class TextTable:
    """Columns of text between tabs, commas or semicolons.

    Parameters
    ----------
    path
        In any encoding, packed or not; comments may stand before the header.

    Attributes
    ----------
    names
        Of the columns; row names, as R writes them without a header, are called ``""``.
    roles
        Which column is what.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._layout = layout_of(path)
        self.names = [""] * self._layout.one_more + self._layout.header
        refuse_twins(self.names, path)
        ids = self._find_ids()
        refuse_other_tables(self.names, ids, path)
        others = [at for at, name in enumerate(self.names) if name and at != ids]
        self.roles = Roles.by_name(self.names, ids, others)
        self._nameless = [at for at, name in enumerate(self.names) if not name and at != ids]

    def _find_ids(self) -> int:
        """Return the position of ids: row names, or what :func:`find_ids` says, or the first."""
        rows, names = self._layout.rows, self.names
        row_names = not names[0] and not counts_rows([row[0] for row in rows])
        if row_names and not set(ID_COLUMNS) & set(names):
            return 0
        found = find_ids(names, text_columns(rows, len(names)), self.path)
        if found is None and names[0].startswith(PREFIX):
            raise SvqvaeError(
                f"{self.path}: no column of ids; expected '{ID_COLUMNS[0]}' or '{ID_COLUMNS[1]}', "
                f"or a column of text that is no metadata; the first is {brief(names[0])}"
            )
        return found or 0

    @property
    def id_name(self) -> str:
        """What the column of ids is called."""
        return self.names[self.roles.ids]

    @property
    def told_by(self) -> str:
        """How its columns were told apart."""
        return f"taken to be {self._layout.word}-separated (tab, comma and semicolon are known)"

    def side(self) -> tuple[pd.Series, pd.DataFrame]:
        """Return ids and metadata as text, empty where it is empty; and check the rows' lengths."""
        import pyarrow as pa

        ids, metadata = self.roles.ids, self.roles.metadata
        last = [len(self.names) - 1] if self._layout.one_more else []
        wanted = list(dict.fromkeys([ids, *metadata, *self._nameless, *last]))
        parts = [part.to_pandas() for part in self._parts(wanted, pa.string())]
        columns = [str(at) for at in wanted]
        table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
        table = table.astype(object)
        refuse_swallowed_lines(table.set_axis([self.names[at] for at in wanted], axis=1), self.path)
        if last and len(table) and (table[str(last[0])].str.strip() == "").all():
            refuse_last_column(table["0"].iloc[0], self.path)
        self._refuse_nameless(table)
        if self.id_name not in ID_COLUMNS:
            refuse_numbers_as_ids(self.id_name, table[str(ids)], self.path)
        side = table[[str(at) for at in metadata]]
        return table[str(ids)], side.set_axis([self.names[at] for at in metadata], axis=1)

    def _refuse_nameless(self, table: pd.DataFrame) -> None:
        for at in self._nameless:
            filled = table[str(at)].str.strip() != ""
            # Row numbers of R or pandas before a column of ids are nobody's values.
            if filled.any() and at:
                raise SvqvaeError(
                    f"{self.path}: column {at + 1} of {len(self.names)} has no name but values, "
                    f"first {brief(table[str(at)][filled].iloc[0])}; name it"
                )

    def numbers(self, wanted: Sequence[int], ids: pd.Index) -> Iterator[np.ndarray]:
        """Yield stretches of rows x the wanted columns as float32, missing values as NaN.

        Parameters
        ----------
        ids
            Of all rows, for errors.
        """
        import pyarrow as pa

        done = 0
        try:
            for part in self._parts(wanted, pa.float64()):
                columns = [c.to_numpy(zero_copy_only=False) for c in part.columns]
                x = np.stack(columns, axis=1)
                if np.isnan(x).sum() != sum(c.null_count for c in part.columns):
                    break  # "nan(1)" and the like
                yield to_float32(x)
                done += len(part)
            else:
                return
        except pa.ArrowInvalid:
            pass  # something that is no number for pyarrow, or a row of another length
        yield from self._numbers_of_text(wanted, ids, done)

    def _numbers_of_text(
        self, wanted: Sequence[int], ids: pd.Index, done: int
    ) -> Iterator[np.ndarray]:
        """Yield as :meth:`numbers` from row ``done`` on, each cell looked at."""
        import pyarrow as pa

        start, n = 0, 0
        wrong: dict[str, tuple[str, str]] = {}
        for part in self._parts(wanted, pa.string()):
            rows = part.slice(max(0, done - start))
            first = start + len(part) - len(rows)
            start += len(part)
            if not len(rows):
                continue
            x = np.empty((len(rows), len(wanted)), dtype=np.float32)
            for at, column in enumerate(rows.columns):
                cells = column.to_numpy(zero_copy_only=False)
                x[:, at], lost = parse_numbers(cells)
                if lost.any():
                    n += int(lost.sum())
                    row = int(lost.argmax())
                    name = self.names[wanted[at]]
                    wrong.setdefault(name, (cells[row], f"signature {brief(ids[first + row])}"))
            yield x
        refuse_columns(wrong, n, self.path, all_of=len(wanted))

    def _parts(self, wanted: Sequence[int], kind: pa.DataType) -> Iterator[pa.RecordBatch]:
        """Yield stretches of rows of columns, named by position."""
        import pyarrow.csv as pc

        layout = self._layout
        names = [str(at) for at in range(len(self.names))]
        columns = [str(at) for at in wanted]
        odd = OddRows(self.path, layout)
        with self._plain_errors(odd), body_stream(self.path, layout) as stream:
            if not stream.peek(1).strip():
                return
            block = max(_BLOCK_BYTES, 8 * layout.longest)
            yield from pc.open_csv(
                stream,
                read_options=pc.ReadOptions(
                    column_names=names, use_threads=False, block_size=block
                ),
                parse_options=odd.parse_options(),
                convert_options=pc.ConvertOptions(
                    column_types=dict.fromkeys(columns, kind),
                    include_columns=columns,
                    null_values=NULLS,
                    strings_can_be_null=False,
                ),
            )

    @contextmanager
    def _plain_errors(self, odd: OddRows) -> Iterator[None]:
        import pyarrow as pa

        try:
            yield
        except pa.ArrowInvalid as error:
            odd.refuse(error)
            # A word among numbers: `numbers` looks closer.
            raise
        except (pa.ArrowException, *DAMAGE) as error:
            raise SvqvaeError(
                f"{self.path}: not a table of signatures, or cut or damaged ({brief(error, 200)})"
            ) from error
        odd.refuse()
