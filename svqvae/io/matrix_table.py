"""Signatures in a plain table (TSV, CSV, Parquet): one row each, a column for each gene.

Metadata columns are named ``Metadata_...``, as in pycytominer's profiles; the signature id is
the column ``sig_id`` or ``Metadata_sig_id``, else an index that pandas or R wrote, else the one
column of text, whatever it is called (:mod:`svqvae.io.table_ids`). All else is a gene.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.matrix_table_writer import is_parquet, write_matrix_table
from svqvae.io.missing import without_missing_words
from svqvae.io.signature_file import WholeFile
from svqvae.io.table_columns import (
    ID_COLUMNS,
    PREFIX,
    looks_like_metadata,
    refuse_columns,
    refuse_genes_as_rows,
)
from svqvae.io.table_parquet import ParquetTable
from svqvae.io.table_text import TextTable
from svqvae.io.text import brief

__all__ = ["PREFIX", "TableFile", "is_parquet", "write_matrix_table"]


class TableFile(WholeFile):
    """A table of signatures; parsed in parts, so that memory is the result and a buffer.

    Raises
    ------
    SvqvaeError
        If it is not a table, has no ids or no gene, lies genes down, has a line of another
        length, or holds anything but numbers and words for missing values in a gene.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        self._table = ParquetTable(self.path) if is_parquet(self.path) else TextTable(self.path)
        self._genes = [self._table.names[at] for at in self._table.roles.genes]
        if not self._genes:
            columns = [name for name in self._table.names[:5] if name]
            raise SvqvaeError(
                f"{self.path}: no gene among its columns {brief(columns, 120)}, "
                f"{self._table.told_by}; expected ids in '{keys.SIG_ID}' or one column of text, "
                f"metadata in '{PREFIX}...', and genes"
            )

    @cached_property
    def obs(self) -> pd.DataFrame:  # type: ignore[override]
        """Signature table: the metadata columns without their prefix.

        Its index bears the name of the column of ids, where that is one of its own (``drug``).
        """
        ids, table = self._table.side()
        called = self._table.id_name
        own = None if called in ("", *ID_COLUMNS) else called
        # Without blanks around, as in GCTX.
        names = pd.Index(ids.astype(str).str.strip().to_numpy(), dtype=object, name=own)
        if (names == "").any():
            row = int((names == "").argmax()) + 1
            raise SvqvaeError(f"{self.path}: row {row} of its {len(names)} signatures has no id")
        if self._table.id_name not in ID_COLUMNS:
            refuse_genes_as_rows(names, self._genes, self.path)
        columns = [str(c).removeprefix(PREFIX) for c in table.columns]
        if keys.SIG_ID in columns and not (table[PREFIX + keys.SIG_ID] == ids).all():
            raise SvqvaeError(
                f"{self.path}: '{PREFIX}{keys.SIG_ID}' and {brief(self._table.id_name)} are both "
                "ids and differ; leave one"
            )
        nameless = [c for c in columns if not c.strip()]
        twice = [c for i, c in enumerate(columns) if c in columns[:i]]
        if nameless or twice:
            problem = f"two are called {brief(twice[0])}" if twice else f"'{PREFIX}' has no name"
            raise SvqvaeError(f"{self.path}: of its columns of metadata {problem}; rename it")
        return without_missing_words(table.set_axis(columns, axis=1)).set_axis(names, axis=0)

    @cached_property
    def var(self) -> pd.DataFrame:  # type: ignore[override]
        """Gene table, without columns: such a file has no metadata of genes."""
        return pd.DataFrame(index=pd.Index(self._genes, dtype=object))

    def read(self, rows: np.ndarray, genes: np.ndarray) -> np.ndarray:
        """Return the chosen signatures x genes; -666 and words for missing values are NaN."""
        x = np.empty((len(rows), len(genes)), dtype=np.float32)
        if not len(genes) or not len(self.obs):
            return x
        order = np.argsort(rows, kind="stable")
        wanted, distinct = rows[order], list(dict.fromkeys(genes.tolist()))
        at = pd.Index(distinct).get_indexer(genes)
        start = 0
        columns = [self._table.roles.genes[g] for g in distinct]
        for part in self._table.numbers(columns, self.obs.index):
            mine = slice(*np.searchsorted(wanted, [start, start + len(part)]))
            x[order[mine]] = part[wanted[mine] - start][:, at]
            start += len(part)
        if start != len(self.obs):
            raise SvqvaeError(
                f"{self.path}: {start} rows of numbers, {len(self.obs)} of ids; was it changed "
                "while it was read?"
            )
        if len(rows):
            self._refuse_metadata(x[0], genes)
        return x

    def _refuse_metadata(self, values: np.ndarray, genes: np.ndarray) -> None:
        """Numbers called ``pert_time`` or ``tas`` are no gene's."""
        named = zip([self._genes[g] for g in genes], values, strict=True)
        wrong = {n: (f"{v:g}", "a name of metadata") for n, v in named if looks_like_metadata(n)}
        refuse_columns(wrong, 0, self.path, all_of=-1)
