"""Check a configuration before anything runs, and report every problem in one go."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError, validators

from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.formats import FORMATS
from svqvae.models import presets
from svqvae.run import config_checks, config_names, downloads
from svqvae.run.config_values import cut, fit_screen, plain, shown

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}

#: Bytes that must be free before a run starts; less is a full disk.
_ROOM = 10_000_000

_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
    "minItems": "entries, at least",
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
    """Return the schema of configurations; kinds of source are those that can be read."""
    schema = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    kind = schema["$defs"]["source"]["properties"]["kind"]
    kind["enum"] = list(dict.fromkeys([*kind["enum"], *FORMATS]))
    return schema


def restore_on(config: Mapping[str, Any]) -> None:
    """Put right, in place, what YAML and shells do: the key ``on`` of labels, and ``~`` in paths.

    YAML 1.1 reads ``on`` as the value true.
    """
    datasets = config.get("datasets")
    for dataset in datasets.values() if isinstance(datasets, Mapping) else ():
        labels = dataset.get("labels") if isinstance(dataset, Mapping) else None
        if isinstance(labels, dict) and True in labels:
            labels["on"] = labels.pop(True)
    for _, section, key in config_names.paths(config):
        if isinstance(section, dict) and section[key].startswith("~"):
            section[key] = os.path.expanduser(section[key])


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
    config, problems = plain(config)
    validator = _Validator(dict(schema))
    errors = sorted(validator.iter_errors(config), key=lambda e: [str(p) for p in e.absolute_path])
    problems += [line for error in errors for line in _describe(error)]
    problems += config_names.problems(config, Path(root))
    problems += downloads.problems(config, root)
    problems += config_checks.model_problems(config) + config_checks.analysis_problems(
        config, Path(root)
    )
    problems += config_checks.dataset_problems(config, Path(root))
    if problems:
        raise SvqvaeError(f"configuration: {p}" for p in fit_screen(problems))


def require_room(results: str | Path) -> None:
    """Raise before a run starts if the folder of the results cannot be written to.

    Raises
    ------
    SvqvaeError
        If it lies on a full disk, or is not to be written.
    """
    folder = Path(results).absolute()
    there = next(p for p in (folder, *folder.parents) if p.exists())
    if not there.is_dir():
        raise SvqvaeError(f"results: '{there}' is a file, expected a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise SvqvaeError(f"results: the folder '{there}' is not to be written (permissions)")
    if shutil.disk_usage(there).free < _ROOM:
        raise SvqvaeError(f"results: the disk of '{there}' is full")


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
    # Chance is no model to speak of.
    of_role = [
        name
        for name, used in models.items()
        if presets.role_of(used) == role and used != "class_prior"
    ]
    return [*of_preset, *of_role, *models][0]


def _describe(error: ValidationError) -> Iterator[str]:
    where = cut(".".join(str(p) for p in error.absolute_path), 120)
    at = f"{where}: " if where else ""
    found, wanted = error.instance, error.validator_value
    match error.validator:
        case "additionalProperties":
            known = error.schema.get("properties", {})
            for key in found:
                if key not in known:
                    yield f"{at}unknown key '{cut(key, 60)}'{did_you_mean(key[:60], known)}"
        case "required":
            # One error a missing key: the message starts with its quoted name.
            for key in wanted:
                if key not in found and error.message.startswith(f"'{key}'"):
                    yield f"{at}missing key '{key}'"
        case "type":
            names = [wanted] if isinstance(wanted, str) else wanted
            yield f"{at}found {shown(found)}, expected {' or '.join(_TYPES[n] for n in names)}"
        case "enum":
            yield f"{at}found {shown(found)}{did_you_mean(str(found)[:60], wanted)}"
        case "anyOf":
            choices = [o.get("const") or _TYPES[o["type"]] for o in wanted]
            yield f"{at}found {shown(found)}, expected {' or '.join(choices)}"
        case "pattern" if "propertyNames" in error.absolute_schema_path:
            yield (
                f"{at}name '{cut(found, 60)}' may hold letters, digits, '_', '-' and '.' only, and "
                "begins with a letter or digit"
            )
        case "pattern" if hexadecimal := _HEXADECIMAL.fullmatch(wanted):
            yield f"{at}found {shown(found)}, expected {hexadecimal[1]} hex digits in lower case"
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum" | "minItems" as bound:
            yield f"{at}found {shown(found)}, expected {_BOUNDS[bound]} {wanted}"
        case "minLength":
            yield f"{at}found '', expected text"
        case "minProperties":
            yield f"{at}found {{}}, expected {wanted} or more entries"
        case "uniqueItems":
            yield f"{at}found {shown(found)}: the same value twice"
        case _:
            yield f"{at}{cut(error.message, 200)}"
