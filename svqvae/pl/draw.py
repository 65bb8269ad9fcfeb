"""From the files of a run to its figures: the only part of the drawing that knows of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd

from svqvae.io.own import open_h5ad
from svqvae.io.tables import read_result
from svqvae.models.registry import load_model
from svqvae.pl.style import save
from svqvae.results import FIGURES, FILES, model_of


def draw(
    names: Iterable[str],
    files: Mapping[str, str | Sequence[str]],
    out: str | Path,
    *,
    roles: Mapping[str, str],
) -> None:
    """Draw figures of a run, and write each beside the table that it draws.

    Parameters
    ----------
    names
        Of :data:`svqvae.results.FIGURES`.
    files
        Paths of what they are drawn from, by the names of :data:`svqvae.results.FILES`. Several
        are tables of as many models, which are drawn as one.
    out
        Folder of the figures.
    roles
        Of each model: model or baseline.
    """
    opened: dict[str, Any] = {}
    for figure in (FIGURES[name] for name in names):
        for name in figure.needs:
            if name not in opened:
                opened[name] = _open(name, files[name], roles)
        made = figure.table
        table = opened[made] if isinstance(made, str) else made(opened)
        drawn = figure.draw(opened, table)
        save(drawn, table, Path(out) / figure.name)
        plt.close(drawn)


def _open(name: str, found: str | Sequence[str], roles: Mapping[str, str]) -> Any:
    """Return a table, signatures or a model, whichever a file of a run holds."""
    row = FILES[name]
    if not isinstance(found, str):
        return _joined({model_of(path): path for path in found}, roles)
    if row.suffix == ".tsv":
        return read_result(found)
    if row.suffix == ".h5ad":
        return open_h5ad(found, backed=row.is_large)
    return load_model(Path(found).parent)


def _joined(paths: Mapping[str, str], roles: Mapping[str, str]) -> pd.DataFrame:
    """Return the tables of several models as one, which begins with model and role."""
    parts = [read_result(path).assign(model=m, role=roles[m]) for m, path in paths.items()]
    table = pd.concat(parts, ignore_index=True)
    return table[["model", "role", *table.columns.drop(["model", "role"])]]
