"""Which genes are read: a gene space of L1000, all, or a list."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.missing import is_missing_text
from svqvae.io.text import DAMAGE, brief, text_lines

#: Metadata columns that mark the gene spaces of L1000.
GENE_SPACES = {"landmark": keys.IS_LANDMARK, "bing": keys.IS_BING}
#: First lines of gene lists that name what follows.
_HEADERS = frozenset(
    "gene genes id gene_id gene_symbol symbol name gene_name pr_gene_id pr_gene_symbol entrez "
    "entrez_id entrezid entrezgene ensembl x v1".split()
)


def choose_genes(var: pd.DataFrame, genes: str) -> list[str]:
    """Return the ids of the genes to read.

    Parameters
    ----------
    var
        Gene table in the GEO vocabulary, indexed by the ids of the matrix.
    genes
        ``landmark`` (978 measured genes), ``bing`` (10,174 measured or well inferred ones),
        ``all``, or the path of a text file with one id or symbol a line.

    Raises
    ------
    SvqvaeError
        If the flag column is missing or marks nothing, or the file is no list of genes, begins
        with a header, or names unknown genes or symbols that several genes have.
    """
    if genes == "all":
        return list(var.index)
    if genes in GENE_SPACES:
        column = GENE_SPACES[genes]
        if column not in var:
            raise SvqvaeError(
                f"filters.genes: {genes} needs the gene column '{column}' (or feature_space), "
                f"found {list(var.columns)}; give source.gene_info, or set filters.genes to all"
            )
        chosen = list(var.index[pd.to_numeric(var[column], errors="coerce") == 1])
        if not chosen:
            raise SvqvaeError(f"filters.genes: no gene has {column} = 1; set filters.genes to all")
        return chosen
    path = Path(genes)
    if not path.is_file():
        raise SvqvaeError(f"filters.genes: '{genes}' is neither landmark, bing, all nor a file")
    return _ids_of(read_gene_list(path), var, path)


def read_gene_list(path: str | Path) -> list[str]:
    """Read a list of genes, one a line, in any encoding, packed or not; each gene once.

    Blank lines and lines that begin with ``#`` or ``!`` are skipped.

    Raises
    ------
    SvqvaeError
        If the file is no text, is empty, or has several fields a line.
    """
    try:
        with text_lines(path) as file:
            lines = [line.strip() for line in file]
    except DAMAGE as error:
        raise SvqvaeError(f"{path}: not a list of genes ({brief(error, 200)})") from error
    wanted = [line.strip("\"' ") for line in lines if line and line[0] not in "#!"]
    fields = [line for line in wanted if re.search(r"[\t,; ]", line)]
    if fields:
        raise SvqvaeError(
            f"{path}: {len(fields)} lines hold more than one gene, first {brief(fields[0])}; "
            "expected one id or symbol a line"
        )
    genes = list(dict.fromkeys(gene for gene in wanted if gene))
    if not genes:
        raise SvqvaeError(f"{path}: holds no gene; expected one id or symbol a line")
    return genes


def _ids_of(wanted: list[str], var: pd.DataFrame, path: Path) -> list[str]:
    """Return the ids of genes that are named by id or symbol."""
    id_of, several = _names_of(var)
    problems = []
    unclear = [w for w in wanted if w in several]
    if unclear:
        ids = ", ".join(several[unclear[0]][:3])
        problems.append(
            f"{path}: {len(unclear)} symbols belong to several genes, first '{unclear[0]}' "
            f"({ids}); give their ids"
        )
    lost = [w for w in wanted if w not in id_of and w not in several]
    if lost and lost[0] == wanted[0] and lost[0].lower() in _HEADERS:
        problems.append(f"{path}: its first line, '{lost[0]}', is a header; remove it")
        lost = lost[1:]
    if lost:
        problems.append(
            f"{path}: {len(lost)} of {len(wanted)} genes are not in the data, first "
            f"{brief(lost[0])}{did_you_mean(lost[0], id_of)}"
        )
    if problems:
        raise SvqvaeError(problems)
    return list(dict.fromkeys(id_of[w] for w in wanted))


def _names_of(var: pd.DataFrame) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the id of each id and symbol, and the ids of symbols that several genes have."""
    id_of = {str(i): i for i in var.index}
    if keys.GENE_SYMBOL not in var:
        return id_of, {}
    symbols = var[keys.GENE_SYMBOL].astype(object)
    symbols = symbols[~is_missing_text(symbols)].astype(str)
    several = {
        str(name): [str(i) for i in group.index]
        for name, group in symbols[symbols.duplicated(keep=False)].groupby(symbols)
        if str(name) not in id_of
    }
    once = {s: i for i, s in symbols.items() if s not in several}
    return once | id_of, several
