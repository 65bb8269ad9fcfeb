"""Write the tables of config/README.md: keys from the schema, presets from the package.

    python docs/config_tables.py

Each table stands between ``<!-- table: NAME -->`` and ``<!-- end -->``. A test compares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from svqvae.models import presets

REPOSITORY = Path(__file__).resolve().parents[1]
README = REPOSITORY / "config" / "README.md"
SCHEMA = REPOSITORY / "workflow" / "schemas" / "config.schema.yaml"

_TABLE = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "array": "list",
    "object": "mapping",
}
#: Keys with a section of their own, which the table of their parent does not open.
_CLOSED = {"datasets", "downloads", "models", "source.simulation", "filters.quality.*"}
#: Of an open mapping, the keys that have a row although others may stand beside them.
_OPEN = {"filters.quality"}


def keys_of(node: Mapping[str, Any], defs: Mapping[str, Any], at: str = "") -> Iterator[list[str]]:
    """Yield a row for each key below a mapping of the schema: key, value, default, meaning."""
    required = node.get("required", [])
    for name, child in node.get("properties", {}).items():
        path = f"{at}.{name}" if at else name
        if "$ref" in child:
            child = defs[child["$ref"].rsplit("/", 1)[1]]
            opened = path not in _CLOSED
        else:
            opened = child.get("type") == "object" and (
                child.get("additionalProperties") is False or path in _OPEN
            )
        if not opened or path in _OPEN or path == "analysis.drug_targets":
            default = "required" if name in required else _shown(child.get("default"))
            meaning, stated = _split_default(child["description"])
            yield [f"`{path}`", _value(child), stated or default, meaning]
        if opened:
            yield from keys_of(child, defs, path)


def _split_default(description: str) -> tuple[str, str]:
    """Return a description and, apart, the default that it ends with where that is no value."""
    meaning, _, default = description.partition(" Default: ")
    return meaning, default.removesuffix(".")


def _value(node: Mapping[str, Any]) -> str:
    """Return what a key takes: choices, or types with their bounds."""
    if "enum" in node:
        return ", ".join(_shown(v) for v in node["enum"])
    if "anyOf" in node:
        return " or ".join(
            _shown(option["const"]) if "const" in option else _value(option)
            for option in node["anyOf"]
        )
    types = node.get("type", "object")
    text = " or ".join(_TYPES[t] for t in ([types] if isinstance(types, str) else types))
    low, high = node.get("minimum"), node.get("maximum")
    if high is not None and high < 2**32 - 1:
        return f"{text}, {low} to {high}"
    if low is not None:
        return f"{text}, at least {low}"
    return text + (", above 0" if node.get("exclusiveMinimum") == 0 else "")


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"`{value}`"
    return f"`{yaml.safe_dump(value, default_flow_style=True).splitlines()[0]}`"


def _table(head: list[str], rows: Iterator[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def _keys(select: Callable[[Mapping[str, Any]], Iterator[list[str]]]) -> str:
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    return _table(["key", "value", "default", "meaning"], select(schema))


def _of_definition(name: str, at: str = "") -> str:
    return _keys(lambda schema: keys_of(schema["$defs"][name], schema["$defs"], at))


def _top() -> str:
    return _keys(lambda schema: keys_of(schema, schema["$defs"]))


def _presets() -> str:
    rows = []
    for name, settings in presets.known().items():
        shown = [f"`{k}: {_plain(v)}`" for k, v in settings.items() if k != "kind"]
        rows.append([f"`{name}`", ", ".join(shown) or "none"])
    return _table(["preset", "settings and their defaults"], iter(rows))


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


TABLES: dict[str, Callable[[], str]] = {
    "dataset": lambda: _of_definition("dataset"),
    "simulation": lambda: _of_definition("simulation", "source.simulation"),
    "download": lambda: _of_definition("download", "downloads.PATH"),
    "presets": _presets,
    "top": _top,
}


def filled(text: str) -> str:
    """Return the text of the README with its tables as they should be."""
    return _TABLE.sub(lambda m: f"{m[1]}{TABLES[m[2]]()}{m[3]}", text)


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
