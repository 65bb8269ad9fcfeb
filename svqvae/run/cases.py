"""From a checked configuration to what decides which outputs a run has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from svqvae.models import presets
from svqvae.results import DATASET, FIGURES, MODEL, Case, Figure, Output, outputs
from svqvae.results.case import always
from svqvae.results.row import DRAWN
from svqvae.run.config import subject_model
from svqvae.run.config_figures import figures_of


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
    """Return every table and figure of a run, in all kinds of file that are asked for."""
    kinds = figures_of(config)["kinds"]
    return [
        one
        for row, path in made_by(config)
        for one in (path, *(also_of(path, kinds) if isinstance(row, Figure) else ()))
    ]


def also_of(path: str, kinds: Iterable[str]) -> list[str]:
    """Return a figure, given as its svg, as files of further kinds."""
    return [f"{path.removesuffix(DRAWN[0])}.{kind}" for kind in kinds]


def page_paths(config: Mapping[str, Any]) -> list[str]:
    """Return the tables and figures that the page shows or speaks of, and what those draw."""
    shown = [(row, path) for row, path in made_by(config) if row.title or row.says]
    drawn = [f"{path.removesuffix(DRAWN[0])}.tsv" for row, path in shown if isinstance(row, Figure)]
    return [path for _, path in shown] + drawn


@dataclass(frozen=True)
class Drawing:
    """Figures that one job draws: all that a data set has, or a model on it."""

    #: Names, each by itself a value of the wildcard; of figures of data sets there are no models.
    datasets: tuple[str, ...]
    models: tuple[str, ...]
    figures: tuple[Figure, ...]


def drawings(config: Mapping[str, Any]) -> dict[str, Drawing]:
    """Return the drawing jobs of a run by name, which says the conditions of their figures.

    What has the same figures is drawn by one job for each data set, or each model on it.
    """
    of_datasets: dict[tuple[Figure, ...], list[str]] = {}
    of_models: dict[tuple[Figure, ...], dict[str, list[str]]] = {}
    for dataset in studied(config):
        drawn = _figures(case_of(config, dataset), DATASET)
        of_datasets.setdefault(drawn, []).append(dataset)
        for model in config["models"]:
            if drawn := _figures(case_of(config, dataset, model), MODEL):
                of_models.setdefault(drawn, {}).setdefault(dataset, []).append(model)
    found: dict[str, Drawing] = {}
    for figures, datasets in of_datasets.items():
        _add(found, "draw_dataset", Drawing(tuple(datasets), (), figures))
    for figures, having in of_models.items():
        for models in dict.fromkeys(map(tuple, having.values())):
            datasets = [dataset for dataset, mine in having.items() if tuple(mine) == models]
            _add(found, "draw_model", Drawing(tuple(datasets), models, figures))
    return found


def _figures(case: Case, folder: str) -> tuple[Figure, ...]:
    return tuple(f for f in FIGURES.values() if f.folder == folder and f.when(case))


def _add(found: dict[str, Drawing], what: str, drawing: Drawing) -> None:
    conditions = dict.fromkeys(f.when.__name__ for f in drawing.figures if f.when is not always)
    name = "_".join([what, *conditions])
    again = sum(other.rstrip("_0123456789") == name for other in found)
    found[f"{name}_{again + 1}" if again else name] = drawing
