"""Tables of differential expression, one row per gene: DESeq2, edgeR, limma, Seurat, scanpy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtri

from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.missing import is_missing_text
from svqvae.io.tables import read_table
from svqvae.io.text import brief
from svqvae.query.genes import GeneNames
from svqvae.query.queries import Queries, placed

#: Columns as they are called in lower case, all but letters and digits left out. Statistics with a
#: sign: DESeq2's Wald statistic, limma's t, scanpy's scores.
_STATISTICS = ("stat", "t", "tstat", "tstatistic", "scores", "zscore", "z", "wald", "waldstat")
_CHANGES = (
    *("log2foldchange", "logfc", "avglog2fc", "avglogfc", "logfoldchanges", "log2fc"),
    *("logfoldchange", "lfc", "coef", "beta"),
)
_P_VALUES = ("pvalue", "pval", "pvals", "pvalraw", "p", "pr")
_OTHERS = frozenset(
    "basemean lfcse padj padjust adjpval adjpvalue pvaladj pvalsadj fdr qvalue aveexpr logcpm "
    "f lr b pct1 pct2".split()
)
#: How the groups are called of which a table has one after the other.
_GROUPS = ("group", "cluster", "contrast", "comparison")
#: Probabilities below it are written as 0.
_LEAST_P = 1e-300
#: Shares: of other than numbers in a column of ids, of numbers that are there before.
_NOT_NUMBERS, _REPEATED = 0.2, 0.05
#: Problems that are written out.
_SHOWN = 5


def is_differential(columns: Sequence[str]) -> bool:
    """Return whether columns are those of a table of differential expression."""
    plain = {_plain(name) for name in columns}
    changes = plain & set(_CHANGES)
    rest = plain & (set(_STATISTICS) | set(_P_VALUES) | _OTHERS)
    # A gene may be called T or F, an expression table has hundreds of columns.
    return bool(changes and rest) or (len(columns) <= 12 and len(rest) > 1) or len(rest) > 3


def read_differential(
    path: str | Path,
    genes: GeneNames,
    *,
    gene: str | None = None,
    value: str | None = None,
    label: str | None = None,
) -> Queries:
    """Read one query per table, or one for each group of a table that has several.

    Parameters
    ----------
    gene, value
        Columns of the genes' names and of their values; found where not given. A statistic with
        a sign is preferred (DESeq2's ``stat``, limma's ``t``, scanpy's ``scores``), then the sign
        of the change with the z-score of its p-value (edgeR, Seurat), then the change alone.
    label
        Name of the query; that of the file by default.

    Raises
    ------
    SvqvaeError
        If the table cannot be read, a column is missing, no column names genes of the model, or
        values are no numbers.
    """
    table = read_table(path)
    if not len(table):
        raise SvqvaeError(f"{path}: has a header and no rows")
    if value is not None:
        _require(table, value, "--value", path)
    names = table[_gene_column(table, genes, gene, path)]
    values, said = _values(table, value, path)
    name = label or Path(path).name.partition(".")[0]
    groups = _groups(table, names)
    parts = [(name, slice(None))] if groups is None else groups
    found, notes = [], [said]
    for _, rows in parts:
        row, more = placed(names[rows].tolist(), values[rows][None], genes, path)
        found.append(row)
        notes += more
    if lost := int(np.isnan(values).sum()):
        notes.append(f"{lost} of {len(values)} rows have no value (NA): their genes are missing")
    labels = [n if groups is None else f"{name}:{n}" for n, _ in parts]
    return Queries(
        names=labels,
        values=np.concatenate(found),
        notes=list(dict.fromkeys(notes)),
        kind="table",
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", str(name).lower())


def _require(table: pd.DataFrame, column: str, option: str, path: str | Path) -> str:
    if column not in table:
        raise SvqvaeError(
            f"{path}: no column '{column}' ({option}){did_you_mean(column, table.columns)}"
        )
    return column


def _gene_column(table: pd.DataFrame, genes: GeneNames, asked: str | None, path: str | Path) -> str:
    """Return the column that names most genes of the model."""
    if asked is not None:
        return _require(table, asked, "--gene", path)
    best, most = None, 0
    for column in table.columns:
        if _is_measure(table[column]) and not genes.are_numbered:
            continue
        n = len(set(genes.find(table[column].fillna("")).at.tolist()) - {-1})
        if n > most:
            best, most = str(column), n
    if best is None:
        raise SvqvaeError(
            f"{path}: no column names genes of the model; found {', '.join(table.columns[:12])}, "
            f"first row {brief(', '.join(map(str, table.iloc[0, :6])), 100)}; expected Entrez ids, "
            "symbols or Ensembl ids of human genes: name their column by --gene, or bring other "
            "names by --genes TABLE"
        )
    return best


def _is_measure(column: pd.Series) -> bool:
    """Return whether whole numbers number rows or measure something: they would pass for ids.

    Lengths of genes and counts repeat themselves, Entrez ids in one table do not.
    """
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.isna().mean() > _NOT_NUMBERS:
        return False
    is_numbering = len(numbers) > 1 and bool((numbers.diff().iloc[1:] == 1).all())
    # Of several groups, each has the same genes.
    is_named = re.fullmatch(r".*(entrez|gene).*|names?", _plain(str(column.name)))
    return is_numbering or (not is_named and numbers.duplicated().mean() > _REPEATED)


def _values(table: pd.DataFrame, asked: str | None, path: str | Path) -> tuple[np.ndarray, str]:
    """Return a value for each row, NaN for none, and what it is."""
    by_plain: dict[str, str] = {}
    for name in table.columns:
        by_plain.setdefault(_plain(name), str(name))

    def first(names: Sequence[str]) -> str | None:
        return next((by_plain[n] for n in names if n in by_plain), None)

    if asked is not None:
        return _numbers(table, asked, path), f"values: column '{asked}'"
    if (statistic := first(_STATISTICS)) is not None:
        return _numbers(table, statistic, path), f"values: statistic '{statistic}'"
    change, p = first(_CHANGES), first(_P_VALUES)
    if change is not None and p is not None:
        z = -ndtri(np.clip(_probabilities(table, p, path), _LEAST_P, 1) / 2)
        said = f"values: sign of '{change}' x z-score of '{p}'"
        return np.sign(_numbers(table, change, path)) * z, said
    if change is not None:
        said = f"values: '{change}' itself; a statistic would weigh it by its error"
        return _numbers(table, change, path), said
    raise SvqvaeError(
        f"{path}: no column of values; found {', '.join(table.columns[:12])}; expected a statistic "
        "(stat, t, scores), or a log fold change and its p-value: name the column by --value"
    )


def _numbers(table: pd.DataFrame, column: str, path: str | Path) -> np.ndarray:
    text = table[column]
    numbers = pd.to_numeric(text, errors="coerce")
    wrong = numbers.isna() & ~is_missing_text(text)
    if wrong.any():
        rows = np.flatnonzero(wrong)
        shown = ", ".join(f"{brief(str(text.iloc[r]))} in row {r + 1}" for r in rows[:_SHOWN])
        comma = (
            "; numbers have a point, not a comma"
            if text[wrong].astype(str).str.fullmatch(r"-?\d+,\d+").all()
            else "; name a column of numbers by --value"
        )
        raise SvqvaeError(
            f"{path}: column '{column}' has {len(rows)} values that are no numbers: {shown}{comma}"
        )
    values = numbers.to_numpy(dtype=float)
    return np.where(np.isfinite(values), values, np.nan)


def _probabilities(table: pd.DataFrame, column: str, path: str | Path) -> np.ndarray:
    values = _numbers(table, column, path)
    wrong = (values < 0) | (values > 1)
    if wrong.any():
        row = int(wrong.argmax())
        raise SvqvaeError(
            f"{path}: column '{column}' has {values[row]:g} in row {row + 1}, expected p-values "
            "from 0 to 1; name the column of values by --value"
        )
    return values


def _groups(table: pd.DataFrame, names: pd.Series) -> list[tuple[str, np.ndarray]] | None:
    """Return names and rows of the groups of a table with every gene once in each."""
    column = next((c for c in table.columns if _plain(c) in _GROUPS), None)
    if column is None or not names.duplicated().any():
        return None
    groups = table[column].astype(str).to_numpy()
    return [(name, np.flatnonzero(groups == name)) for name in dict.fromkeys(groups)]
