"""One look for all figures, and one way to save them: svg, png and the table they draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from svqvae.io.atomic import atomic_path, write_table
from svqvae.io.text import without_controls

DIVERGING = "vlag"
SEQUENTIAL = "Blues"
#: Models in orange, baselines in grey: what is compared, and with what.
ROLE_COLOURS = {"model": "#d1602c", "baseline": "#7a8591"}

_RC: dict[Any, Any] = {
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "svg.fonttype": "none",
    # The same table gives the same file.
    "svg.hashsalt": "svqvae",
}


P = ParamSpec("P")


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style; settings of your own come back afterwards."""
    with mpl.rc_context(_RC):
        yield


def in_house_style(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Let a function draw in the house style, wherever it is called from."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with house_style():
            return draw(*args, **kwargs)

    return drawn


def save(figure: Figure, table: pd.DataFrame, stem: str | Path) -> None:
    """Write a figure and the table that it draws: ``stem``.tsv, .png and .svg.

    Parameters
    ----------
    table
        Where its index has a name, it is written as the first column.
    stem
        Path without a suffix.
    """
    stem = Path(stem)
    if table.index.name is not None:
        table = table.reset_index()
    write_table(table, stem.with_name(f"{stem.name}.tsv"))
    for kind, metadata in (("png", None), ("svg", {"Date": None})):
        path = stem.with_name(f"{stem.name}.{kind}")
        with atomic_path(path) as temporary, house_style():
            figure.savefig(temporary, format=kind, bbox_inches="tight", metadata=metadata)


def cluster_palette(clusters: pd.Series) -> dict[int, tuple[float, float, float]]:
    """Return one colour per cluster number."""
    numbers = sorted(clusters.unique())
    colours = sns.color_palette("husl", len(numbers))
    # Neighbouring numbers get colours from opposite sides of the wheel.
    order = np.argsort(np.arange(len(numbers)) * 0.382 % 1)
    return {int(n): colours[int(o)] for n, o in zip(numbers, order, strict=True)}


def short(name: str, limit: int = 42) -> str:
    """Return a name that fits an axis and is not read as mathematics."""
    name = without_controls(name, "\ufffd")
    fitting = name if len(name) <= limit else name[: limit - 1] + "…"
    return fitting.replace("$", r"\$")
