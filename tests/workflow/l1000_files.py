"""The public files of L1000 consensus signatures, and look-alikes of those that are not here."""

import csv
import gzip
from pathlib import Path

import pytest


def public_folder(shared_data: Path) -> Path:
    """Return the folder of the public bytes; skip the test where it is absent."""
    folder = shared_data / "public"
    if not folder.is_dir():
        pytest.skip("the public consensus set is not here: ../shared/data/public does not exist")
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table; quotes may hold line ends."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def renamed(public: Path, ids: dict[str, str]) -> bytes:
    """Return the drugs' consensus under other ids, in the order and form of the file."""
    head, *rows = gzip.decompress((public / "consensi-drugbank.tsv.gz").read_bytes()).splitlines()
    kept = [head]
    for row in rows:
        old, _, values = row.partition(b"\t")
        if old.decode() in ids:
            kept.append(ids[old.decode()].encode() + b"\t" + values)
    return gzip.compress(b"\n".join(kept) + b"\n", 1, mtime=0)


def drug_ids(public: Path) -> list[str]:
    """Return the DrugBank ids of the consensus, in its order."""
    with gzip.open(public / "consensi-drugbank.tsv.gz", "rt") as file:
        next(file)
        return [line.partition("\t")[0] for line in file]


def broad_ids(public: Path) -> dict[str, str]:
    """Return a Broad id, without salt and batch, for each drug: the hub's, else one of nobody's."""
    hub: dict[str, str] = {}
    for row in rows_of(public / "repurposing_info.tsv"):
        hub.setdefault(row["InChIKey"][:14], row["broad_id"][:13])
    drugs = {row["drugbank_id"]: row["inchikey"] for row in rows_of(public / "drugbank.tsv")}
    found: dict[str, str] = {}
    for at, drug in enumerate(drug_ids(public)):
        broad = hub.get(drugs[drug].removeprefix("InChIKey=")[:14], f"BRD-A{at:08d}")
        if broad not in found.values():
            found[drug] = broad
    return found


def entrez_ids(public: Path, strangers: int) -> dict[str, str]:
    """Return an Entrez id for each drug: genes that are targets first.

    The last ``strangers`` are ids that the gene table lacks.
    """
    hub = rows_of(public / "repurposing_info.tsv")
    targets = {symbol for row in hub for symbol in row["target"].split("|")}
    genes = rows_of(public / "genes.tsv")
    genes.sort(key=lambda row: row["symbol"] not in targets)
    drugs = drug_ids(public)
    known = [row["entrez_gene_id"] for row in genes[: len(drugs) - strangers]]
    unknown = [str(999_000_000 + i) for i in range(strangers)]
    return dict(zip(drugs, [*known, *unknown], strict=True))
