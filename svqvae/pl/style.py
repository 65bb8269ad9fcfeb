"""One look for all figures, and one way to save them: svg, png and the table they draw."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from svqvae.io.atomic import atomic_path, write_table

DIVERGING = "vlag"
SEQUENTIAL = "Blues"
#: Models in orange, baselines in grey: who is judged and against what.
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


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style, and close every figure on the way out."""
    with mpl.rc_context(_RC):
        try:
            yield
        finally:
            plt.close("all")


def save(figure: Figure, table: pd.DataFrame, stem: str | Path) -> None:
    """Write ``stem``.tsv, .png and .svg."""
    stem = Path(stem)
    write_table(table, stem.with_name(f"{stem.name}.tsv"))
    for kind, metadata in (("png", None), ("svg", {"Date": None})):
        with atomic_path(stem.with_name(f"{stem.name}.{kind}")) as temporary:
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
    fitting = name if len(name) <= limit else name[: limit - 1] + "…"
    return fitting.replace("$", r"\$")
