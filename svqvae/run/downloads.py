"""The files of a configuration: which are missing, which come from elsewhere, and where to."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from svqvae.io.checksums import file_name
from svqvae.io.download import SCHEMES, fetch
from svqvae.pp.source import paths_of

#: Where a URL that stands directly under ``source`` or ``labels`` is fetched to.
FOLDER = "resources/downloads"

#: Snakemake storage plugin of each scheme that is read by one.
PLUGINS = {"s3": "s3", "gs": "gcs", "gcs": "gcs", "az": "azure", "sftp": "sftp"}

# By a storage plugin rather than by the rule `download`: `storage+https://...`.
_BY_PLUGIN = {f"storage+{s}": p for s, p in {"http": "http", "https": "http", **PLUGINS}.items()}

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")

#: Tries in a row that bring nothing new, two minutes with their pauses.
_ATTEMPTS = 8

_SUMS = ("sha256", "sha512", "git_blob", "checksums")


def scheme_of(path: str) -> str | None:
    """Return the scheme of a URL in lower case; None for a path."""
    match = _SCHEME.match(path)
    return match[1].lower() if match else None


def storage_of(path: str) -> tuple[str, str] | None:
    """Return the Snakemake storage plugin that reads ``path`` and what to ask it for."""
    scheme = scheme_of(path) or ""
    plugin = PLUGINS.get(scheme) or _BY_PLUGIN.get(scheme)
    return None if plugin is None else (plugin, path.removeprefix("storage+"))


def local_path(path: str) -> str:
    """Return where the file lies that ``path`` names: a URL's copy, or the path itself."""
    if scheme_of(path) in SCHEMES:
        return f"{FOLDER}/{_file_name(path).removesuffix('.gz')}"
    return path if scheme_of(path) else os.path.normpath(path)


def _file_name(url: str) -> str:
    """Return the name of the file at a URL; empty if it names none, or is no URL."""
    try:
        return file_name(url)
    except ValueError:
        return ""


