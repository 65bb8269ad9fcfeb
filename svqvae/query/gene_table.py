"""The packaged names of human genes: Entrez id, symbol, Ensembl ids, former symbols and aliases."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from svqvae import keys

#: Made by docs/gene_table.py, whose head says of what.
PATH = Path(__file__).with_name("genes.tsv.gz")


@dataclass(frozen=True)
class GeneTable:
    """Entrez id by every name, in upper case; a name that two genes have is in none.

    Attributes
    ----------
    ensembl, symbols
        Entrez id by Ensembl id without version, and by symbol of today.
    former
        The same by the symbol of 2016 that is no symbol today.
    aliases
        By an alias that is neither another gene's nor a symbol of any.
    symbol_of
        The symbol of today of an Entrez id.
    """

    ensembl: Mapping[str, str]
    symbols: Mapping[str, str]
    former: Mapping[str, str]
    aliases: Mapping[str, str]
    symbol_of: Mapping[str, str]


@cache
def gene_table() -> GeneTable:
    """Return the packaged table: 20,913 protein-coding genes of NCBI Gene and GENCODE."""
    with gzip.open(PATH, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader((r for r in file if r[0] != "#"), delimiter="\t"))
    symbols = once((row["symbol"].upper(), row["entrez"]) for row in rows)
    today = {row["symbol"].upper() for row in rows}
    former = once(
        (row["former"].upper(), row["entrez"])
        for row in rows
        if row["former"] and row["former"].upper() not in today
    )
    spoken_for = today | {row["former"].upper() for row in rows}
    aliases = once(
        (name.upper(), row["entrez"])
        for row in rows
        for name in row["aliases"].split(keys.SEPARATOR)
        if name and name.upper() not in spoken_for
    )
    ensembl = once(
        (name, row["entrez"]) for row in rows for name in row["ensembl"].split("|") if name
    )
    symbol_of = {row["entrez"]: row["symbol"] for row in rows}
    return GeneTable(ensembl, symbols, former, aliases, symbol_of)


def once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return names and what each means, without those that mean two things.

    Examples
    --------
    >>> once([("a", "1"), ("b", "2"), ("a", "3"), ("b", "2")])
    {'b': '2'}
    """
    found: dict[str, str] = {}
    unclear = set()
    for name, meant in pairs:
        if found.setdefault(name, meant) != meant:
            unclear.add(name)
    return {name: meant for name, meant in found.items() if name not in unclear}
