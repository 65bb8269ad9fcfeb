"""Metadata tables: text between tabs, commas or semicolons, to columns of one type each."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_float_dtype

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.layout import Layout, layout_of
from svqvae.io.missing import without_missing_words
from svqvae.io.spreadsheet import read_back
from svqvae.io.table_body import (
    OddRows,
    body_stream,
    refuse_last_column,
    refuse_swallowed_lines,
)
from svqvae.io.text import DAMAGE
from svqvae.results import row_of

log = logging.getLogger("svqvae")

#: Column of the row names that R writes without a header.
_ROW_NAME = "row_name"


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a table of text (tab, comma or semicolon) with every column as text.

    Text keeps identifiers such as ``"0001"`` or Entrez ids as they are. What means that there is
    no value (:mod:`svqvae.io.missing`: empty, NA, -666 ...) becomes missing. Any encoding, packed
    or not, comments before the header: see :mod:`svqvae.io.text` and :mod:`svqvae.io.layout`. A
    field between quotes may hold line ends.
    Row names, as R writes them without a header, come first as ``row_name``.

    Raises
    ------
    SvqvaeError
        If the file is missing, empty or not a table: a row has more or fewer fields than the
        header, a quote is not closed or stray, or two columns of one name differ.
    """
    path = Path(path)
    if not path.is_file():
        raise SvqvaeError(f"{path}: no such file; check the path under `source` or `labels`")
    layout = layout_of(path)
    table = without_missing_words(_parse(path, layout))
    names = [name or f"Unnamed: {i}" for i, name in enumerate(layout.header)]
    if layout.one_more:
        table, names = _name_rows(table, names, path)
    table = _without_twins(table.set_axis(names, axis=1), path)
    refuse_swallowed_lines(table, path, layout)
    return table


def column_names(path: str | Path) -> list[str]:
    """Return the names of the columns of a table, without reading it.

    Raises
    ------
    SvqvaeError
        As :func:`read_table`, as far as its first lines tell.
    """
    path = Path(path)
    if not path.is_file():
        raise SvqvaeError(f"{path}: no such file; check the path under `source` or `labels`")
    return layout_of(path).header


def _parse(path: Path, layout: Layout) -> pd.DataFrame:
    """Return the body as text, columns numbered."""
    import pyarrow as pa
    import pyarrow.csv as pc

    width = len(layout.header) + layout.one_more
    names = [str(i) for i in range(width)]
    odd = OddRows(path, layout)
    try:
        with body_stream(path, layout, whole=True) as stream:
            if not stream.peek(1):
                return pd.DataFrame({name: pd.Series(dtype=object) for name in names})
            table = pc.read_csv(
                stream,
                read_options=pc.ReadOptions(column_names=names, use_threads=False),
                parse_options=odd.parse_options(),
                convert_options=pc.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
                ),
            )
    except (pa.ArrowException, *DAMAGE) as error:
        odd.refuse(error)
        raise SvqvaeError(
            f"{path}: not a {layout.word}-separated table, or cut or damaged ({error})"
        ) from error
    odd.refuse()
    return table.to_pandas()


