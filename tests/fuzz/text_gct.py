"""GCT files of version 1.3."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from text_files import (
    GENES,
    LINE_ENDS,
    MISSING,
    SIGNATURES,
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


def gct(r: random.Random, folder: Path) -> tuple[str, Callable[[], None]]:
    n, g, k, h = r.randint(0, 5), r.randint(0, 5), r.randint(0, 2), r.randint(0, 2)
    ids, genes = names(r, n, SIGNATURES), names(r, g, GENES)
    cells = [[number(r) for _ in range(n)] for _ in range(g)]
    obs = [[text_of(r) for _ in range(n)] for _ in range(h)]
    var = [[text_of(r) for _ in range(k)] for _ in range(g)]

    def write(value: str | None) -> str:
        return r.choice(MISSING) if value is None else value

    rows = [["id", *(f"v{i}" for i in range(k)), *ids]]
    rows += [[f"o{i}", *["na"] * k, *map(write, row)] for i, row in enumerate(obs)]
    rows += [
        [gene, *map(write, side), *(t for t, _ in row)]
        for gene, side, row in zip(genes, var, cells, strict=True)
    ]
    end = r.choice(LINE_ENDS)
    padding = "\t" * (len(rows[0]) - 1) if r.random() < 0.2 else ""
    lines = [f"#1.3{padding}{end}", f"{g}\t{n}\t{k}\t{h}{end}", *rows_to_text(r, rows, "\t", end)]
    kind = "none"
    if r.random() < 0.5:
        lines, kind, _ = damaged(r, lines, "\t")
    path = put(r, folder, "a", ".gct", encoded(r, lines), kind)

    def check() -> None:
        with open_signatures(path) as file:
            at_row = choose(None, file.obs, "signature", path)
            x = file.read(at_row, choose(None, file.var, "gene", path))
            got = [
                [*file.obs.index],
                [*file.var.index],
                *x.T.astype(float).tolist(),
                *(rows_of(t) for t in (file.obs.T, file.var)),
            ]
        want = [ids, genes, *([v for _, v in row] for row in cells), obs, var]
        # What a cut leaves must not be read: the second line says how much there is.
        if kind == "cut" and repr(got) != repr(want):
            # Within the last field of the last line: what it was cannot be told.
            different = sum(repr(a) != repr(b) for a, b in zip(flat(got), flat(want), strict=True))
            if different == 1:
                return
        compare(kind if kind in ("bytes", "quote") else "none", got, want, "values")

    return kind, check


def flat(value: Any) -> list[Any]:
    """Return the values of nested lists."""
    return [v for item in value for v in flat(item)] if isinstance(value, list) else [value]
