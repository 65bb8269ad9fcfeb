"""Write signatures as a plain table (TSV, CSV, Parquet) that is read back exactly."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path
from svqvae.io.layout import separator_by_name
from svqvae.io.table_columns import ID_COLUMNS, PREFIX, looks_like_metadata
from svqvae.io.tables import refuse_line_breaks
from svqvae.io.text import brief, write_opener

if TYPE_CHECKING:
    import pyarrow as pa

log = logging.getLogger("svqvae")


def is_parquet(path: Path) -> bool:
    """Return whether a table is Parquet, by its name."""
    return ".parquet" in path.name.lower()[-len(".parquet.bz2") :]


def write_matrix_table(
    path: str | Path,
    x: np.ndarray | Iterable[np.ndarray],
    obs: pd.DataFrame,
    var: pd.DataFrame,
) -> None:
    """Write signatures x genes, as a whole or in parts, as TSV, CSV or Parquet.

    Values are written with nine significant digits. Gene metadata has no place in such a
    table and is left out, which is logged. ``.gz``, ``.bz2`` and ``.xz`` are packed so.

    Raises
    ------
    SvqvaeError
        If an id, a name or a value would not be read back as it is.
    """
    path = Path(path)
    parquet = is_parquet(path)
    if parquet and path.suffix.lower() != ".parquet":
        raise SvqvaeError(f"{path}: Parquet packs itself; write it as .parquet")
    refuse_names(path, obs, var)
    _refuse_roles(path, obs, var)
    if not parquet:
        write_opener(path)
        refuse_line_breaks(path, obs)
    if len(var.columns):
        log.warning("%s: a table has no place for the gene columns %s", path, list(var.columns))
    side = obs.set_axis([f"{PREFIX}{c}" for c in obs.columns], axis=1)
    side.insert(0, keys.SIG_ID, obs.index.astype(str))
    with atomic_path(path) as temporary:
        write = _write_parquet if parquet else _write_text
        write(temporary, side, list(var.index), finite_parts(path, x, obs, var), path)


def refuse_names(path: Path, obs: pd.DataFrame, var: pd.DataFrame) -> None:
    """Raise an error for ids and names of columns that text does not give back."""
    problems = []
    for what, names in (
        ("signature", obs.index),
        ("gene", var.index),
        ("column of signatures", obs.columns),
        ("column of genes", var.columns),
    ):
        text = pd.Series(names.astype(str), dtype=object)
        for bad, why in (
            (text.duplicated(), "occurs twice"),
            (text.str.strip() == "", "is empty"),
            (text.str.strip() != text, "has blanks around it"),
            (text.str.contains(r"[\r\n\0]"), "holds a line break"),
        ):
            if bad.any():
                problems.append(f"{path}: {what} {brief(text[bad].iloc[0])} {why}; rename it")
    if problems:
        raise SvqvaeError(problems)


def _refuse_roles(path: Path, obs: pd.DataFrame, var: pd.DataFrame) -> None:
    genes = [str(g) for g in var.index]
    if not genes:
        raise SvqvaeError(f"{path}: no gene to write; write h5ad or GCTX")
    taken = [g for g in genes if g.startswith(PREFIX) or g in ID_COLUMNS or looks_like_metadata(g)]
    if taken:
        raise SvqvaeError(
            f"{path}: {len(taken)} genes are called like metadata, first {brief(taken[0])}, and "
            "would be read as that; rename them, or write h5ad or GCTX"
        )
    if keys.SIG_ID in obs and not (obs[keys.SIG_ID].astype(str) == obs.index.astype(str)).all():
        raise SvqvaeError(
            f"{path}: the column '{keys.SIG_ID}' of these signatures is not their ids; rename it"
        )


def finite_parts(
    path: Path, x: np.ndarray | Iterable[np.ndarray], obs: pd.DataFrame, var: pd.DataFrame
) -> Iterator[np.ndarray]:
    """Yield the parts of a matrix as float32.

    Raises
    ------
    SvqvaeError
        If a value is beyond float32, in which signatures are read.
    """
    start = 0
    for block in [x] if isinstance(x, np.ndarray) else x:
        with np.errstate(over="ignore"):
            part = np.asarray(block, dtype=np.float32)
        lost = np.isinf(part) & np.isfinite(block)
        if lost.any():
            row, gene = np.argwhere(lost)[0]
            raise SvqvaeError(
                f"{path}: the value {block[row, gene]:g} of signature "
                f"{brief(obs.index[start + row])}, gene {brief(var.index[gene])}, is beyond float32"
            )
        yield part
        start += len(part)


def _frames(
    side: pd.DataFrame, genes: list[str], parts: Iterable[np.ndarray]
) -> Iterator[pd.DataFrame]:
    start = 0
    for block in parts:
        part = side.iloc[start : start + len(block)]
        values = pd.DataFrame(block, index=part.index, columns=pd.Index(genes, dtype=object))
        yield pd.concat([part, values], axis=1)
        start += len(block)


def _write_text(
    temporary: Path, side: pd.DataFrame, genes: list[str], parts: Iterable[np.ndarray], path: Path
) -> None:
    empty = np.empty((0, len(genes)), np.float32)
    with write_opener(path)(temporary, "wt", encoding="utf-8", newline="") as file:
        for number, frame in enumerate(_frames(side, genes, chain([empty], parts))):
            for name in [c for c in frame if str(c).startswith(PREFIX)]:
                column = frame[name].astype(object)
                frame[name] = column.where(column.notna(), "")
            frame.to_csv(
                file,
                sep=separator_by_name(path),
                index=False,
                header=number == 0,
                float_format="%.9g",
                na_rep="NaN",
                lineterminator="\n",
            )


def _write_parquet(
    temporary: Path, side: pd.DataFrame, genes: list[str], parts: Iterable[np.ndarray], path: Path
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    side = side.apply(_one_type)
    schema = _schema(side, genes)
    with pq.ParquetWriter(temporary, schema) as writer:
        for frame in _frames(side, genes, parts):
            writer.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))


def _one_type(column: pd.Series) -> pd.Series:
    """Return mixed values as text: a column of Parquet has one type."""
    if column.dtype != object:
        return column
    return column.map(str, na_action="ignore").where(column.notna(), None)


def _schema(side: pd.DataFrame, genes: list[str]) -> pa.Schema:
    """Return the types of all rows: those of the first part may hold no value of a column."""
    import pyarrow as pa

    fields = pa.Schema.from_pandas(side, preserve_index=False).remove_metadata()
    return pa.schema([*fields, *(pa.field(gene, pa.float32()) for gene in genes)])
