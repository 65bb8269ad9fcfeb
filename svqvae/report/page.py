"""Assemble the page from result files; figures and tables are inlined, nothing is fetched."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from svqvae.io.atomic import atomic_path
from svqvae.io.tables import read_result
from svqvae.models import presets
from svqvae.models.store import read_card
from svqvae.report import accounts, findings, mechanisms
from svqvae.report.elements import asset, environment, image, table_html
from svqvae.tl.relations.significance import FDR

_FIGURE_TITLES = {
    "mechanism_correlations": "Correlations of mechanisms",
    "mechanism_network": "Mechanisms that resemble each other beyond chance",
    "nearest_network": "Nearest mechanisms (every class has one; the published network)",
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
    sentences: list[str]
    figures: list[dict[str, str]]
    edges: str | None
    relations: str
    hubs: str
    clusters: str
    markers: str
    enrichment: str | None


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
    pairs: str | None
    novelty: str | None
    targets: str | None
    targets_summary: str | None
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
        Of each data set that models were trained on, the parts of the page that not every data set
        has: recovery, realism, known_relations, novelty, drug_targets, enrichment.
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
        for name in parts
    ]
    first_model = next(iter(config["models"]))
    card = read_card(results / next(iter(parts)) / first_model / "model")
    text = (
        environment()
        .get_template("page.html")
        .render(
            title=config.get("title", "Mechanisms of action from expression signatures"),
            sections=sections,
            reference=reference,
            subject=subject,
            provenance=card["provenance"],
            config=yaml.safe_dump(_plain(config), sort_keys=False, allow_unicode=True),
            style=asset("page.css"),
            script=asset("page.js"),
            n_models=len(config["models"]),
            seeds=config.get("seeds", [0]),
        )
    )
    with atomic_path(out) as temporary:
        temporary.write_text(text, encoding="utf-8")


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
    figures = {k: image(folder / "figures" / k) for k in drawn}
    recovery = None
    if "recovery" in parts:
        table = read_result(folder / "recovery.tsv")
        sentences.append("Planted truth. " + findings.recovery_sentence(table))
        figures["recovery"] = image(folder / "figures" / "recovery")
        recovery = table_html(table)
    realism = None
    if "realism" in parts:
        figures["realism"] = image(folder / "figures" / "realism")
        realism = table_html(findings.realism_wide(read_result(folder / "figures" / "realism.tsv")))
    known = pairs = novelty = targets = targets_summary = None
    if "drug_targets" in parts:
        table = read_result(folder / "drug_targets_summary.tsv")
        sentences.append(mechanisms.targets_sentence(table))
        targets_summary = table_html(table)
        targets = table_html(read_result(folder / "drug_targets.tsv"))
        figures["drug_targets"] = image(folder / "figures" / "drug_targets")
    if "known_relations" in parts:
        table = read_result(folder / "known_relations.tsv")
        sentences.append(mechanisms.known_relations_sentence(table, subject))
        known = table_html(mechanisms.known_relations_wide(table))
        found = read_result(folder / "known_pairs.tsv")
        sentences.append(mechanisms.known_pairs_sentence(found))
        pairs = table_html(found)
    if "novelty" in parts:
        table = read_result(folder / "novelty.tsv")
        sentences.append(findings.novelty_sentence(table, subject))
        novelty = table_html(table)
    return DatasetSection(
        name=name,
        description=(
            f"{last['signatures']:,} signatures of {last['perturbagens']:,} perturbagens in "
            f"{last['classes']:,} classes"
        ),
        sentences=[sentence for sentence in sentences if sentence],
        figures=figures,
        benchmark=table_html(findings.benchmark_wide(summary)),
        comparison=table_html(comparison),
        calibration=table_html(calibration),
        filters=table_html(filters),
        accounts=[sentence for sentence in said if sentence],
        labels=table_html(accounts.labels_summary(labels)),
        duplicates=table_html(duplicates.fillna("")) if len(duplicates) else None,
        recovery=recovery,
        realism=realism,
        known=known,
        pairs=pairs,
        novelty=novelty,
        targets=targets,
        targets_summary=targets_summary,
        models=[
            _model_section(folder / m, m, settings["preset"], enriched="enrichment" in parts)
            for m, settings in models.items()
            if presets.has_codes(settings["preset"])
        ],
        source=read_card(folder / next(iter(models)) / "model")["provenance"]["source"],
    )


def _best_sets(path: Path) -> str:
    """Return the gene sets up to the false discovery rate, five a class and method."""
    table = read_result(path)
    best = table[table["q_value"] <= FDR].groupby(["class", "method"], sort=False).head(5)
    return table_html(best)


def _model_section(folder: Path, name: str, preset: str, *, enriched: bool) -> ModelSection:
    relations = read_result(folder / "mechanism_correlations.tsv")
    edges = read_result(folder / "mechanism_network.tsv")
    hubs = read_result(folder / "class_hubs.tsv")
    stability = read_result(folder / "cluster_stability.tsv")
    markers = read_result(folder / "class_markers.tsv")
    drawn = [k for k in _FIGURE_TITLES if k != "training" or presets.is_trained(preset)]
    return ModelSection(
        name=name,
        role=presets.role_of(preset),
        preset=preset,
        sentences=[
            mechanisms.relations_sentence(relations),
            mechanisms.hubs_sentence(hubs),
            mechanisms.clusters_sentence(stability),
        ],
        figures=[{"title": _FIGURE_TITLES[k], "src": image(folder / "figures" / k)} for k in drawn],
        edges=table_html(edges) if len(edges) else None,
        relations=table_html(relations),
        hubs=table_html(hubs),
        clusters=table_html(read_result(folder / "class_clusters.tsv")),
        markers=table_html(markers.groupby("class", sort=False).head(5)),
        enrichment=_best_sets(folder / "class_enrichment.tsv") if enriched else None,
    )
