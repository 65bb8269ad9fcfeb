"""Assemble the page from result files; figures and tables are inlined, nothing is fetched."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
import yaml

from svqvae import presets
from svqvae.io.atomic import atomic_path
from svqvae.io.tables import read_result
from svqvae.report import accounts, findings
from svqvae.store import read_card

#: Larger SVGs (maps of many points) are shown as PNG.
_MAX_SVG = 200_000
#: Rows of a table on the page; the whole table is in the results folder.
_MAX_ROWS = 200
#: Longer tables scroll in a box of their own.
_SHORT = 12

_INTERVAL = re.compile(r"-?[\d.]+ \[")

_FIGURE_TITLES = {
    "mechanism_correlations": "Correlations of mechanisms",
    "mechanism_network": "Nearest mechanisms",
    "class_profiles": "Decoded class profiles",
    "latent_map": "Map of signatures and codes",
    "confusion": "Confusion on held-out perturbagens",
    "training": "Training",
}


@dataclass
class ModelSection:
    """What the page shows of one model."""

    name: str
    role: str
    preset: str
    sentence: str
    figures: list[dict[str, str]]
    relations: str
    clusters: str
    markers: str


@dataclass
class DatasetSection:
    """What the page shows of one data set."""

    name: str
    description: str
    sentences: list[str]
    figures: dict[str, str]
    benchmark: str
    comparison: str
    calibration: str
    filters: str
    accounts: list[str]
    labels: str
    duplicates: str | None
    recovery: str | None
    realism: str | None
    known: str | None
    novelty: str | None
    models: list[ModelSection] = field(default_factory=list)
    source: dict[str, str] = field(default_factory=dict)


def write_report(
    out: str | Path,
    *,
    results: str | Path,
    config: Mapping[str, Any],
    reference: str,
    subject: str,
    parts: Mapping[str, Sequence[str]],
) -> None:
    """Write the page.

    Parameters
    ----------
    results
        Folder with the results of all data sets in ``config``.
    config
        The checked configuration; it is part of the page.
    reference
        The model that the others are compared with.
    subject
        The model that is compared with each of the others.
    parts
        Of each data set, the parts of the page that not every data set has: recovery, realism,
        known_relations, novelty.
    """
    results = Path(results)
    sections = [
        _dataset_section(
            results / name,
            name,
            config["models"],
            reference,
            subject,
            parts=parts[name],
        )
        for name in config["datasets"]
    ]
    first_model = next(iter(config["models"]))
    card = read_card(results / next(iter(config["datasets"])) / first_model / "model")
    text = (
        _environment()
        .get_template("page.html")
        .render(
            title=config.get("title", "Mechanisms of action from expression signatures"),
            sections=sections,
            reference=reference,
            subject=subject,
            provenance=card["provenance"],
            config=yaml.safe_dump(_plain(config), sort_keys=False, allow_unicode=True),
            style=_asset("page.css"),
            script=_asset("page.js"),
            n_models=len(config["models"]),
            seeds=config.get("seeds", [0]),
        )
    )
    with atomic_path(out) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _environment() -> jinja2.Environment:
    loader = jinja2.PackageLoader("svqvae", "report")
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )


def _asset(name: str) -> str:
    return files("svqvae.report").joinpath(name).read_text(encoding="utf-8")


def _plain(config: Mapping[str, Any]) -> Any:
    """Return the configuration as plain lists and dictionaries, for YAML."""
    return json.loads(json.dumps(config))


def _dataset_section(
    folder: Path,
    name: str,
    models: Mapping[str, Any],
    reference: str,
    subject: str,
    *,
    parts: Sequence[str],
) -> DatasetSection:
    summary = read_result(folder / "benchmark_summary.tsv")
    filters = read_result(folder / "filters.tsv")
    labels = read_result(folder / "labels.tsv")
    duplicates = read_result(folder / "duplicates.tsv")
    said = [accounts.labels_sentence(labels), accounts.duplicates_sentence(duplicates)]
    last = filters.iloc[-1]
    comparison = read_result(folder / "benchmark_comparisons.tsv")
    calibration = read_result(folder / "calibration.tsv")
    sentences = [
        findings.benchmark_sentence(summary, reference),
        findings.comparison_sentence(comparison, "balanced_accuracy", "balanced accuracy"),
        findings.comparison_sentence(comparison, "mrr", "mean reciprocal rank"),
        findings.calibration_sentence(calibration, subject),
    ]
    drawn = ("benchmark", "comparison", "reliability", "filters")
    figures = {k: _image(folder / "figures" / k) for k in drawn}
    recovery = None
    if "recovery" in parts:
        table = read_result(folder / "recovery.tsv")
        sentences.append("Planted truth. " + findings.recovery_sentence(table))
        figures["recovery"] = _image(folder / "figures" / "recovery")
        recovery = _table(table)
    realism = None
    if "realism" in parts:
        figures["realism"] = _image(folder / "figures" / "realism")
        realism = _table(findings.realism_wide(read_result(folder / "figures" / "realism.tsv")))
    known = novelty = None
    if "known_relations" in parts:
        table = read_result(folder / "known_relations.tsv")
        sentences.append(findings.known_relations_sentence(table, subject))
        known = _table(table)
    if "novelty" in parts:
        table = read_result(folder / "novelty.tsv")
        sentences.append(findings.novelty_sentence(table, subject))
        novelty = _table(table)
    return DatasetSection(
        name=name,
        description=(
            f"{last['signatures']:,} signatures of {last['perturbagens']:,} perturbagens in "
            f"{last['classes']:,} classes"
        ),
        sentences=[sentence for sentence in sentences if sentence],
        figures=figures,
        benchmark=_table(findings.benchmark_wide(summary)),
        comparison=_table(comparison),
        calibration=_table(calibration),
        filters=_table(filters),
        accounts=[sentence for sentence in said if sentence],
        labels=_table(accounts.labels_summary(labels)),
        duplicates=_table(duplicates.fillna("")) if len(duplicates) else None,
        recovery=recovery,
        realism=realism,
        known=known,
        novelty=novelty,
        models=[
            _model_section(folder / m, m, settings["preset"])
            for m, settings in models.items()
            if presets.has_codes(settings["preset"])
        ],
        source=read_card(folder / next(iter(models)) / "model")["provenance"]["source"],
    )


def _model_section(folder: Path, name: str, preset: str) -> ModelSection:
    relations = read_result(folder / "mechanism_correlations.tsv")
    markers = read_result(folder / "class_markers.tsv")
    drawn = [k for k in _FIGURE_TITLES if k != "training" or presets.is_trained(preset)]
    return ModelSection(
        name=name,
        role=presets.role_of(preset),
        preset=preset,
        sentence=findings.relations_sentence(relations),
        figures=[
            {"title": _FIGURE_TITLES[k], "src": _image(folder / "figures" / k)} for k in drawn
        ],
        relations=_table(relations),
        clusters=_table(read_result(folder / "class_clusters.tsv")),
        markers=_table(markers.groupby("class", sort=False).head(5)),
    )


def _image(stem: Path) -> str:
    """Return a data URI of a figure: its SVG, or its PNG where the SVG is large."""
    svg = stem.with_name(f"{stem.name}.svg")
    if svg.stat().st_size <= _MAX_SVG:
        return f"data:image/svg+xml;base64,{base64.b64encode(svg.read_bytes()).decode()}"
    png = stem.with_name(f"{stem.name}.png")
    return f"data:image/png;base64,{base64.b64encode(png.read_bytes()).decode()}"


def _table(table: pd.DataFrame) -> str:
    """Return an HTML table that the page's script sorts and filters."""
    head = "".join(f"<th>{html.escape(str(c))}</th>" for c in table.columns)
    body = "".join(
        "<tr>" + "".join(_cell(v) for v in row) + "</tr>"
        for row in table.head(_MAX_ROWS).itertuples(index=False)
    )
    note = ""
    if len(table) > _MAX_ROWS:
        note = f"<p class='note'>The first {_MAX_ROWS} of {len(table):,} rows.</p>"
    height = " tall" if len(table) > _SHORT else ""
    return (
        f"<div class='scroll{height}'><table class='data'><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>{note}"
    )


def _cell(value: object) -> str:
    if isinstance(value, float):
        text = "" if pd.isna(value) else f"{value:.3g}"
        return f"<td class='number'>{text}</td>"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"<td class='number'>{value:,}</td>"
    kind = " class='interval'" if _INTERVAL.match(str(value)) else ""
    return f"<td{kind}>{html.escape(str(value))}</td>"