def _name_rows(table: pd.DataFrame, names: list[str], path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Tell row names, which R writes without a header, from a separator at each line's end."""
    # A line that is there twice says nothing about row names.
    first, last = table.drop_duplicates().iloc[:, 0], table.iloc[:, -1]
    if last.notna().any():
        log.info("%s: it has row names, as R writes them: column %s", path, _ROW_NAME)
        return table, [_ROW_NAME, *names]
    if first.isna().any() or first.duplicated().any():  # no row names
        return table.iloc[:, :-1], names
    refuse_last_column(first.iloc[0], path)


def _without_twins(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Drop a column that is there twice; refuse two of one name that differ."""
    if table.columns.is_unique:
        return table
    problems = []
    for name in table.columns[table.columns.duplicated()].unique():
        twins = table.loc[:, table.columns == name]
        if not twins.T.drop_duplicates().shape[0] == 1:
            problems.append(f"{path}: two columns are called '{name}' and differ; rename one")
    if problems:
        raise SvqvaeError(problems)
    return table.loc[:, ~table.columns.duplicated()]


def refuse_line_breaks(path: str | Path, *tables: pd.DataFrame) -> None:
    """Raise an error where metadata holds what would break a line of a text file."""
    for table in tables:
        for name, column in table.items():
            broken = column.astype(str).str.contains(r"[\r\n]")
            if broken.any():
                first = column.index[broken.to_numpy()][0]
                raise SvqvaeError(
                    f"{path}: '{name}' of '{first}' holds a line break, which a text file cannot; "
                    "remove it, or write h5ad or GCTX"
                )


def read_result(path: str | Path) -> pd.DataFrame:
    """Read a table of a run; names stay text, whatever they look like ("7", "NA").

    Parameters
    ----------
    path
        Its name says which of :mod:`svqvae.results` it is, and so which columns hold names.

    Raises
    ------
    SvqvaeError
        If no table of a run is called so, or it is cut or damaged.
    """
    names = row_of(path).text
    # Only the empty field is missing: a class may be called NA.
    numbers = {"na_values": [""], "keep_default_na": False}
    try:
        return read_back(pd.read_csv(path, sep="\t", dtype=dict.fromkeys(names, str), **numbers))
    except FileNotFoundError as error:
        raise SvqvaeError(f"{path}: no such file; the run that makes it did not end") from error
    except (ValueError, OverflowError, pd.errors.ParserError) as error:
        reason = " ".join(str(error).split())[:200]
        raise SvqvaeError(
            f"{path}: truncated or damaged ({reason}); delete it, and the run makes it again"
        ) from error


def require_columns(table: pd.DataFrame, columns: list[str], path: str | Path) -> None:
    """Raise one error that names every missing column and its nearest match."""
    problems = [
        f"{path}: no column '{c}'{did_you_mean(c, table.columns)}"
        for c in columns
        if c not in table.columns
    ]
    if problems:
        raise SvqvaeError(problems)


def index_by(table: pd.DataFrame, column: str, path: str | Path) -> pd.DataFrame:
    """Return ``table`` indexed by ``column``; duplicated or missing ids are an error."""
    require_columns(table, [column], path)
    ids = table[column]
    if ids.isna().any():
        row = int(ids.isna().to_numpy().argmax()) + 2
        raise SvqvaeError(f"{path}: line {row} has no {column}")
    repeated = ids[ids.duplicated()].unique()
    if len(repeated):
        raise SvqvaeError(
            f"{path}: {len(repeated)} duplicate {column}, first '{repeated[0]}'; "
            "each must occur once"
        )
    return table.set_index(column, drop=True)


#: Identifiers stay text even where they look like numbers.
_IDENTIFIERS = {
    keys.SIG_ID,
    keys.PERT_ID,
    keys.PERT_NAME,
    keys.INCHI_KEY,
    keys.COMPOUND,
    keys.CLASS,
    keys.GENE_ID,
    keys.GENE_SYMBOL,
}


def tidy(table: pd.DataFrame) -> pd.DataFrame:
    """Give every column one type that AnnData can write.

    A column becomes numeric where all its values are numbers, unless it is an identifier;
    other columns hold text, as categories where values repeat or are missing. Words for a missing
    value (:mod:`svqvae.io.missing`) are missing in all of them.
    """
    columns: dict[int, object] = {}
    for at, (name, column) in enumerate(without_missing_words(table).items()):
        if (is_bool_dtype(column) and column.isna().any()) or is_datetime64_any_dtype(column):
            column = column.astype(object).where(column.isna(), column.astype(str))
        if column.dtype == object:
            columns[at] = _tidy_text(column, is_identifier=name in _IDENTIFIERS)
            continue
        number = pd.to_numeric(column, errors="coerce")
        if name not in _IDENTIFIERS and (number.notna() == column.notna()).all():
            columns[at] = number.to_numpy()
            continue
        if is_float_dtype(column) and (column.dropna() % 1 == 0).all():
            column = column.astype("Int64")  # "5720", never "5720.0"
        text = column.astype(object).where(column.isna(), column.astype(str))
        columns[at] = _tidy_text(text, is_identifier=True)
    tidied = pd.DataFrame(columns, index=table.index.astype(str).rename(None))
    return tidied.set_axis([str(name) for name in table.columns], axis=1)


def _tidy_text(column: pd.Series, *, is_identifier: bool) -> object:
    """Return numbers where all distinct values are numbers, else text or categories.

    Metadata repeats itself: the work is done on its distinct values.
    """
    codes, distinct = pd.factorize(column)
    distinct = pd.Series(distinct, dtype=object)
    number = pd.to_numeric(distinct, errors="coerce")
    if not is_identifier and number.notna().all() and not _would_lose_digits(distinct):
        if is_float_dtype(number) or (codes < 0).any():
            values = distinct.astype(float).to_numpy()  # to_numeric can miss the last digit
            return np.append(values, np.nan)[codes]
        return number.to_numpy()[codes]
    text = distinct.astype(str)
    if len(distinct) == len(column):  # as many values as rows, none missing
        return text.to_numpy(dtype=object)
    names = sorted(text.unique())
    at = pd.Index(names).get_indexer(text)
    return pd.Categorical.from_codes(np.append(at, -1)[codes], categories=names)


def _would_lose_digits(distinct: pd.Series) -> bool:
    """Return whether text is there that a number would change: "0012", 16 digits, wells ("1E5")."""
    return bool(distinct.astype(str).str.match(r"[+-]?(0\d|\d{16}|\d+[eE]\d)").any())
