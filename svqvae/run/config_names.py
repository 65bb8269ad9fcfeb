"""Names and paths of a configuration: Snakemake, tables and file systems have to take them."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from svqvae.pp.source import FILES, TABLES
from svqvae.run import downloads
from svqvae.run.config_values import cut

#: Folders of the results, and a row of known_relations.tsv, that are no model's or data set's.
_RESERVED = {
    "datasets": {"logs"},
    "models": {"figures", "simulated", "experiment", "pcl_connectivity"},
}
#: Ends of names of files that lie where a model or data set would have its folder.
_FILES = (".tsv", ".h5ad", ".html", ".log", ".graphml", ".json", ".svg", ".png", ".gctx", ".txt")
#: What readers of tables (pandas, R, our own) make of words, where a column holds nothing else.
_WORDS = {
    "a missing value": {"na", "nan", "null", "none"},
    "a number": {"inf", "infinity"},
    "true or false": {"true", "false"},
}
_NUMBER = re.compile(r"[0-9]+([_.][0-9]+)*\.?(e[+-]?[0-9]+)?", re.IGNORECASE)


def paths(config: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Yield key, section and last key of every path of a configuration that may be wrong."""
    yield from _texts("results", config, ("results",))
    yield from _texts("analysis", config.get("analysis"), ("relations", "gene_sets"))
    datasets = config.get("datasets")
    for name, dataset in datasets.items() if isinstance(datasets, Mapping) else ():
        if isinstance(dataset, Mapping):
            at = f"datasets.{name}"
            source = dataset.get("source")
            yield from _texts(f"{at}.source", source, FILES)
            if isinstance(source, Mapping):
                for table in TABLES:
                    yield from _texts(f"{at}.source.{table}", source.get(table), ("path",))
            yield from _texts(f"{at}.labels", dataset.get("labels"), ("table",))
            yield from _texts(f"{at}.filters", dataset.get("filters"), ("genes",))


def _texts(
    at: str, section: object, keys: tuple[str, ...]
) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    for key in keys if isinstance(section, Mapping) else ():
        if isinstance(section, Mapping) and isinstance(section.get(key), str):
            yield at if at == key else f"{at}.{key}", section, key


def problems(config: Mapping[str, Any], root: Path) -> list[str]:
    """Return what is wrong with the names of models and data sets, and with all paths."""
    found = []
    for kind, what in (("datasets", "data set"), ("models", "model")):
        names = config.get(kind)
        if isinstance(names, Mapping):
            found += [p for name in names for p in _name_problems(kind, str(name))]
            found += _alike(kind, what, [str(n) for n in names])
    found += [p for at, section, key in paths(config) for p in _path_problems(at, section[key])]
    planned = config.get("downloads")
    for path in planned if isinstance(planned, Mapping) else ():
        found += _path_problems(f"downloads.{cut(str(path), 60)}", str(path))
    results = config.get("results", "results")
    if isinstance(results, str):
        found += _results_problems(results, root)
    return found


def _name_problems(kind: str, name: str) -> list[str]:
    """Name the file of the results that a name equals, or what a table would make of it."""
    said = f"{kind}: the name '{cut(name, 60)}'"
    suffix = next((s for s in _FILES if name.lower().endswith(s)), None)
    if name.lower() in _RESERVED[kind]:
        return [f"{said} is taken by a part of the results; choose another"]
    if suffix:
        return [f"{said} ends as files of the results do; leave out '{suffix}'"]
    read_as = next((what for what, words in _WORDS.items() if name.lower() in words), None)
    if read_as or _NUMBER.fullmatch(name):
        wrong = read_as or "a number"
        return [f"{said} would be read as {wrong} in tables; put a letter before it"]
    if len(name) > 100:
        return [f"{said} has {len(name)} characters; at most 100 make the name of a folder"]
    return []


def _alike(kind: str, what: str, names: list[str]) -> list[str]:
    """Name those that are one folder where upper and lower case are the same."""
    groups = defaultdict(list)
    for name in names:
        groups[name.casefold()].append(cut(name, 60))
    return [
        f"{kind}: '{first}' and '{second}' differ by upper and lower case only, which some file "
        f"systems take for one; rename one {what}"
        for first, second, *_ in (g for g in groups.values() if len(g) > 1)
    ]


def _path_problems(at: str, path: str) -> list[str]:
    local = path if downloads.scheme_of(path) is None else downloads.local_path(path)
    if at.endswith(".filters.genes") and path in ("landmark", "bing", "all"):
        return []
    if set("{}") & set(local):
        return [
            f"{at}: '{cut(path, 120)}' has braces, which Snakemake takes for a wildcard; "
            "rename it, or link it under another name"
        ]
    if not path.isprintable():
        return [f"{at}: '{cut(path, 120)}' has a character that is not printed, as a line break"]
    return []


def _results_problems(results: str, root: Path) -> list[str]:
    if downloads.scheme_of(results):
        return [f"results: found '{cut(results, 120)}', expected a folder, not a URL"]
    if results and not results.strip("/"):
        return ["results: found '/', expected a folder of its own"]
    if "\0" in results:
        return []
    folder = root / results
    for place in (folder, *folder.parents):
        if os.path.isfile(place):
            return [f"results: '{place}' is a file, expected a folder"]
    return []
