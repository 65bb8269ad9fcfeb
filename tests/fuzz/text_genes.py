"""Lists of genes and sets of genes (GMT)."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from text_files import GENES, LINE_ENDS, Wrong, damaged, encoded, names, put

from svqvae.io.gmt import read_gene_sets
from svqvae.pp.genes import read_gene_list


def gene_list(r: random.Random, folder: Path) -> tuple[str, Callable[[], None]]:
    genes = names(r, r.randint(1, 9), GENES)
    end = r.choice(LINE_ENDS)
    lines = [f"{gene}{end}" for gene in genes]
    for _ in range(r.choice([0, 0, 1, 2])):
        lines.insert(r.randrange(len(lines) + 1), r.choice(["", "# x, y", "! z"]) + end)
    kind = "none"
    if r.random() < 0.4:
        lines, kind, _ = damaged(r, lines, ",")
    path = put(r, folder, "a", r.choice([".txt", ".grp", ""]), encoded(r, lines), kind)

    def check() -> None:
        got = read_gene_list(path)
        if kind in ("none", "double", "separator") and got != genes:
            raise Wrong(f"{got} is not {genes}")
        if kind == "nul":
            raise Wrong("NUL was read")

    return kind, check


def gene_sets(r: random.Random, folder: Path) -> tuple[str, Callable[[], None]]:
    sets = {f"SET {i} µ": names(r, r.randint(1, 6), GENES) for i in range(r.randint(1, 5))}
    end = r.choice(LINE_ENDS)
    lines = [f"{name}\t{r.choice(['', 'na'])}\t" + "\t".join(g) + end for name, g in sets.items()]
    for _ in range(r.choice([0, 0, 1, 2])):
        lines.insert(r.randrange(len(lines) + 1), r.choice(["", "# x"]) + end)
    kind = "none"
    if r.random() < 0.4:
        lines, kind, _ = damaged(r, lines, "\t")
    path = put(r, folder, "a", ".gmt", encoded(r, lines), kind)

    def check() -> None:
        got = read_gene_sets(path)
        if kind == "none" and got != sets:
            raise Wrong(f"{got} is not {sets}")
        if kind == "nul":
            raise Wrong("NUL was read")

    return kind, check
