"""One look for all figures, and one way to save them: svg, png and the table they draw."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

from svqvae.io.atomic import atomic_path, write_table
from svqvae.pl import fonts

DIVERGING = "vlag"
SEQUENTIAL = "Blues"
#: Models in orange, baselines in grey: what is compared, and with what.
ROLE_COLOURS = {"model": "#d1602c", "baseline": "#7a8591"}
INK, SOFT, FAINT, GRID = "#1d2733", "#56616d", "#b9c0c7", "#e5e8eb"
#: Sizes of letters, in points: of names where there are many, and of numbers in colours.
SMALL, TINY = 7.0, 5.5

_RC: dict[Any, Any] = {
    "figure.dpi": 100,
    "savefig.dpi": 300,
    "font.size": 8,
    "font.family": "sans-serif",
    # What matplotlib brings: no other machine measures other letters.
    "font.sans-serif": ["DejaVu Sans"],
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "svg.fonttype": "none",
    # Whole fonts, as TrueType: journals refuse type 3.
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    # The same table gives the same file.
    "svg.hashsalt": "svqvae",
}
#: Kinds of file beyond svg and png, with what keeps dates and the like out of them.
MORE_KINDS: dict[str, dict[str, Any]] = {
    "pdf": {"metadata": {"CreationDate": None}},
    "eps": {},
    "tiff": {"pil_kwargs": {"compression": "tiff_lzw"}},
}
_ALWAYS: dict[str, dict[str, Any]] = {
    "png": {"pil_kwargs": {"compress_level": 0}},  # compressed by _opaque
    "svg": {"metadata": {"Date": None}},
}
#: Room round what is drawn, in inches.
_PAD = 0.06

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


def save(
    figure: Figure, table: pd.DataFrame, stem: str | Path, *, kinds: Iterable[str] = ()
) -> None:
    """Write a figure and the table that it draws: ``stem``.tsv, .png and .svg.

    Parameters
    ----------
    table
        Where its index has a name, it is written as the first column.
    stem
        Path without a suffix.
    kinds
        Of file that are written as well: see :data:`MORE_KINDS`.
    """
    stem = Path(stem)
    if table.index.name is not None:
        table = table.reset_index()
    write_table(table, stem.with_name(f"{stem.name}.tsv"))
    kinds_made = _ALWAYS | {k: MORE_KINDS[k] for k in kinds if k in MORE_KINDS}
    with house_style():
        # Measured once for all kinds: bbox_inches="tight" would draw each twice.
        figure.draw_without_rendering()
        box = figure.get_tightbbox().padded(_PAD)
        for kind, options in kinds_made.items():
            with atomic_path(stem.with_name(f"{stem.name}.{kind}")) as temporary:
                figure.savefig(temporary, format=kind, bbox_inches=box, **options)
                if kind in _AFTER:
                    temporary.write_bytes(_AFTER[kind](temporary.read_bytes()))


def _embedded(svg: bytes) -> bytes:
    return fonts.embed(svg.decode("utf-8")).encode("utf-8")


def _undated(eps: bytes) -> bytes:
    return re.sub(rb"^%%(CreationDate|Title):.*\n", b"", eps, flags=re.MULTILINE)


def _opaque(png: bytes) -> bytes:
    """Leave out the alpha of a figure, whose ground is white: a tenth of the bytes."""
    made = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").save(made, "png", dpi=image.info["dpi"])
    return made.getvalue()


_AFTER: dict[str, Callable[[bytes], bytes]] = {
    "svg": _embedded,
    "eps": _undated,
    "png": _opaque,
}


def note(figure: Figure, text: str) -> None:
    """Write below all else in a figure what it does not show."""
    box = figure.get_tightbbox(figure.canvas.get_renderer())  # type: ignore[attr-defined]
    width, height = figure.get_size_inches()
    at = (box.x0 / width, (box.y0 - 0.08) / height)
    figure.text(*at, text, fontsize=SMALL, color=SOFT, va="top", gid="note")
