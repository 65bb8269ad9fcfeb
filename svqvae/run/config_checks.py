"""What a schema cannot say of a configuration: names that refer to each other, files, presets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean, require_extra
from svqvae.io.formats import FORMATS, kind_of
from svqvae.models import presets
from svqvae.pp.columns import misspelt
from svqvae.pp.label_table import header_problems
from svqvae.pp.simulation import Simulation
from svqvae.pp.source import FILES, TABLES
from svqvae.pp.vocabulary import canonical
from svqvae.run import config_figures, downloads
from svqvae.run.config_values import cut
from svqvae.signatures import asked


def model_problems(config: Mapping[str, Any]) -> list[str]:
    """Check the presets and settings of all models."""
    models = config.get("models")
    if not isinstance(models, Mapping):
        return []
    found = []
    for name, settings in models.items():
        if isinstance(settings, Mapping) and isinstance(settings.get("preset"), str):
            overrides = {k: v for k, v in settings.items() if k != "preset"}
            found += [
                f"models.{name}: {p}"
                for preset in _variants(config, settings["preset"])
                for p in presets.problems(preset, overrides)
            ]
    return found


def _variants(config: Mapping[str, Any], preset: str) -> list[str]:
    """Return the variants of a preset that the data sets take: images have their own."""
    datasets = config.get("datasets")
    sources = [
        d.get("source") if isinstance(d, Mapping) else None
        for d in (datasets.values() if isinstance(datasets, Mapping) else ())
    ]
    image = {isinstance(s, Mapping) and s.get("kind") == "idx" for s in sources} or {False}
    return [presets.for_images(preset) if one else preset for one in sorted(image)]


def analysis_problems(config: Mapping[str, Any], root: Path) -> list[str]:
    """Check that what the analysis names is there."""
    models, analysis = config.get("models"), config.get("analysis")
    if not isinstance(models, Mapping) or not isinstance(analysis, Mapping):
        return []
    simulators = analysis.get("simulation")
    named = [("reference", analysis.get("reference")), ("subject", analysis.get("subject"))]
    named += [("simulation", m) for m in (simulators if isinstance(simulators, list) else [])]
    found = [
        f"analysis.{key}: no model is called '{name}'{did_you_mean(name, models)}"
        for key, name in named
        if isinstance(name, str) and name not in models
    ]
    found += _target_problems(config, analysis.get("drug_targets"))
    found += config_figures.problems(config)
    for key in ("relations", "gene_sets"):
        path = analysis.get(key)
        if isinstance(path, str) and not os.path.isfile(root / path):
            found.append(f"analysis.{key}: no such file: {cut(path, 200)}")
    if "gene_sets" in analysis:
        try:
            require_extra("enrichment", "gseapy")
        except SvqvaeError as error:
            found.append(f"analysis.gene_sets: {error}")
    return found


def _target_problems(config: Mapping[str, Any], asked: object) -> list[str]:
    """Check the data sets of ``analysis.drug_targets``."""
    datasets = config.get("datasets")
    if not isinstance(asked, Mapping) or not isinstance(datasets, Mapping):
        return []
    asked = {k: v for k, v in asked.items() if isinstance(v, str)}
    found = [
        f"analysis.drug_targets.{key}: no data set is called '{asked[key]}'"
        f"{did_you_mean(asked[key], datasets)}"
        for key in ("compounds", "knockdowns")
        if key in asked and asked[key] not in datasets
    ]
    if "compounds" in asked and asked["compounds"] == asked.get("knockdowns"):
        found.append("analysis.drug_targets: compounds and knockdowns are the same data set")
    compounds = datasets.get(asked.get("compounds", ""))
    labels = compounds.get("labels") if isinstance(compounds, Mapping) else None
    if isinstance(labels, Mapping) and "targets" not in labels:
        found.append(
            f"datasets.{asked['compounds']}.labels: no targets, which analysis.drug_targets ranks"
        )
    return found


def dataset_problems(config: Mapping[str, Any], root: Path) -> list[str]:
    """Check the files of all data sets, and what goes together."""
    datasets = config.get("datasets")
    if not isinstance(datasets, Mapping):
        return []
    analysis = config.get("analysis")
    asked = analysis.get("drug_targets") if isinstance(analysis, Mapping) else None
    # Of a set that is only compared with, nothing is held out.
    knockdowns = asked.get("knockdowns") if isinstance(asked, Mapping) else None
    found = []
    for name, dataset in datasets.items():
        if not isinstance(dataset, Mapping):
            continue
        parts = {
            k: v if isinstance(v := dataset.get(k), Mapping) else {}
            for k in ("source", "labels", "filters", "split")
        }
        found += downloads.missing_files(f"datasets.{name}", parts, root, config)
        source, split = parts["source"], parts["split"]
        simulated = source.get("kind") == "simulated"
        for key in source:
            if simulated and key not in ("kind", "simulation"):
                found.append(f"datasets.{name}.source.{key}: a simulated set takes no such key")
        if "simulation" in source and not simulated and "kind" in source:
            found.append(f"datasets.{name}.source.simulation: only for kind simulated")
        if simulated and "table" in parts["labels"]:
            found.append(f"datasets.{name}.labels.table: a simulated set brings its own table")
        if source.get("kind") == "idx" and {"folds", "column"} & set(split):
            found.append(f"datasets.{name}.split: images are scored on their test files")
        if "column" in split and "folds" in split:
            found.append(f"datasets.{name}.split: give column or folds, not both")
        if name != knockdowns:
            found += _fold_problems(f"datasets.{name}", parts)
        found += _experiment_problems(f"datasets.{name}", source)
        found += _kind_problems(f"datasets.{name}", source)
        found += _foreign_files(f"datasets.{name}", source)
        found += _column_problems(f"datasets.{name}", source)
        found += _label_problems(f"datasets.{name}", parts["labels"], root)
    return found


def _label_problems(at: str, labels: Mapping[str, Any], root: Path) -> list[str]:
    """Look for the columns of labels in the header of their table, where it is at hand."""
    table, key, on = labels.get("table"), labels.get("key"), labels.get("on", keys.PERT_ID)
    listed = list(on) + list(on.values()) if isinstance(on, Mapping) else on
    if not (
        isinstance(table, str)
        and os.path.isfile(root / table)
        and isinstance(key, str)
        and all(isinstance(name, str) for name in (listed if isinstance(listed, list) else [on]))
    ):
        return []
    try:
        return [f"{at}.{problem}" for problem in header_problems(root / table, key=key, on=on)]
    except SvqvaeError:
        # What is wrong with the file as a whole is said by the job that reads all of it.
        return []


def _foreign_files(at: str, source: Mapping[str, Any]) -> list[str]:
    """Name the files that images have and signatures have not, and the other way round."""
    images = {"test_signatures", "test_sig_info"}
    foreign = set(FILES) - images - {"signatures", "sig_info"}
    kind = source.get("kind")
    if not isinstance(kind, str) or kind not in FORMATS:
        return []
    return [
        f"{at}.source.{key}: not for kind {kind}"
        for key in source
        if key in (foreign if kind == "idx" else images)
    ]


def _column_problems(at: str, source: Mapping[str, Any]) -> list[str]:
    """Check what the tables of a source are said to call their columns: ``{path, columns}``."""
    found = []
    if "columns" in source and source.get("kind") == "idx":
        found.append(f"{at}.source.columns: images have no table of their own")
    found += _near(f"{at}.source.columns", source.get("columns"))
    for table, key in TABLES.items():
        value = source.get(table)
        if isinstance(value, Mapping) and source.get("kind") == "idx":
            found.append(f"{at}.source.{table}: of kind idx it is no table; give its path")
        columns = value.get("columns") if isinstance(value, Mapping) else None
        if not isinstance(columns, Mapping):
            continue
        here = f"{at}.source.{table}.columns"
        found += _near(here, columns)
        if key not in {misspelt(ours) or canonical(ours) for ours in map(str, columns)}:
            found.append(f"{here}: '{key}' is missing, by which the table is joined")
    return found


def _near(at: str, columns: object) -> list[str]:
    """Name those of our columns that are nearly called so."""
    ours = map(str, columns) if isinstance(columns, Mapping) else ()
    near = {name: misspelt(name) for name in ours}
    return [
        f"{at}: no column of ours is called '{name}'; did you mean '{meant}'?"
        for name, meant in near.items()
        if meant
    ]


def _experiment_problems(at: str, source: Mapping[str, Any]) -> list[str]:
    """Check what signatures are to be made of: plates of replicates, or counts with a control."""
    given = asked.asked_for(source)
    if not given or source.get("kind") == "simulated":
        return []
    if source.get("kind") == "idx":
        return [f"{at}.source.{key}: not for kind idx" for key in given]
    begin = {"control", "replicates", "level"} & set(given)
    found = [f"{at}.source: {problem}" for problem in asked.problems(given)]
    control = given.get("control")
    if isinstance(control, Mapping) and len(control) > 1:
        found.append(f"{at}.source.control: found {len(control)} columns, expected one")
    if not begin and not found:
        found.append(f"{at}.source.{next(iter(given))}: goes with control or replicates")
    if "sample" in given:
        try:
            require_extra("signatures", "pydeseq2")
        except SvqvaeError as error:
            found.append(f"{at}.source.sample: {error}")
    return found


def _kind_problems(at: str, source: Mapping[str, Any]) -> list[str]:
    """Compare a file's kind with its name, by which it will be read."""
    kind, path = source.get("kind"), source.get("signatures")
    if (
        not isinstance(kind, str)
        or kind not in FORMATS
        or kind == "idx"
        or not isinstance(path, str)
    ):
        return []
    try:
        named = kind_of(downloads.local_path(path))
    except SvqvaeError as error:
        return [f"{at}.source.signatures: {error}"]
    return (
        [] if named == kind else [f"{at}.source: kind {kind}, but '{path}' is named like {named}"]
    )


def _fold_problems(at: str, parts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Compare folds with what the configuration alone says of class sizes."""
    if parts["source"].get("kind") != "simulated":
        return []
    folds, simulation = parts["split"].get("folds", 5), parts["source"].get("simulation", {})
    default = Simulation.compounds_per_class
    compounds = (
        simulation.get("compounds_per_class", default) if isinstance(simulation, Mapping) else None
    )
    if isinstance(folds, int) and isinstance(compounds, int) and folds > compounds:
        return [
            f"{at}.split.folds: {folds} folds, but source.simulation makes {compounds} compounds "
            "per class; each class needs one in every fold"
        ]
    return []
