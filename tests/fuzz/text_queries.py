"""Queries on a table of signatures, sensible and senseless."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from text_files import Wrong

from svqvae.io.ids import choose

TABLE = pd.DataFrame(
    {
        "cell_id": ["A375", None, "MCF7"],
        "tas": [0.1, np.nan, 0.5],
        "pr_gene_id": ["466", "16", "7"],
    },
    index=["S1", "S2", "466"],
)
TOKENS = [
    *("cell_id", "tas", "pr_gene_id", "sig_id", "id", "index", "466", "'466'", "'A375'", "0.2"),
    *("==", "!=", "<", ">=", "in", "not in", "and", "or", "not", "&", "|", "~", "(", ")", "[", "]"),
    *(",", "+", "-", "*", "/", "**", "%", "//", "@", "`", "'", '"', ".", ".isna()", ".str", ":"),
    *("lambda", "None", "True", "1e999", "0012", "é", "\n", ";", "if", "else", "{", "}", "f'{x}'"),
]  # fmt: skip


def query(r: random.Random, folder: Path) -> tuple[str, Callable[[], None]]:
    simple = [
        r.choice(["cell_id", "tas", "pr_gene_id", "sig_id", "`tas`", "index"]),
        r.choice(["==", "!=", "<", ">=", "in", "not in"]),
        r.choice(["466", "'466'", "'A375'", "[466, 16]", "['A375']", "0.2", "True"]),
    ]
    parts = r.choices(TOKENS, k=r.randint(1, 9))
    words = simple if r.random() < 0.3 else r.choice([simple + parts[:1] + simple, parts])
    text = " ".join(words)

    def check() -> None:
        at = choose(text, TABLE, "signature", "a.gctx")
        if words == simple and ("pr_gene_id" in text) and "466" in text and "[" not in text:
            yes = [0] if "==" in text else [1, 2] if "!=" in text else None
            if yes is not None and at.tolist() != yes:
                raise Wrong(f"{text}: {at}")

    return "query", check
