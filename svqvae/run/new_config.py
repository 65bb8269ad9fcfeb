"""The text of a configuration for a file of one's own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path
from svqvae.run.new import CLIP, Found


def as_yaml(found: Found, folder: str) -> str:
    """Return the configuration as text; the data set is called as the file of signatures.

    Parameters
    ----------
    folder
        Name of the folder of the results, which no other configuration has.
    """
    name = name_of(Path(found.path))
    source: dict[str, Any] = {"kind": found.kind, "signatures": found.path}
    if found.columns:
        source["columns"] = found.columns
    filters: dict[str, Any] = {"min_perturbagens_per_class": found.folds}
    if found.controls:
        filters["exclude_perturbagens"] = found.controls
    if found.landmark:
        filters["genes"] = "landmark"
    return f"""\
# Written by `svqvae new` of {json.dumps(found.path)}; config/README.md explains every key.
results: results/{folder}
datasets:
  {name}:
    source: {_flow(source)}
    labels: {_flow({"key": found.label})}
    filters: {_flow(filters)}
    split: {{group: pert_id, folds: {found.folds}}}
    clip: {CLIP}
models:
  svqvae: {{preset: svqvae}}
  lda: {{preset: lda}}
  class_mean_cosine: {{preset: class_mean_cosine}}
"""


def _flow(mapping: dict[str, Any]) -> str:
    """Return a mapping on one line."""
    options: dict[str, Any] = {"default_flow_style": True, "sort_keys": False}
    return yaml.safe_dump(mapping, width=float("inf"), allow_unicode=True, **options).strip()


def write_config(found: Found, config: str | Path) -> None:
    """Write the configuration; the results are called as its file.

    Raises
    ------
    SvqvaeError
        If there is a file already.
    """
    config = Path(config)
    if config.exists():
        raise SvqvaeError(f"{config}: is there already; choose another name, or delete it")
    with atomic_path(config) as temporary:
        temporary.write_text(as_yaml(found, name_of(config)), encoding="utf-8")


def name_of(path: Path) -> str:
    """Return the name of a data set or folder after that of a file: letters, digits, ``_``, ``-``.

    Examples
    --------
    >>> name_of(Path("config/my screen, 2nd.yaml"))
    'my-screen-2nd'
    """
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", path.name.partition(".")[0]).strip("-") or "own"
    return name if not name[0].isdigit() else f"set-{name}"
