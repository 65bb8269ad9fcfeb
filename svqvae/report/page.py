"""Assemble the page from result files; figures and tables are inlined, nothing is fetched."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from svqvae.io.atomic import atomic_path
from svqvae.io.tables import read_result
from svqvae.models import presets
from svqvae.models.store import read_card
from svqvae.report.elements import asset, environment, image, table_html
from svqvae.results import DATASET, FIGURES, FILES, MODEL, PARTS, Figure, Output


@dataclass(frozen=True)
class Item:
    """A figure or table of the page."""

    title: str
    caption: str
    image: str | None = None
    table: str | None = None
    folded: bool = True


@dataclass(frozen=True)
class Part:
    """What stands under one heading."""

    heading: str
    items: list[Item]


@dataclass(frozen=True)
class ModelSection:
    """What the page shows of one model."""

    name: str
    role: str
    preset: str
    sentences: list[str]
    items: list[Item]


@dataclass(frozen=True)
class DatasetSection:
    """What the page shows of one data set."""

    name: str
    description: str
    sentences: list[str]
    parts: list[Part]
    models: list[ModelSection]
    source: dict[str, str]


def write_report(
    out: str | Path,
    *,
    results: str | Path,
    made: Iterable[str | Path],
    config: Mapping[str, Any],
    reference: str,
    subject: str,
) -> None:
    """Write the page.

    Parameters
    ----------
    results
        Folder with the results of all data sets in ``config``.
    made
        Tables and figures that there are; of these the page shows those with a title in
        :mod:`svqvae.results`.
    config
        The checked configuration; it is part of the page.
    reference
        The model that the others are compared with.
    subject
        The model that is compared with each of the others.
    """
    page = _Page(Path(results), set(map(Path, made)), reference, subject)
    filters = FILES["filters"]
    datasets = [d for d in config["datasets"] if page.has(filters, dataset=d)]
    first_model = next(iter(config["models"]))
    card = read_card(page.results / datasets[0] / first_model / "model")
    text = (
        environment()
        .get_template("page.html")
        .render(
            title=config.get("title", "Mechanisms of action from expression signatures"),
            sections=[page.dataset(name, config["models"]) for name in datasets],
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


@dataclass(frozen=True)
class _Page:
    """What all sections of one page share."""

    results: Path
    made: set[Path]
    reference: str
    subject: str

    @property
    def _models(self) -> dict[str, str]:
        return {"reference": self.reference, "subject": self.subject}

    def has(self, row: Output, **wildcards: str) -> bool:
        """Return whether an output is there."""
        return row.path(self.results, **wildcards) in self.made

    def dataset(self, name: str, models: Mapping[str, Any]) -> DatasetSection:
        """Return what the page shows of a data set."""
        last = read_result(FILES["filters"].path(self.results, dataset=name)).iloc[-1]
        items = list(self._items(DATASET, dataset=name))
        parts = [
            Part(heading.format(**self._models), [i for row, i in items if row.heading == heading])
            for heading in PARTS
        ]
        described = [m for m in models if self.has(FILES["class_hubs"], dataset=name, model=m)]
        source = read_card(self.results / name / next(iter(models)) / "model")
        return DatasetSection(
            name=name,
            description=(
                f"{last['signatures']:,} signatures of {last['perturbagens']:,} perturbagens in "
                f"{last['classes']:,} classes"
            ),
            sentences=list(self._sentences(DATASET, dataset=name)),
            parts=[part for part in parts if part.items],
            models=[self._model(name, m, models[m]["preset"]) for m in described],
            source=source["provenance"]["source"],
        )

    def _model(self, dataset: str, name: str, preset: str) -> ModelSection:
        return ModelSection(
            name=name,
            role=presets.role_of(preset),
            preset=preset,
            sentences=list(self._sentences(MODEL, dataset=dataset, model=name)),
            items=[item for _, item in self._items(MODEL, dataset=dataset, model=name)],
        )

    def _rows(self, folder: str, **wildcards: str) -> Iterator[Output]:
        for row in (*FIGURES.values(), *FILES.values()):
            if row.folder == folder and self.has(row, **wildcards):
                yield row

    def _items(self, folder: str, **wildcards: str) -> Iterator[tuple[Output, Item]]:
        """Yield what the page shows of a data set or model; tables without rows are left out."""
        for row in self._rows(folder, **wildcards):
            path, told = row.path(self.results, **wildcards), self._models
            title, caption = row.title.format(**told), row.caption.format(**told)
            if isinstance(row, Figure):
                drawn = read_result(path.with_suffix(".tsv")) if row.shows else None
                below = table_html(row.shows(told, drawn)) if row.shows else None
                yield row, Item(title, caption, image(path.with_suffix("")), below, folded=False)
            elif row.title:
                table = read_result(path)
                shown = row.shows(told, table) if row.shows else table
                if len(shown):
                    yield row, Item(title, caption, None, table_html(shown), folded=row.folded)

    def _sentences(self, folder: str, **wildcards: str) -> Iterator[str]:
        for row in self._rows(folder, **wildcards):
            if row.says:
                table = read_result(row.path(self.results, **wildcards))
                if sentence := row.says(self._models, table):
                    yield sentence
