"""From the files of a run to its figures: the only part of the drawing that knows of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from svqvae import keys
from svqvae.io.own import open_h5ad
from svqvae.io.tables import read_result
from svqvae.models.registry import load_model
from svqvae.pl.chosen import known_of, part, parts
from svqvae.pl.palette import DEFAULT, use
from svqvae.pl.style import note, save
from svqvae.results import FIGURES, FILES, model_of
from svqvae.results import Figure as FigureRow


@dataclass(frozen=True, kw_only=True)
class Look:
    """How figures of a run are drawn, as its configuration says.

    Attributes
    ----------
    palette
        Name of :data:`svqvae.pl.palette.PALETTES`, or colours.
    kinds
        Of file beside svg and png.
    classes
        That heat maps, networks, profiles and confusion are of; all, if there are none.
    has_others
        Whether some of them may be classes of another data set.
    """

    palette: str | Sequence[str] = DEFAULT
    kinds: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    has_others: bool = False


def draw(
    names: Iterable[str],
    files: Mapping[str, str | Sequence[str]],
    out: str | Path,
    *,
    roles: Mapping[str, str],
    look: Look | None = None,
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
    look
        By default that of a configuration that says nothing of it.

    Raises
    ------
    SvqvaeError
        If one of ``look.classes`` is no class.
    """
    look = look or Look()
    opened: dict[str, Any] = {}
    with use(look.palette):
        for figure in (FIGURES[name] for name in names):
            for name in figure.needs:
                if name not in opened:
                    opened[name] = _open(name, files[name], roles)
            drawn, table = _drawn(figure, opened, look)
            save(drawn, table, Path(out) / figure.name, kinds=look.kinds)
            plt.close(drawn)


def _drawn(figure: FigureRow, opened: Mapping[str, Any], look: Look) -> tuple[Figure, pd.DataFrame]:
    """Return a figure and its table, of all classes or of those that are chosen."""
    chosen, every = [], 0
    if figure.of_classes and look.classes:
        classes = list(opened["class_clusters"][keys.CLASS])
        chosen = known_of(look.classes, classes, others=look.has_others)
        every, opened = len(classes), parts(opened, chosen)
    made = figure.table
    table = opened[made] if isinstance(made, str) else made(opened)
    if chosen:
        table = part(table, chosen)
    drawn = figure.draw(opened, table)
    if chosen:
        said = f"{len(chosen)} of {every} classes (analysis.figures.classes); others are left out"
        note(drawn, said)
    return drawn, table


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
