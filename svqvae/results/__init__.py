"""What a run writes: one row per table and figure, the only owner of each.

Rules, scripts, drawing, the page and ``read_result`` read these rows. Functions are named as text,
so that nothing is imported until it is called. A row says

- where the file lies, and which data sets and models have it (``when``);
- which of its columns hold names, and so stay text whatever they look like;
- what the page and Snakemake's report call it, and under which heading the page shows it. In titles
  and captions ``{subject}`` and ``{reference}`` stand for the models that are compared;
- of a figure, which table it draws, and by which function.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.results import figures, parts, tables
from svqvae.results.case import Case
from svqvae.results.row import DATASET, FIGURE_FOLDER, MODEL, Call, Figure, File, Output

__all__ = [
    "DATASET",
    "FIGURES",
    "FIGURE_FOLDER",
    "FILES",
    "MODEL",
    "PARTS",
    "Call",
    "Case",
    "Figure",
    "File",
    "Output",
]

#: Headings of the page on a data set, in their order.
PARTS = parts.ORDER
#: By name.
FIGURES = {row.name: row for row in figures.ROWS}
FILES = {row.name: row for row in tables.ROWS}


def outputs(case: Case, folder: str) -> Iterator[Output]:
    """Yield the figures and files that a data set has, or a model on it, in the page's order."""
    for row in (*FIGURES.values(), *FILES.values()):
        if row.folder == folder and row.when(case):
            yield row


def page_modules() -> list[str]:
    """Return the modules that the page depends on: the rows, and what they call for it."""
    rows = [f"{__name__}{part}" for part in ("", ".case", ".figures", ".parts", ".row", ".tables")]
    calls = [c for row in (*FIGURES.values(), *FILES.values()) for c in (row.says,) if c]
    return sorted({*rows, *(call.module for call in calls)})


def row_of(path: str | Path) -> Output:
    """Return the row of a table by the name of its file.

    Raises
    ------
    SvqvaeError
        If no output of a run is called so.
    """
    path = Path(path)
    if path.parent.name == FIGURE_FOLDER and path.stem in FIGURES:
        return FIGURES[path.stem]
    if path.stem in FILES:
        return FILES[path.stem]
    names = [f"{name}.tsv" for name, row in FILES.items() if row.suffix == ".tsv"]
    raise SvqvaeError(f"{path}: no table of a run is called so{did_you_mean(path.name, names)}")


def model_of(path: str | Path) -> str:
    """Return the model whose folder a table of a model lies in."""
    below = Path(row_of(path).template).parts.index("{model}")
    depth = len(Path(row_of(path).template).parts) - below
    return Path(path).parts[-depth]