def plan(config: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the settings of each download by its local path.

    Those under ``downloads``, and the URLs that stand directly under ``source`` and ``labels``.
    """
    planned = {os.path.normpath(p): dict(s) for p, s in config.get("downloads", {}).items()}
    for _, url in _named_files(config):
        if scheme_of(url) in SCHEMES:
            planned.setdefault(local_path(url), {"url": url})
    return planned


def comes_from_elsewhere(path: str, config: Mapping[str, Any]) -> bool:
    """Whether a file need not be on disk: it is a URL, or planned under ``downloads``."""
    downloads = config.get("downloads")
    paths = downloads if isinstance(downloads, Mapping) else ()
    return bool(scheme_of(path)) or local_path(path) in {local_path(str(p)) for p in paths}


def obtain(path: str | Path, settings: Mapping[str, Any]) -> None:
    """Fetch a planned file and note beside it which URL it came from."""
    fetch(path=path, attempts=_ATTEMPTS, **settings)
    _origin_path(path).write_text(f"{settings['url']}\n", encoding="utf-8")


def problems(config: Mapping[str, Any], root: str | Path = ".") -> list[str]:
    """Return what is wrong with downloads, URLs and storage paths, as sentences.

    Parameters
    ----------
    config
        A configuration that may be wrong in any way.
    root
        Folder that relative paths start from.
    """
    downloads = config.get("downloads", {})
    downloads = downloads if isinstance(downloads, Mapping) else {}
    found: list[str] = []
    urls: dict[str, list[tuple[str, str]]] = {}
    for path, settings in downloads.items():
        if isinstance(path, str) and isinstance(settings, Mapping):
            at = f"downloads.{path}"
            found += _download_problems(at, path, settings, str(config.get("results", "results")))
            urls.setdefault(os.path.normpath(path), []).append((at, str(settings.get("url"))))
    for at, path in _named_files(config):
        found += _url_problems(at, path)
        if scheme_of(path) in SCHEMES:
            urls.setdefault(local_path(path), []).append((at, path))
    for path, named in urls.items():
        first_at, first = named[0]
        for at, url in named[1:]:
            if url != first or (at.startswith("downloads.") and at != first_at):
                found.append(
                    f"{at}: '{url}' would lie at '{path}', as does '{first}' of {first_at}; give "
                    "one of them another path under downloads"
                )
        fetched = _origin(Path(root, path))
        if fetched not in (None, first):
            found.append(
                f"{first_at}: '{path}' was fetched from '{fetched}', not from '{first}'; delete "
                f"it to fetch it again, or '{_origin_path(path)}' if it is your own"
            )
    return found


def _named_files(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield key and path of every file of every data set that may lie elsewhere."""
    datasets = config.get("datasets")
    for name, dataset in datasets.items() if isinstance(datasets, Mapping) else ():
        for part in ("source", "labels"):
            section = dataset.get(part) if isinstance(dataset, Mapping) else None
            if not isinstance(section, Mapping):
                continue
            paths = paths_of(section) if part == "source" else {"table": section.get("table")}
            for key, path in paths.items():
                if isinstance(path, str):
                    yield f"datasets.{name}.{part}.{key}", path


def _url_problems(at: str, path: str) -> list[str]:
    scheme, stored = scheme_of(path), storage_of(path)
    if scheme is None:
        return []
    if stored is not None:
        # Asked for by name, not imported: the package knows nothing of Snakemake.
        if find_spec(f"snakemake_storage_plugin_{stored[0]}") is not None:
            return []
        package = f"snakemake-storage-plugin-{stored[0]}"
        return [f"{at}: '{path}' needs the package {package}: pip install {package}"]
    if scheme not in SCHEMES:
        known = ", ".join([*SCHEMES, *PLUGINS])
        return [f"{at}: '{path}' has an unknown scheme '{scheme}'; supported: {known}"]
    if not _file_name(path).removesuffix(".gz"):
        return [f"{at}: '{path}' names no file; give it a path under downloads"]
    return []


def _download_problems(
    at: str, path: str, settings: Mapping[str, Any], results: str
) -> Iterator[str]:
    if scheme_of(path):
        yield f"{at}: the key is the path to fetch to; the URL goes under url"
    elif path.endswith("/") or Path(path).name in ("", ".", ".."):
        yield f"{at}: the key is the path of a file, not of a folder"
    elif Path(os.path.normpath(path)).is_relative_to(os.path.normpath(results)):
        yield f"{at}: lies in the folder of the results; fetch it to another, e.g. resources"
    for key in ("url", "checksums"):
        url = settings.get(key)
        if isinstance(url, str) and scheme_of(url) not in SCHEMES:
            yield f"{at}.{key}: found '{url}', expected a URL ({', '.join(SCHEMES)})"
    given = [key for key in _SUMS if key in settings]
    if len(given) > 1:
        yield f"{at}: give one of {', '.join(_SUMS)}, not {' and '.join(given)}"
    url = settings.get("url")
    if "checksums" in given and isinstance(url, str) and not _file_name(url):
        yield f"{at}.checksums: '{url}' names no file to look up; give a sum itself"


def _nearest_download(path: str, config: Mapping[str, Any]) -> str:
    """Return a hint at a download that ``path`` may be a misspelling of, or nothing."""
    downloads = config.get("downloads")
    planned = [str(p) for p in downloads] if isinstance(downloads, Mapping) else []
    # Paths of one folder are alike; only a slip of the pen is a misspelling.
    near = difflib.get_close_matches(path, planned, n=1, cutoff=0.9)
    return f"did you mean '{near[0]}'?" if near else ""


def missing_files(
    at: str, parts: Mapping[str, Mapping[str, Any]], root: Path, config: Mapping[str, Any]
) -> list[str]:
    """Return a sentence for each file of a data set that is not there and comes from nowhere.

    Parameters
    ----------
    at
        Key of the data set, for messages.
    parts
        Its ``source``, ``labels`` and ``filters``.
    root
        Folder that relative paths start from.
    config
        All of the configuration.
    """
    paths = {f"source.{name}": path for name, path in paths_of(parts["source"]).items()}
    paths["labels.table"] = parts["labels"].get("table")
    found = []
    genes = parts["filters"].get("genes")
    if isinstance(genes, str) and genes not in ("landmark", "bing", "all"):
        near = difflib.get_close_matches(genes, ["landmark", "bing", "all"], n=1)
        if near and not os.path.isfile(root / genes):
            found.append(f"{at}.filters.genes: found '{genes}'; did you mean '{near[0]}'?")
        else:
            paths["filters.genes"] = genes
    for key, path in paths.items():
        if not isinstance(path, str) or os.path.isfile(root / path):
            continue
        elsewhere = comes_from_elsewhere(path, config)
        if elsewhere and key != "filters.genes":
            continue
        hint = _nearest_download(path, config) or _nearest_file(root / path)
        if elsewhere:
            hint = "this one is not fetched; give the path of a file that is there"
        found.append(f"{at}.{key}: no file '{path}'; {hint}")
    return found


def _nearest_file(path: Path) -> str:
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry in entries if entry.is_file()]
    except PermissionError:
        return f"the folder '{path.parent}' is not to be read (permissions)"
    except (OSError, ValueError):
        return f"the folder '{path.parent}' does not exist either; see resources/README.md"
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"did you mean '{near[0]}'?" if near else "see resources/README.md for where to get it"


def _origin_path(path: str | Path) -> Path:
    return Path(path).with_name(f".{Path(path).name}.url")


def _origin(path: Path) -> str | None:
    """Return the URL that a file was fetched from; None if the user put it there."""
    if not path.name:
        return None
    note = _origin_path(path)
    return (
        note.read_text(encoding="utf-8").strip()
        if os.path.isfile(path) and os.path.isfile(note)
        else None
    )
