"""Which column of a table of signatures is what, and tables that are something else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.numbers import say_wrong_number
from svqvae.io.text import brief

PREFIX = "Metadata_"
#: Columns that hold the ids of signatures, the first that is there.
ID_COLUMNS = (keys.SIG_ID, PREFIX + keys.SIG_ID)
#: How columns are called that hold genes' ids, in lower case, all but letters and digits left out.
_GENE_COLUMNS = frozenset(
    "gene genes geneid genesymbol genename symbol symbols prgeneid prgenesymbol entrez entrezid "
    "entrezgeneid ensembl ensemblid ensemblgeneid ensgene hgncsymbol rid probe probeid probeset "
    "probesetid affyid idref".split()
)
#: How tables of differential expression (DESeq2, limma, edgeR, Seurat, scanpy) call columns.
_DIFFERENTIAL = frozenset(
    "log2foldchange logfoldchange logfoldchanges logfc log2fc avglog2fc avglogfc padj padjust "
    "adjpval adjpvalue pvaladj pvalsadj pvalue pval pvals fdr qvalue basemean lfcse aveexpr "
    "logcpm".split()
)
#: Names of LINCS' metadata of signatures; no gene is called like these.
_METADATA = re.compile(
    r"(pert|cell|distil|pct|qc|det|rna|is|cc|ss|moa|cmap|batch|plate|well)_[a-z0-9_]+"
    r"|tas|dose|time|batch|plate|well|replicate|moa|class|target|nsample|inchi_key"
    r"|canonical_smiles|smiles|split|fold"
)
#: Names of ids that may be whole numbers.
_NUMBERED = re.compile(
    r"|.*(^|[_. ])(id|ids|cid|idx|index|name|names|sample|samples|signature|sig|profile|row|no|nr)"
    r"|row_?names?|sampleid|sigid|#"
    r"|(perturbagen|perturbation|compound|drug|treatment|gene|target|knock_?down|hairpin)s?",
    re.IGNORECASE,
)
_ENTREZ = r"[1-9]\d{0,8}"
#: Ids that only genes have: of Ensembl, of Affymetrix' probes.
_GENE_IDS = r"ENS[A-Z]*[GT]\d{6,}(\.\d+)?|[\w/.-]+_at"
#: What names of signatures have and those of genes, of mice and fish too, have not.
_SIGNATURE_LIKE = (
    r".*([: ]|_.*_).*|.{20,}"
    r"|(?i:(sample|control|ctrl|(un)?treated|treatment|vehicle|dmso|replicate)[-_.]?\w{0,3})"
)
_MOST = 0.8


class Roles(NamedTuple):
    """Positions of columns; those of neither role hold nothing that is read."""

    ids: int
    metadata: list[int]
    genes: list[int]

    @classmethod
    def by_name(cls, names: Sequence[str], ids: int, others: Iterable[int]) -> Roles:
        """Take ``others`` for metadata where their names begin with :data:`PREFIX`, else genes."""
        metadata: list[int] = []
        genes: list[int] = []
        for at in others:
            (metadata if names[at].startswith(PREFIX) else genes).append(at)
        return cls(ids, metadata, genes)


def refuse_twins(names: Sequence[str], path: Path) -> None:
    """Raise an error where two columns have one name."""
    named = pd.Index([n for n in names if n], dtype=object)
    twice = named[named.duplicated()]
    if len(twice):
        raise SvqvaeError(f"{path}: two columns are called {brief(twice[0])}; rename one")


def refuse_other_tables(names: Sequence[str], ids: int | None, path: Path) -> None:
    """Raise an error where the names of columns are those of a table of genes.

    Parameters
    ----------
    ids
        Position of the column of ids, None where ids are not among the columns. A column
        that is called ``sig_id`` says that rows are signatures.
    """
    if ids is not None and names[ids] in ID_COLUMNS:
        return
    others = [n for at, n in enumerate(names) if at != ids and not n.startswith(PREFIX)]
    tested = [n for n in others if _plain(n) in _DIFFERENTIAL]
    if len(tested) > 1 or (tested and len(others) <= 8):
        raise SvqvaeError(
            f"{path}: a table of differential expression (columns {', '.join(tested[:5])}), one "
            "row per gene; expected signatures as rows and genes as columns: make one row of its "
            "column of t statistics (or of log2 fold changes), each gene a column"
        )
    if ids is not None and _plain(names[ids]) in _GENE_COLUMNS:
        entrez = pd.Series(others, dtype=str).str.fullmatch(_ENTREZ)
        if not (len(entrez) and entrez.mean() >= _MOST):
            _refuse_genes_down(path, f"its first column is called '{names[ids]}'")


def refuse_genes_as_rows(ids: pd.Index, genes: Sequence[str], path: Path) -> None:
    """Raise an error where rows are named as genes are, and columns as signatures."""
    rows, columns = pd.Series(ids, dtype=str), pd.Series(genes, dtype=str)
    if not len(rows) or not len(columns):
        return
    strange = columns.str.fullmatch(_SIGNATURE_LIKE).mean()
    of_genes = rows.str.fullmatch(_GENE_IDS).mean()
    of_genes_too = columns.str.fullmatch(f"{_GENE_IDS}|{_ENTREZ}").mean()
    numbers = rows.str.fullmatch(_ENTREZ).mean()
    counted = numbers == 1 and _counts_up(rows)
    if (
        (_with_colon(columns) >= _MOST and _with_colon(rows) < 1 - _MOST)
        or (of_genes >= _MOST and of_genes_too < 1 - _MOST)
        or (numbers >= _MOST and not counted and strange >= _MOST)
    ):
        _refuse_genes_down(path, f"rows are called {brief(ids[0])}, columns {brief(genes[0])}")


def refuse_genes_in_rows(wanted: Iterable[str], ids: pd.Index, path: Path) -> None:
    """Raise an error where genes that are asked for name the rows."""
    names = pd.Index([str(w) for w in wanted], dtype=object)
    shared = names.isin(ids)
    if len(names) and shared.mean() >= 0.5:
        _refuse_genes_down(path, f"{shared.sum()} of {len(names)} genes asked for are rows")


def _refuse_genes_down(path: Path, why: str) -> None:
    raise SvqvaeError(
        f"{path}: lies genes down, signatures across ({why}); expected a row per signature and a "
        "column per gene. Transpose it, as in pandas.read_table(FILE, sep=None, index_col=0, "
        f"engine='python').T.to_csv('new.csv', index_label='{keys.SIG_ID}'); if its rows are "
        f"signatures, call the column of their ids '{keys.SIG_ID}'"
    )


def _with_colon(names: pd.Series) -> float:
    """Return the share of names like ``CPC006_A375_6H:BRD-K00000001:10``."""
    return float(names.str.contains(":", regex=False).mean())


def _counts_up(rows: pd.Series) -> bool:
    """Return whether ids are numbers of rows."""
    return bool((np.diff(rows.astype("int64")) == 1).all())


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def is_known_column(name: str, *, first: bool = True) -> bool:
    """Return whether a column is called as tables of signatures, metadata or genes call theirs.

    Parameters
    ----------
    first
        Whether it may be the column of ids, which has more names.
    """
    if first and name and may_name_numbers(name):
        return True
    is_ours = name in ID_COLUMNS or name.startswith(PREFIX) or looks_like_metadata(name)
    return is_ours or _plain(name) in _GENE_COLUMNS | _DIFFERENTIAL


def may_name_numbers(name: str) -> bool:
    """Return whether a column of whole numbers is called as columns of ids are."""
    return _NUMBERED.fullmatch(name) is not None


def is_name_of_gene(name: str) -> bool:
    """Return whether a column is called by an id that only genes have: Entrez, Ensembl, a probe."""
    return re.fullmatch(f"{_ENTREZ}|{_GENE_IDS}", name) is not None


def looks_like_metadata(name: str) -> bool:
    """Return whether a column has the name of LINCS' metadata, which no gene has."""
    return bool(_METADATA.fullmatch(name))


def refuse_columns(wrong: dict[str, tuple[str, str]], n: int, path: Path, *, all_of: int) -> None:
    """Raise one error for all columns that hold something else than numbers.

    Parameters
    ----------
    wrong
        A value and where it stands, by column.
    n
        Number of such values.
    all_of
        Number of columns that were read.
    """
    if not wrong:
        return
    shown = [f"column {brief(c)} holds {brief(v)} ({where})" for c, (v, where) in wrong.items()]
    many = f" and {len(shown) - 5} columns more" if len(shown) > 5 else ""
    what = f"{n} values are not numbers" if n else "not all its columns hold values of genes"
    said = (say_wrong_number(v) for v, _ in wrong.values())
    hint = next(filter(None, said), "") if n else ""
    if not hint:
        hint = (
            f"; columns but '{keys.SIG_ID}' and '{PREFIX}...' are genes: call metadata "
            f"{brief(PREFIX + next(iter(wrong)))}"
        )
        if len(wrong) == all_of:
            what += ", in any column: a table of metadata, not of signatures?"
    raise SvqvaeError(f"{path}: {what}: {', '.join(shown[:5])}{many}{hint}")
