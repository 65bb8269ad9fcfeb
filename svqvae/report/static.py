"""What stands on the page without its script: cards, main tables, methods and provenance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import jinja2
import pandas as pd

from svqvae.report import sides
from svqvae.report.columns import COLUMNS
from svqvae.report.gather import Dataset
from svqvae.report.verdicts import cards
from svqvae.results import FIGURES, FILES, PARTS
from svqvae.tl.evaluation.metrics import METRICS
from svqvae.tl.fdr import FDR

#: Rows of a table without the script; with it, every row is there.
MAX_ROWS = 300


@dataclass(frozen=True)
class Plain:
    """A table as rows of text."""

    title: str
    head: list[tuple[str, str]]
    rows: list[list[str]]
    total: int


def environment() -> jinja2.Environment:
    """Return where the page's skeleton is found; what it is given is escaped."""
    loader = jinja2.PackageLoader("svqvae", "report")
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )


def asset(name: str) -> str:
    """Return a text file of the page."""
    return files("svqvae.report").joinpath(name).read_text(encoding="utf-8")


def outline(dataset: Dataset, named: Mapping[str, str]) -> dict[str, Any]:
    """Return what the skeleton shows of a data set."""
    subject = named["subject"]
    mine = dataset.models.get(subject, {})
    chance = sides.chance(dataset.tables, dataset.held_out())
    last = dataset.tables["filters"].iloc[-1]
    return {
        "name": dataset.name,
        "cards": cards(dataset.tables, mine, model=subject, chance=chance),
        "tables": list(_tables(dataset, subject)),
        "sentences": _sentences(dataset, named),
        "numbers": {name: int(last[name]) for name in ("signatures", "perturbagens", "classes")},
        "models": [(m, dataset.roles[m], dataset.presets[m]) for m in dataset.models],
        "provenance": dataset.card["provenance"],
        "measured": [METRICS[m].title for m in METRICS],
    }


def _sentences(dataset: Dataset, named: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Return what the tables say, by the headings of the results."""
    rows = {**FILES, **FIGURES}
    found = []
    for part in PARTS:
        said = [s for name, s in dataset.sentences.items() if rows[name].heading == part]
        if said:
            found.append((part.format(**named), said))
    return found


def _tables(dataset: Dataset, subject: str) -> Any:
    tables = dataset.tables
    if sides.heads_by_compound(tables):
        whole = benchmark_wide(tables["benchmark_by_compound"])
        yield plain("Scores on held-out compounds, each by all its signatures", whole)
    if "benchmark_summary" in tables:
        yield plain("Scores on held-out compounds", benchmark_wide(tables["benchmark_summary"]))
    relations = dataset.models.get(subject, {}).get("mechanism_correlations")
    if relations is not None:
        shown = ["class_a", "class_b", "correlation", "specific_correlation", "q_value"]
        best = relations[relations["q_value"] <= FDR].sort_values("q_value", kind="stable")
        title = f"Pairs of classes beyond chance (q up to {FDR:g}) of {len(relations):,}"
        yield plain(title, best[[*shown, "edge_support"]])
    markers = dataset.models.get(subject, {}).get("class_markers")
    if markers is not None:
        best = markers[markers["q_value"] <= FDR].groupby("class", sort=False).head(5)
        shown = ["class", "gene", "direction", "effect", "q_value", "support"]
        yield plain(f"Marker genes (q up to {FDR:g}), at most five a class", best[shown])
    yield plain("Signatures left after each filter", tables["filters"])


def benchmark_wide(summary: pd.DataFrame) -> pd.DataFrame:
    """Return one row per model with value and interval of each metric as text."""
    rows: dict[str, dict[str, str]] = {}
    for row in summary.itertuples():
        text = (
            "" if pd.isna(row.value) else f"{row.value:.3f} [{row.ci_low:.3f}, {row.ci_high:.3f}]"
        )
        mine = rows.setdefault(str(row.model), {"role": str(row.role)})
        mine[METRICS[str(row.metric)].title] = text
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model").reset_index()


def plain(title: str, table: pd.DataFrame) -> Plain:
    """Return a table as text, with what its headers mean."""
    head = []
    for name in map(str, table.columns):
        column = COLUMNS.get(name)
        head.append((column.title, column.help) if column else (name, ""))
    rows = [_row(row) for row in table.head(MAX_ROWS).itertuples(index=False)]
    return Plain(title, head, rows, len(table))


def _row(row: Sequence[Any]) -> list[str]:
    texts = []
    for value in row:
        if pd.isna(value):
            texts.append("")
        elif isinstance(value, float):
            texts.append(f"{value:.4g}")
        else:
            texts.append(f"{value:,}" if isinstance(value, int) else str(value))
    return texts
