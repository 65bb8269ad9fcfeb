"""From the folder of results to the tables that the page holds, by data set and model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.described import KNOWN
from svqvae.io.own import open_h5ad
from svqvae.io.tables import read_result
from svqvae.models import presets
from svqvae.models.store import read_card
from svqvae.report import columns, compounds, sides
from svqvae.report.block import Block, rounded
from svqvae.results import DATASET, FIGURES, FILES, MODEL, Figure, Output
from svqvae.tl.relations.layout import positions

#: Markers a class, and columns of relations, of models that the page does not hold in full.
THIN_MARKERS = 10
_THIN_RELATIONS = ["class_a", "class_b", "correlation", "q_value"]
#: What those models go without.
_FULL_ONLY = {
    *("predictions", "held_out_scores", "nearest_compounds", "class_enrichment", "history"),
    *("compound_predictions", "latent_map"),
}
#: What the page needs of held-out scores: classes and compounds stand beside the signatures, as do
#: names, cell lines, doses and times.
_HELD_OUT = [keys.SIG_ID, keys.FOLD, keys.SEED, "true_rank", "confidence"]
#: Of signatures, where they are there.
OBS = [keys.SIG_ID, keys.PERT_ID, keys.PERT_NAME, keys.CLASS, keys.CELL_ID, keys.DOSE_TEXT]
OBS += [keys.TIME_TEXT, keys.FOLD]
#: Tables beside figures that the page shows or draws.
_BESIDE = ("latent_map", "realism")
#: Figures that the page draws itself; others are shown as they are.
_DRAWN = {
    *("benchmark", "comparison", "reliability", "risk_coverage", "filters", "confusion"),
    *(
        "mechanism_correlations",
        "mechanism_network",
        "nearest_network",
        "class_profiles",
        "latent_map",
    ),
}
#: Larger SVGs are left to the results folder.
_MAX_SVG = 200_000
#: Made of others, or of no use to a reader.
_NOT_SHOWN = {"mechanism_network"}


@dataclass(frozen=True)
class Results:
    """The results of a run, of which only what was made is looked at."""

    folder: Path
    made: frozenset[Path]
    reference: str
    subject: str

    @property
    def named(self) -> dict[str, str]:
        """What titles and sentences call the models that are compared."""
        return {"reference": self.reference, "subject": self.subject}

    def has(self, row: Output, **wildcards: str) -> bool:
        """Return whether an output was made."""
        return row.path(self.folder, **wildcards) in self.made

    def rows(self, folder: str, **wildcards: str) -> Iterator[Output]:
        """Yield the outputs of a data set or model that were made."""
        for row in (*FIGURES.values(), *FILES.values()):
            if row.folder == folder and self.has(row, **wildcards):
                yield row

    def table(self, name: str, **wildcards: str) -> pd.DataFrame | None:
        """Return a table, if it was made."""
        row = FILES[name]
        return (
            read_result(row.path(self.folder, **wildcards)) if self.has(row, **wildcards) else None
        )

    def tables(self, folder: str, **wildcards: str) -> dict[str, pd.DataFrame]:
        """Return the tables of a data set or model by name, those that figures draw as well."""
        found = {}
        for row in self.rows(folder, **wildcards):
            path = row.path(self.folder, **wildcards)
            if isinstance(row, Figure):
                if row.name in _BESIDE:
                    found[row.name] = read_result(path.with_suffix(".tsv"))
            elif path.suffix == ".tsv" and row.name not in _NOT_SHOWN:
                found[row.name] = read_result(path)
        return found

    def figures(self, folder: str, **wildcards: str) -> list[dict[str, str]]:
        """Return title, caption and SVG of the figures that the page does not draw itself."""
        found = []
        for row in self.rows(folder, **wildcards):
            path = row.path(self.folder, **wildcards)
            if isinstance(row, Figure) and row.name not in _DRAWN:
                if path.stat().st_size <= _MAX_SVG:
                    svg = path.read_text(encoding="utf-8")
                    title, caption = (t.format(**self.named) for t in (row.title, row.caption))
                    found.append({"title": title, "caption": caption, "svg": svg})
        return found

    def sentences(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
        """Return what tables say, by their names."""
        said = {}
        for name, table in tables.items():
            row = FILES.get(name)
            if row is not None and row.says and (sentence := row.says(self.named, table)):
                said[name] = sentence
        return said


@dataclass(frozen=True)
class Dataset:
    """What the page holds of a data set: its tables, and those of its models."""

    name: str
    tables: dict[str, pd.DataFrame]
    sentences: dict[str, str]
    #: By model: tables, and the profiles of its classes.
    models: dict[str, dict[str, pd.DataFrame]]
    model_sentences: dict[str, dict[str, str]]
    profiles: dict[str, Any]
    roles: dict[str, str]
    presets: dict[str, str]
    card: dict[str, Any]
    image_shape: list[int] | None
    #: Of the data set (the empty name) and of each model.
    figures: dict[str, list[dict[str, str]]]

    def held_out(self) -> pd.DataFrame | None:
        """Return the held-out scores of a model, whichever: all are scored on the same."""
        found = (t["held_out_scores"] for t in self.models.values() if "held_out_scores" in t)
        return next(found, None)


def gather(results: Results, dataset: str, models: Mapping[str, Any]) -> Dataset:
    """Read all that the page holds of a data set."""
    tables = results.tables(DATASET, dataset=dataset)
    of_models = {m: results.tables(MODEL, dataset=dataset, model=m) for m in models}
    roles = {m: presets.role_of(models[m]["preset"]) for m in models}
    scores = {m: t["held_out_scores"] for m, t in of_models.items() if "held_out_scores" in t}
    if scores:
        tables["differences"] = rounded(sides.differences(scores))
    compounds_of = {m: t.get("compound_predictions") for m, t in of_models.items()}
    whole = sides.differences_by_compound(compounds_of)
    if whole is not None:
        tables["differences_by_compound"] = rounded(whole)
    image_shape = None
    if results.has(FILES["signatures"], dataset=dataset):
        adata = open_h5ad(FILES["signatures"].path(results.folder, dataset=dataset), backed=True)
        obs = adata.obs.copy()
        if keys.SIG_ID not in obs:
            obs[keys.SIG_ID] = obs.index
        tables["signatures"] = obs[[c for c in OBS if c in obs]].reset_index(drop=True)
        near = compounds.nearest(adata)
        if near is not None:
            tables["nearest_means"] = rounded(near)
        shape = adata.uns.get(keys.UNS, {}).get(keys.IMAGE_SHAPE)
        image_shape = None if shape is None else [int(n) for n in shape]
        adata.file.close()
    model_sentences = {m: results.sentences(mine) for m, mine in of_models.items()}
    for mine in of_models.values():
        if "nearest_compounds" in mine:
            mine["nearest_compounds"] = rounded(compounds.by_compound(mine["nearest_compounds"]))
        if "mechanism_correlations" in mine:
            mine["positions"] = rounded(positions(mine["mechanism_correlations"]))
    return Dataset(
        name=dataset,
        tables=tables,
        sentences=results.sentences(tables),
        models=of_models,
        model_sentences=model_sentences,
        profiles={
            m: open_h5ad(FILES["classes"].path(results.folder, dataset=dataset, model=m))
            for m in models
            if results.has(FILES["classes"], dataset=dataset, model=m)
        },
        roles=roles,
        presets={m: models[m]["preset"] for m in models},
        card=read_card(results.folder / dataset / next(iter(models)) / "model"),
        image_shape=image_shape,
        figures={
            "": results.figures(DATASET, dataset=dataset),
            **{m: results.figures(MODEL, dataset=dataset, model=m) for m in models},
        },
    )


def cells(dataset: Dataset) -> int:
    """Return how many values a data set has when all models are held in full."""
    tables = [*dataset.tables.values()]
    for mine in dataset.models.values():
        tables += [_thinned(name, table, True) for name, table in mine.items()]
    drawn = sum(classes.n_obs * classes.n_vars for classes in dataset.profiles.values())
    return drawn + sum(table.size for table in tables)


def pack(dataset: Dataset, block: Block, *, subject: str, thin: bool) -> dict[str, Any]:
    """Add a data set's tables to the block, and return what the page is told of them.

    Parameters
    ----------
    thin
        Whether of models other than the subject only correlations, q-values and a few markers are
        held: pages of many classes and models would grow too heavy.
    """
    told: dict[str, Any] = {
        "name": dataset.name,
        "tables": {name: block.table(table) for name, table in dataset.tables.items()},
        "sentences": dataset.sentences,
        "image_shape": dataset.image_shape,
        "figures": dataset.figures[""],
        "chance": sides.chance(dataset.tables, dataset.held_out()),
        "by_compound": sides.heads_by_compound(dataset.tables),
        "models": [],
    }
    for model, tables in dataset.models.items():
        whole = not thin or model == subject
        mine = {n: _thinned(n, t, whole) for n, t in tables.items() if whole or n not in _FULL_ONLY}
        profiles = dataset.profiles.get(model)
        told["models"].append(
            {
                "name": model,
                "role": dataset.roles[model],
                "preset": dataset.presets[model],
                "described": "mechanism_correlations" in tables,
                "whole": whole,
                "sentences": dataset.model_sentences[model],
                "figures": dataset.figures[model] if whole else [],
                "tables": {name: block.table(table) for name, table in mine.items()},
                "profiles": _profiles(profiles, block) if whole and profiles is not None else None,
            }
        )
    return told


def _thinned(name: str, table: pd.DataFrame, whole: bool) -> pd.DataFrame:
    if name == "held_out_scores":
        return table[[c for c in _HELD_OUT if c in table]]
    if name == "predictions":
        return table[[c for c in table if c not in KNOWN]]
    if whole:
        return table
    if name == "class_markers":
        return table.groupby(keys.CLASS, sort=False).head(THIN_MARKERS)
    if name == "mechanism_correlations":
        # Drawn, not read: q-values are exact.
        return table[_THIN_RELATIONS].assign(correlation=table["correlation"].round(3))
    return table


def _profiles(classes: Any, block: Block) -> dict[str, Any]:
    """Add the decoded profiles of the classes, which are drawn: classes by genes."""
    symbols = classes.var.get(keys.GENE_SYMBOL, pd.Series(classes.var_names))
    counts = classes.obs[[c for c in (keys.N_SIGNATURES, keys.N_PERTURBAGENS) if c in classes.obs]]
    genes = pd.DataFrame({"gene": symbols.astype(str).to_numpy(), "gene_id": classes.var_names})
    return {
        "classes": block.table(counts.reset_index(names=keys.CLASS)),
        "genes": block.table(genes),
        "values": block.matrix(np.asarray(classes.X, dtype=float)),
    }


def titles(named: Mapping[str, str]) -> dict[str, str]:
    """Return the titles of the tables of a run."""
    beside = {name: FIGURES[name] for name in _BESIDE}
    return {name: r.title.format(**named) for name, r in {**FILES, **beside}.items() if r.title}


def explained() -> dict[str, dict[str, str]]:
    """Return what the page says of each column: its title, and what it means."""
    return {name: {"title": c.title, "help": c.help} for name, c in columns.COLUMNS.items()}
