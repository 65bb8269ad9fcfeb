"""Tables of signatures and of metadata, in any dialect."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
from text_files import (
    GENES,
    LINE_ENDS,
    MISSING,
    SIGNATURES,
    Wrong,
    compare,
    damaged,
    encoded,
    names,
    number,
    put,
    rows_of,
    rows_to_text,
    text_of,
)

from svqvae.io import open_signatures
from svqvae.io.ids import choose
from svqvae.io.tables import read_table


def signature_table(r: random.Random, folder: Path) -> tuple[str, Callable[[], None]]:
    n, g, m = r.randint(0, 6), r.randint(1, 6), r.randint(0, 3)
    ids, genes = names(r, n, SIGNATURES), names(r, g, GENES)
    cells = [[number(r) for _ in range(g)] for _ in range(n)]
    columns = [f"Metadata_{c}" for c in r.sample(["pert_id", "cell_id", "tas", "a b", "µ"], m)]
    metadata = [[text_of(r) for _ in columns] for _ in range(n)]
    header = [*columns, *genes]
    body = [
        [*(r.choice(MISSING) if v is None else v for v in meta), *(t for t, _ in row)]
        for meta, row in zip(metadata, cells, strict=True)
    ]
    order = r.sample(range(len(header)), len(header))
    header, body = [header[i] for i in order], [[row[i] for i in order] for row in body]
    style = r.choice(["sig_id", "Metadata_sig_id", "unnamed", "cid", "R"])
    at = r.randint(0, len(header)) if "sig_id" in style else 0
    if style == "R":
        body = [[i, *row] for i, row in zip(ids, body, strict=True)]
    else:
        name = "" if style == "unnamed" else style
        header = [*header[:at], name, *header[at:]]
        body = [[*row[:at], i, *row[at:]] for i, row in zip(ids, body, strict=True)]
    separator, end = r.choice("\t,;"), r.choice(LINE_ENDS)
    lines = rows_to_text(r, [header, *body], separator, end)
    kind = "none"
    if r.random() < 0.5 and body:
        lines, kind, _ = damaged(r, lines, separator)
    comments = [f"{r.choice('!#')} made by x, y{end}"] * r.choice([0, 0, 0, 1, 3])
    raw = encoded(r, [*comments, *lines])
    path = put(r, folder, "a", r.choice([".csv", ".tsv", ".txt", ".tab"]), raw, kind)

    def check() -> None:
        with open_signatures(path) as file:
            obs = file.obs
            at_row = choose(None, obs, "signature", path)
            x = file.read(at_row, choose(None, file.var, "gene", path))
        if style == "R" and len(ids) < 2:
            return  # too few rows to say that they have row names
        in_order = [
            header.index(gene) - (at < header.index(gene) and style != "R") for gene in genes
        ]
        ranked = [genes[i] for i in np.argsort(in_order)]
        if kind not in ("quote", "bytes") and list(file.var.index) != ranked:
            raise Wrong(f"genes {list(file.var.index)}, not {ranked}")
        where = [ranked.index(gene) for gene in genes] if set(file.var.index) == set(genes) else []
        want = [[i, *(v for _, v in row)] for i, row in zip(ids, cells, strict=True)]
        got = [[i, *map(float, row[where])] for i, row in zip(obs.index, x, strict=True)]
        compare(kind, got, want, "values")
        side = [c.removeprefix("Metadata_") for c in columns]
        if set(side) <= set(obs.columns):
            shown = obs[side].astype(object).where(obs[side].notna(), None).to_numpy().tolist()
            compare(kind, shown, metadata, "metadata")

    return kind, check


def metadata_table(r: random.Random, folder: Path) -> tuple[str, Callable[[], None]]:
    n, m = r.randint(0, 6), r.randint(2, 5)
    columns = r.sample(["pert_id", "moa", "cell_id", "tas", "a b", "µ", "x"], m)
    body = [[text_of(r) for _ in columns] for _ in range(n)]
    for i, row in enumerate(body):
        row[0] = f"BRD-{i}"
    rows = [[r.choice(MISSING) if v is None else v for v in row] for row in body]
    with_names = r.random() < 0.2 and n
    if with_names:
        rows = [[f"row{i}", *row] for i, row in enumerate(rows)]
    separator, end = r.choice("\t,;"), r.choice(LINE_ENDS)
    lines = rows_to_text(r, [columns, *rows], separator, end)
    kind, at = "none", 0
    if r.random() < 0.5 and n:
        lines, kind, at = damaged(r, lines, separator)
    comments = [f"{r.choice('!#')} made by x{end}"] * r.choice([0, 0, 0, 1, 3])
    path = put(
        r, folder, "a", r.choice([".csv", ".tsv", ".txt"]), encoded(r, [*comments, *lines]), kind
    )

    def check() -> None:
        table = read_table(path)
        want = [*body[:at], *body[at - 1 :]] if kind == "double" else body
        if with_names and n == 1 and kind != "none":
            return  # one row of any length is a table
        if set(columns) <= set(table.columns):
            compare(kind, rows_of(table[columns]), want, "table")
        elif kind == "none":
            raise Wrong(f"columns {list(table.columns)}, not {columns}")

    return kind, check
