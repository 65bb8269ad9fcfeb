"""From what a scientist has to queries: signatures, a table of genes, or lists of genes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from svqvae.data.checks import SignCheck
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.formats import FORMATS, PACKED, kind_of, open_signatures
from svqvae.io.identify import identify
from svqvae.io.matrix_table import is_parquet
from svqvae.io.missing import LINCS_NULL
from svqvae.io.table_columns import refuse_genes_in_rows
from svqvae.io.tables import column_names, tidy
from svqvae.query.genes import GeneNames
from svqvae.query.lists import read_gmt, read_lists
from svqvae.query.queries import Queries, placed
from svqvae.query.tables import is_differential, read_differential

#: Columns of a gene table that may hold names, at most, so that a wide one costs no time.
_MOST_COLUMNS = 30


def read_queries(
    path: str | Path | None,
    genes: GeneNames,
    *,
    up: str | Path | None = None,
    down: str | Path | None = None,
    gene: str | None = None,
    value: str | None = None,
    label: str | None = None,
) -> Queries:
    """Read queries of any kind, told by names and contents.

    Parameters
    ----------
    path
        Signatures (GCTX, GCT, h5ad, table), a table of differential expression, or a GMT of pairs
        NAME_UP and NAME_DN. None where there are lists.
    up, down
        Files of one gene a line, instead.
    gene, value
        Columns of a table with one row per gene; naming one says that it is such a table.
    label
        Name of the query of such a table.

    Raises
    ------
    SvqvaeError
        If there is nothing to read, or two things, or it is none of these.
    """
    lists = [option for option in (up, down) if option is not None]
    if (path is None) == (not lists):
        raise SvqvaeError(
            "expected one thing to ask of: a file (signatures, a table of differential expression, "
            f"a GMT), or lists by --up and --down; found {'both' if lists else 'neither'}"
        )
    if path is None:
        return read_lists(up, down, genes)
    path = Path(path)
    if not path.is_file():
        raise SvqvaeError(f"{path}: {'a folder, not a file' if path.is_dir() else 'no such file'}")
    suffixes = [s for s in path.name.lower().split(".") if f".{s}" not in PACKED]
    if suffixes[-1] == "gmt":
        return read_gmt(path, genes)
    kind = _kind(path)
    if kind == "table" and not is_parquet(path):
        columns = column_names(path)
        if gene is not None or value is not None or is_differential(columns) or len(columns) <= 2:
            _refuse_list(path, columns)
            return read_differential(path, genes, gene=gene, value=value, label=label)
    elif gene is not None or value is not None:
        raise SvqvaeError(f"{path}: --gene and --value are of a table of text (.tsv, .csv, .txt)")
    return read_signatures(path, genes)


def _kind(path: Path) -> str:
    try:
        return kind_of(path)
    except SvqvaeError as error:
        found = identify(path)
        suffixes = ", ".join(s for form in FORMATS.values() for s in form.suffixes)
        raise SvqvaeError(
            f"{path}: unknown kind by its name{f' ({found})' if found else ''}; expected {suffixes}"
            " or .gmt, or lists of genes by --up and --down"
        ) from error


def _refuse_list(path: Path, columns: list[str]) -> None:
    if len(columns) == 1:
        raise SvqvaeError(
            f"{path}: one column ({columns[0]!r} ...), as a list of genes has it; give lists by "
            f"--up {path.name} or --down {path.name}, a table by genes and values"
        )


def read_signatures(path: str | Path, genes: GeneNames) -> Queries:
    """Read signatures, their genes by any names, those of the model that are there.

    Raises
    ------
    SvqvaeError
        If the file cannot be read, has no signature, none of the model's genes, or levels of
        expression in place of changes.
    """
    with open_signatures(path) as file:
        names = _best_names(file.var, genes, path)
        at = np.flatnonzero(genes.find(names).at >= 0)
        if not len(at):
            refuse_genes_in_rows(genes.genes, file.obs.index, Path(path))
            genes.refuse(names, genes.find(names[:500]).kind, path)
        obs = file.obs
        if not len(obs):
            raise SvqvaeError(f"{path}: holds no signatures")
        x = file.read(np.arange(len(obs)), at)
    x = np.where(np.isfinite(x) & (x != LINCS_NULL), x, np.nan)
    signs = SignCheck()
    signs.add(np.nan_to_num(x))
    signs.require_signatures(str(path), trained_on=False)
    values, notes = placed([names[i] for i in at], x, genes, path)
    if empty := [str(name) for name, row in zip(obs.index, values, strict=True) if _is_empty(row)]:
        raise SvqvaeError(
            f"{path}: {len(empty)} signatures have no value of any gene of the model, first "
            f"'{empty[0]}'; leave them out"
        )
    ids = [str(name) for name in obs.index]
    return Queries(names=ids, values=values, notes=notes, obs=tidy(obs))


def _is_empty(row: np.ndarray) -> bool:
    return not np.isfinite(row).any()


def _best_names(var: pd.DataFrame, genes: GeneNames, path: str | Path) -> list[str]:
    """Return the ids of a file's genes, or the column of its gene table that names more of ours."""
    ids = [str(i) for i in var.index]
    best, most = ids, len(set(genes.find(ids).at.tolist()) - {-1})
    if most < len(genes.genes):
        # As h5ad of others have it: symbols in the index, Ensembl ids in a column, or the reverse.
        text = tidy(var.iloc[:, :_MOST_COLUMNS])
        for column in text.columns:
            names = text[column].astype(str).tolist()
            if len(set(names)) < len(names) / 2:
                continue
            n = len(set(genes.find(names).at.tolist()) - {-1})
            # A numbering would pass for Entrez ids.
            numbered = pd.to_numeric(text[column], errors="coerce").diff().iloc[1:].eq(1).all()
            if n > most and not numbered:
                best, most = names, n
    if not ids:
        raise SvqvaeError(f"{path}: has no genes{did_you_mean('gene', var.columns)}")
    return best
