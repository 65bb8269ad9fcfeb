"""Which gene of a model each name of a query means: Entrez id, symbol, alias or Ensembl id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.id_kinds import kind_of_ids
from svqvae.io.missing import is_missing_word
from svqvae.io.tables import read_table
from svqvae.io.text import brief
from svqvae.query.gene_table import gene_table, once

#: Entrez ids as programs leave them: 1017, 1017.0, X1017.
_ENTREZ = re.compile(r"X?([1-9]\d{0,8})(\.0+)?", re.IGNORECASE)
_ENSEMBL = re.compile(r"(ENSG\d{5,})(\.\d+)?(_PAR_Y)?", re.IGNORECASE)
#: Least share of the ids of a table of one's own that must be the model's genes.
_SHARE = 0.05


class Found(NamedTuple):
    """Where the names of a query lie among the genes of a model.

    Attributes
    ----------
    at
        Position among the model's genes, -1 for none.
    directness
        0 for an id or symbol, 1 for a former symbol, 2 for an alias.
    kind
        What the names are, for people: "symbols", "Ensembl ids" ...
    """

    at: np.ndarray
    directness: np.ndarray
    kind: str


class GeneNames:
    """The genes of a model by all their names.

    Parameters
    ----------
    genes
        Ids of the model's genes, in its order.
    symbols
        Symbols by id, as the training data had them; they win over the packaged table.
    others
        Further names by which a gene of the model is known: name to id.
    """

    def __init__(
        self,
        genes: Sequence[str],
        *,
        symbols: Mapping[str, str] | None = None,
        others: Mapping[str, str] | None = None,
    ) -> None:
        self.genes = list(genes)
        self._at = {gene: at for at, gene in enumerate(self.genes)}
        own = {g: s for g, s in (symbols or {}).items() if g in self._at}
        self._own = once((s.upper(), g) for g, s in own.items())
        self._others = {name.upper(): id_ for name, id_ in (others or {}).items()}
        self._symbols = own
        # The models of other data than genes have numbers that are no Entrez ids.
        self._by_entrez: dict[str, int] = {}
        kind = kind_of_ids(self.genes)
        for at, gene in enumerate(self.genes):
            entrez = gene if kind == "Entrez ids" else self._entrez(gene)[0]
            if entrez is not None:
                self._by_entrez.setdefault(entrez, at)

    @property
    def are_numbered(self) -> bool:
        """Whether the model's ids are a numbering themselves, as of simulated genes and pixels."""
        numbers = [int(gene) for gene in self.genes if gene.isdecimal()]
        whole = len(numbers) == len(self.genes)
        return whole and max(numbers) - min(numbers) == len(numbers) - 1

    @staticmethod
    def _entrez(name: str) -> tuple[str | None, int]:
        """Return the Entrez id of a name, by the packaged table, and how directly it is named."""
        if match := _ENTREZ.fullmatch(name):
            return match[1], 0
        table = gene_table()
        if match := _ENSEMBL.fullmatch(name):
            return table.ensembl.get(match[1].upper()), 0
        for directness, names in enumerate((table.symbols, table.former, table.aliases)):
            if (entrez := names.get(name.upper())) is not None:
                return entrez, directness
        return None, 0

    def _find(self, name: str) -> tuple[int, int]:
        """Return position and directness of one name."""
        for known in (name, self._others.get(name.upper()), self._own.get(name.upper())):
            if known is not None and known in self._at:
                return self._at[known], 0
        entrez, directness = self._entrez(name)
        return self._by_entrez.get(entrez or "", -1), directness

    def find(self, names: Iterable[object]) -> Found:
        """Return where each name lies; blanks around it, its case and a version do not count."""
        plain = [str(name).strip() for name in names]
        found = [self._find(name) for name in plain]
        at, directness = np.array(found, dtype=int).reshape(-1, 2).T
        return Found(at, directness, kind_of_ids(plain) or "names of several kinds")

    def symbol(self, gene: str) -> str:
        """Return how a gene of the model is called by people; its id where that is not known."""
        return self._symbols.get(gene) or gene_table().symbol_of.get(gene, gene)

    def refuse(self, names: Sequence[object], kind: str, where: str | Path) -> None:
        """Raise an error for names of which the model knows none."""
        known = [self.symbol(gene) for gene in self.genes]
        near = did_you_mean(str(names[0]), known) if kind == "symbols" else ""
        raise SvqvaeError(
            f"{where}: none of its {len(names)} genes ({kind}, first {brief(str(names[0]))}) is "
            f"one of the model's {len(self.genes)} ({self.genes[0]}, {self.genes[1]}, ...); "
            "expected Entrez ids, symbols or Ensembl ids of human genes, or a table of other "
            f"names by --genes{near}"
        )


def read_gene_names(path: str | Path, genes: Sequence[str]) -> dict[str, str]:
    """Return further names of a model's genes: a table with its ids in one column, names in others.

    A name that two genes have is left out.

    Raises
    ------
    SvqvaeError
        If the table cannot be read, or no column holds the model's ids.
    """
    table = read_table(path)
    known = set(genes)
    shared = {column: table[column].isin(known).mean() for column in table}
    best = max(shared, key=lambda column: shared[column], default=None)
    if best is None or shared[best] < _SHARE:
        raise SvqvaeError(
            f"{path}: no column holds the model's gene ids ({genes[0]}, {genes[1]}, ...); found "
            f"columns {', '.join(map(str, table.columns[:8]))}"
        )
    rows = table[table[best].isin(known)]
    return once(
        (str(name).strip().upper(), gene)
        for column in rows.columns.drop(best)
        for name, gene in zip(rows[column].fillna(""), rows[best], strict=True)
        if not is_missing_word(str(name))
    )
