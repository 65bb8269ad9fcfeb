"""Answers as text: a table for the terminal, TSV, JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.io.text import without_controls
from svqvae.query.answer import Answer

#: Lines of a table that a terminal shows for each query, and queries that it shows.
_LINES, _QUERIES = 5, 10


def as_json(answer: Answer) -> str:
    """Return ``{"queries": [{"query", "genes_used", "classes", "compounds", ...}]}``."""
    queries = []
    tables = {"compounds": answer.compounds, "genes": answer.genes}
    parts = {
        name: {} if table is None else dict(list(table.groupby("query", sort=False)))
        for name, table in tables.items()
    }
    for name, rows in answer.classes.groupby("query", sort=False):
        first = rows.iloc[0]
        one: dict[str, Any] = {
            "query": name,
            "genes_used": int(first["genes_used"]),
            "genes_of_model": int(first["genes_of_model"]),
        }
        said = ["query", "genes_used", "genes_of_model"]
        if keys.N_SIGNATURES in rows:
            one[keys.N_SIGNATURES] = int(first[keys.N_SIGNATURES])
            said.append(keys.N_SIGNATURES)
        one["classes"] = _records(rows, but=said)
        for part, by_query in parts.items():
            one[part] = _records(by_query[name], but=["query"]) if name in by_query else []
        one["notes"] = answer.notes[str(name)]
        queries.append(one)
    return json.dumps({"queries": queries}, indent=1, ensure_ascii=False, allow_nan=False)


def _records(table: pd.DataFrame, *, but: list[str]) -> list[dict[str, Any]]:
    plain = table.drop(columns=but).astype(object)
    return [
        {name: _plain(value) for name, value in row.items()}
        for row in plain.to_dict(orient="records")
    ]


def _plain(value: object) -> object:
    """Return a value that JSON has; six digits, as tables have them, and null for none."""
    if isinstance(value, float | np.floating):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    if isinstance(value, int | np.integer):
        return int(value)
    return None if pd.isna(value) else str(value)


def as_text(answer: Answer) -> str:
    """Return what a terminal shows: the first queries, each with classes, compounds and genes."""
    names = list(dict.fromkeys(answer.classes["query"]))
    lines: list[str] = []
    for name in names[:_QUERIES]:
        lines += [f"== {name}"]
        rows = answer.classes[answer.classes["query"] == name].head(_LINES)
        lines += _table(rows, ["rank", "predicted_class", "probability", "score"])
        if np.isfinite(novelty := float(rows["novelty"].iloc[0])):
            lines.append(f"   novelty {novelty:.2f} (near 1: unlike all classes)")
        if answer.compounds is not None:
            near = answer.compounds[answer.compounds["query"] == name].head(_LINES)
            shown = ["rank", "pert_iname", "class", "similarity", "percentile"]
            lines += ["   nearest compounds", *_table(near, [c for c in shown if c in near])]
        if answer.genes is not None:
            lines += _speaking(answer.genes[answer.genes["query"] == name])
        lines += [f"   - {note}" for note in answer.notes[name]]
        lines.append("")
    if len(names) > _QUERIES:
        lines.append(f"and {len(names) - _QUERIES} queries more; --out FILE has all")
    return "\n".join(map(without_controls, lines))


def _table(rows: pd.DataFrame, columns: list[str]) -> list[str]:
    shown = rows[columns].copy()
    for column in shown.select_dtypes("float"):
        shown[column] = shown[column].map(lambda v: "" if np.isnan(v) else f"{v:.3g}")
    text = {c: [c, *shown[c].astype(str)] for c in columns}
    wide = {c: max(map(len, cells)) for c, cells in text.items()}
    return [
        "   " + "  ".join(text[c][i].ljust(wide[c]) for c in columns).rstrip()
        for i in range(len(rows) + 1)
    ]


def _speaking(genes: pd.DataFrame) -> list[str]:
    if not len(genes):
        return []
    said = []
    sign = np.sign(genes["contribution"])
    for word, part in (("for", genes[sign > 0]), ("against", genes[sign < 0])):
        rows = part.reindex(part["contribution"].abs().sort_values(ascending=False).index)
        named = [f"{r.symbol} ({r.value:+.1f})" for r in rows.head(8).itertuples()]
        if named:
            said.append(f"   speak {word} '{genes['class'].iloc[0]}': {', '.join(named)}")
    return said
