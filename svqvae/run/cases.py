"""From a checked configuration to what decides which outputs a run has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from svqvae.models import presets
from svqvae.results import DATASET, MODEL, Case, Output, outputs
from svqvae.run.config import subject_model


def studied(config: Mapping[str, Any]) -> list[str]:
    """Return the data sets that models are trained on; knock-downs are only compared with."""
    knockdowns = config.get("analysis", {}).get("drug_targets", {}).get("knockdowns")
    return [name for name in config["datasets"] if name != knockdowns]


def case_of(config: Mapping[str, Any], dataset: str, model: str | None = None) -> Case:
    """Return what decides which outputs a data set has, or one model on it.

    Parameters
    ----------
    model
        Without it, what is said of models holds if it holds of any.
    """
    settings, analysis = config["datasets"][dataset], config.get("analysis", {})
    kind = settings["source"]["kind"]
    models = config["models"] if model is None else {model: config["models"][model]}
    used = [m["preset"] for m in models.values()]
    subject = config["models"][subject_model(config)]["preset"]
    return Case(
        is_simulated=kind == "simulated",
        is_image=kind == "idx",
        knows_relations=(
            kind == "simulated" or "relations" in analysis or "targets" in settings["labels"]
        ),
        evaluates_novelty=analysis.get("novelty", True) and presets.tells_novelty(subject),
        has_gene_sets="gene_sets" in analysis,
        has_knockdowns=dataset == analysis.get("drug_targets", {}).get("compounds"),
        has_codes=any(map(presets.has_codes, used)),
        is_trained=any(map(presets.is_trained, used)),
        is_simulator=any(name in analysis.get("simulation", []) for name in models),
    )


def models_with(config: Mapping[str, Any], dataset: str, row: Output) -> list[str]:
    """Return the models that have an output on a data set, in the order of the configuration."""
    return [m for m in config["models"] if row.when(case_of(config, dataset, m))]


def paths_of(config: Mapping[str, Any], dataset: str, row: Output) -> list[str]:
    """Return where an output lies: its one file of the data set, or one file of each model."""
    results = config.get("results", "results").rstrip("/")
    if row.folder == DATASET:
        return [str(row.path(results, dataset=dataset))]
    names = models_with(config, dataset, row)
    return [str(row.path(results, dataset=dataset, model=name)) for name in names]


def made_by(config: Mapping[str, Any]) -> Iterator[tuple[Output, str]]:
    """Yield every output of a run with its path, of the data sets that models are trained on."""
    for dataset in studied(config):
        for folder in (DATASET, MODEL):
            for row in outputs(case_of(config, dataset), folder):
                for path in paths_of(config, dataset, row):
                    yield row, path


def all_paths(config: Mapping[str, Any]) -> list[str]:
    """Return every table and figure of a run."""
    return [path for _, path in made_by(config)]


def page_paths(config: Mapping[str, Any]) -> list[str]:
    """Return the tables and figures that the page shows or speaks of."""
    return [path for row, path in made_by(config) if row.title or row.says]
