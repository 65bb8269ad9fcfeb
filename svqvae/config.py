"""Check a configuration before anything runs, and report every problem in one go."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError, validators

from svqvae import downloads, presets
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.ids import KINDS, kind_of
from svqvae.pp.simulation import Simulation
from svqvae.pp.source import FILES

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}

_HEXADECIMAL = re.compile(r"\^\[0-9a-f\]\{(\d+)\}\$")


def _is_whole(_: object, value: object) -> bool:
    # JSON Schema takes 5.0 for an integer; range(5.0) does not.
    return isinstance(value, int) and not isinstance(value, bool)


_Validator = validators.extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole),
)


def read_schema(path: str | Path) -> dict[str, Any]:
    """Return a JSON schema written in YAML."""
    return yaml.safe_load(Path(path).read_text(encoding="utf-8"))


def restore_on(config: Mapping[str, Any]) -> None:
    """Rename, in place, the key ``on`` of labels, which YAML 1.1 reads as the value true."""
    datasets = config.get("datasets")
    for dataset in datasets.values() if isinstance(datasets, Mapping) else ():
        labels = dataset.get("labels") if isinstance(dataset, Mapping) else None
        if isinstance(labels, dict) and True in labels:
            labels["on"] = labels.pop(True)


def check(config: Mapping[str, Any], schema: Mapping[str, Any], *, root: str | Path = ".") -> None:
    """Raise one error with all problems of ``config``.

    Parameters
    ----------
    schema
        JSON schema (2020-12) that describes every key.
    root
        Folder that relative paths start from.

    Raises
    ------
    SvqvaeError
        Names each key, what it holds, what was expected and the nearest valid name.
    """
    validator = _Validator(dict(schema))
    errors = sorted(validator.iter_errors(config), key=lambda e: [str(p) for p in e.absolute_path])
    problems = [line for error in errors for line in _describe(error)]
    problems += _reserved_names(config)
    problems += downloads.problems(config, root)
    problems += _model_problems(config) + _analysis_problems(config, Path(root))
    problems += _dataset_problems(config, Path(root))
    if problems:
        raise SvqvaeError(f"configuration: {p}" for p in dict.fromkeys(problems))


def reference_model(config: Mapping[str, Any]) -> str:
    """Return the model that the others are compared with."""
    return _named(config, "reference", preset="class_mean_cosine", role="baseline")


def subject_model(config: Mapping[str, Any]) -> str:
    """Return the model that is compared with each of the others."""
    return _named(config, "subject", preset="svqvae", role="model")


def _named(config: Mapping[str, Any], key: str, *, preset: str, role: str) -> str:
    """Return the model that ``analysis`` names, else the first of a preset, role, or at all."""
    if named := config.get("analysis", {}).get(key):
        return named
    models = {name: m["preset"] for name, m in config["models"].items()}
    of_preset = [name for name, used in models.items() if used == preset]
    of_role = [name for name, used in models.items() if presets.role_of(used) == role]
    return [*of_preset, *of_role, *models][0]


def _describe(error: ValidationError) -> Iterator[str]:
    where = ".".join(str(p) for p in error.absolute_path)
    at = f"{where}: " if where else ""
    found, wanted = error.instance, error.validator_value
    match error.validator:
        case "additionalProperties":
            known = error.schema.get("properties", {})
            for key in found:
                if key not in known:
                    yield f"{at}unknown key '{key}'{did_you_mean(str(key), known)}"
        case "required":
            # One error a missing key: the message starts with its quoted name.
            for key in wanted:
                if key not in found and error.message.startswith(f"'{key}'"):
                    yield f"{at}missing key '{key}'"
        case "type":
            names = [wanted] if isinstance(wanted, str) else wanted
            yield f"{at}found {found!r}, expected {' or '.join(_TYPES[n] for n in names)}"
        case "enum":
            yield f"{at}found {found!r}{did_you_mean(str(found), wanted)}"
        case "anyOf":
            choices = [o.get("const") or _TYPES[o["type"]] for o in wanted]
            yield f"{at}found {found!r}, expected {' or '.join(choices)}"
        case "pattern" if "propertyNames" in error.absolute_schema_path:
            yield f"{at}name '{found}' may hold letters, digits, '_', '-' and '.' only"
        case "pattern" if hexadecimal := _HEXADECIMAL.fullmatch(wanted):
            yield f"{at}found '{found}', expected {hexadecimal[1]} hex digits in lower case"
        case _:
            yield f"{at}{error.message}"


#: Folders of the results that are no model's or data set's.
_RESERVED = {"datasets": {"logs"}, "models": {"figures", "simulated"}}


def _reserved_names(config: Mapping[str, Any]) -> list[str]:
    return [
        f"{kind}: the name '{name}' is taken by a folder of the results; choose another"
        for kind, taken in _RESERVED.items()
        if isinstance(config.get(kind), Mapping)
        for name in sorted(taken & set(config[kind]))
    ]


def _model_problems(config: Mapping[str, Any]) -> list[str]:
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


def _analysis_problems(config: Mapping[str, Any], root: Path) -> list[str]:
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
    for key in ("relations", "gene_sets"):
        path = analysis.get(key)
        if isinstance(path, str) and not (root / path).is_file():
            found.append(f"analysis.{key}: no such file: {path}")
    return found


def _dataset_problems(config: Mapping[str, Any], root: Path) -> list[str]:
    datasets = config.get("datasets")
    if not isinstance(datasets, Mapping):
        return []
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
        found += _fold_problems(f"datasets.{name}", parts)
        found += _kind_problems(f"datasets.{name}", source)
        found += _foreign_files(f"datasets.{name}", source)
    return found


def _foreign_files(at: str, source: Mapping[str, Any]) -> list[str]:
    """Name the files that images have and signatures have not, and the other way round."""
    images = {"test_signatures", "test_sig_info"}
    foreign = set(FILES) - images - {"signatures", "sig_info"}
    kind = source.get("kind")
    if kind not in KINDS | {"idx"}:
        return []
    return [
        f"{at}.source.{key}: not for kind {kind}"
        for key in source
        if key in (foreign if kind == "idx" else images)
    ]


def _kind_problems(at: str, source: Mapping[str, Any]) -> list[str]:
    """Compare a file's kind with its name, by which it will be read."""
    kind, path = source.get("kind"), source.get("signatures")
    if kind not in KINDS or not isinstance(path, str):
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
