"""Lists of genes that go up and of genes that go down, as queries of one sign each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from svqvae.errors import SvqvaeError
from svqvae.io.gmt import read_gene_sets
from svqvae.pp.genes import read_gene_list
from svqvae.query.genes import GeneNames
from svqvae.query.queries import Queries, placed

#: Ends of the names of sets that belong together: NAME_UP with NAME_DN.
_ENDS = re.compile(r"^(?P<name>.+?)[ _.:-](?P<way>UP|DN|DOWN)$", re.IGNORECASE)
#: Genes of lists that are named in an error or a note.
_SHOWN = 5


def read_lists(up: str | Path | None, down: str | Path | None, genes: GeneNames) -> Queries:
    """Read one query of two files with one gene a line; one of them may be left out.

    Raises
    ------
    SvqvaeError
        If a file is no list of genes, names no gene of the model, or both name the same ones.
    """
    lists = [[] if path is None else read_gene_list(path) for path in (up, down)]
    where = " and ".join(str(path) for path in (up, down) if path is not None)
    name = Path(str(up or down)).name.partition(".")[0]
    named = re.sub(r"[ _.-]?(up|down|dn)$", "", name, flags=re.IGNORECASE) or "lists"
    return of_lists({named: (lists[0], lists[1])}, genes, where)


def read_gmt(path: str | Path, genes: GeneNames) -> Queries:
    """Read a query of every pair of sets NAME_UP and NAME_DN (or NAME_DOWN).

    Raises
    ------
    SvqvaeError
        If the file is no GMT, or holds a set that is neither up nor down.
    """
    pairs: dict[str, tuple[list[str], list[str]]] = {}
    odd = []
    for name, members in read_gene_sets(path).items():
        match = _ENDS.fullmatch(name)
        if match is None:
            odd.append(name)
            continue
        pair = pairs.setdefault(match["name"], ([], []))
        pair[match["way"].upper() != "UP"].extend(members)
    if odd:
        raise SvqvaeError(
            f"{path}: {len(odd)} sets are neither up nor down, first '{odd[0]}'; expected pairs "
            "called NAME_UP and NAME_DN"
        )
    return of_lists(pairs, genes, path)


def of_lists(
    lists: Mapping[str, tuple[Sequence[str], Sequence[str]]],
    genes: GeneNames,
    where: str | Path,
) -> Queries:
    """Return queries with 1 for genes that go up, -1 for those that go down, 0 for the others.

    Raises
    ------
    SvqvaeError
        If a gene is in both lists of a query, or a query names no gene of the model.
    """
    rows, notes, problems = [], [], []
    for name, (up, down) in lists.items():
        both = sorted(_names(up) & _names(down))
        if both:
            problems.append(
                f"{where}: {len(both)} genes of '{name}' are in both lists ({_few(both)}); a gene "
                "goes up or down: remove it from one"
            )
            continue
        values = np.array([[1.0] * len(up) + [-1.0] * len(down)])
        try:
            row, _ = placed([*up, *down], values, genes, where)
        except SvqvaeError as error:
            problems += error.problems
            continue
        rows.append(row)
        lost = [
            g for g, at in zip([*up, *down], genes.find([*up, *down]).at, strict=True) if at < 0
        ]
        if lost:
            notes.append(f"{name}: {len(lost)} listed genes are none of the model's: {_few(lost)}")
    if problems:
        raise SvqvaeError(problems)
    return Queries(names=list(lists), values=np.concatenate(rows), notes=notes, kind="lists")


def _names(genes: Sequence[str]) -> set[str]:
    return {gene.upper() for gene in genes}


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
