"""One colour and shape per number of a cluster, in all figures and on the page.

Figures ask for them while they are drawn, so that a run's setting reaches every one of them:

>>> with use(["#000000", "#ffffff"]):
...     colour_of(1), colour_of(2), colour_of(3)
('#000000', '#ffffff', '#000000')
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

#: By name. Okabe and Ito's, and Paul Tol's, are told apart by the colour-blind; of the first
#: black gives way to grey, and yellow, which is hardly seen on white, to violet.
PALETTES = {
    "okabe_ito": (
        *("#0072b2", "#e69f00", "#009e73", "#cc79a7"),
        *("#56b4e9", "#d55e00", "#8833cc", "#7a7f87"),
    ),
    "tol_bright": (*("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb"),),
    "tol_muted": (
        *("#332288", "#88ccee", "#44aa99", "#117733", "#999933"),
        *("#ddcc77", "#cc6677", "#882255", "#aa4499"),
    ),
    "tol_vibrant": (
        *("#0077bb", "#ee7733", "#009988", "#ee3377", "#33bbee", "#cc3311", "#bbbbbb"),
    ),
    "greys": ("#1a1a1a", "#5c5c5c", "#8f8f8f", "#c2c2c2"),
}
DEFAULT = "okabe_ito"
#: Shapes by their names on the page, each with matplotlib's marker.
MARKERS = {"circle": "o", "square": "s", "triangle": "^", "diamond": "D", "cross": "P"}
SHAPES = tuple(MARKERS)
#: A colour as a configuration has it.
HEX = re.compile(r"#[0-9a-fA-F]{6}")

_COLOURS: ContextVar[tuple[str, ...]] = ContextVar("colours", default=PALETTES[DEFAULT])


def colours_of(palette: str | Sequence[str]) -> tuple[str, ...]:
    """Return the colours of a palette, which is a name of :data:`PALETTES` or a list of them."""
    return PALETTES[palette] if isinstance(palette, str) else tuple(c.lower() for c in palette)


@contextmanager
def use(palette: str | Sequence[str]) -> Iterator[None]:
    """Draw in the colours of a palette."""
    before = _COLOURS.set(colours_of(palette))
    try:
        yield
    finally:
        _COLOURS.reset(before)


def colour_of(number: int) -> str:
    """Return the colour of a cluster, which are numbered from 1."""
    colours = _COLOURS.get()
    return colours[(number - 1) % len(colours)]


def shape_of(number: int) -> str:
    """Return the name of a cluster's shape; with its colour, another for as many as can be.

    Colours and shapes go round together. Once both begin anew, shapes go on by one.
    """
    at = number - 1
    return SHAPES[(at + at // math.lcm(len(_COLOURS.get()), len(SHAPES))) % len(SHAPES)]


def marker_of(number: int) -> str:
    """Return matplotlib's marker of a cluster."""
    return MARKERS[shape_of(number)]


def distinct() -> int:
    """Return how many clusters differ in colour or shape."""
    return len(_COLOURS.get()) * len(SHAPES)


def ink_on(colour: str) -> str:
    """Return black or white, whichever is read on a colour.

    Examples
    --------
    >>> ink_on("#ffff00"), ink_on("#0072b2")
    ('black', 'white')
    """
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    # Relative luminance, with a gamma of 2; 0.18 has the same contrast to both.
    light = 0.2126 * red**2 + 0.7152 * green**2 + 0.0722 * blue**2
    return "black" if light > 0.25 else "white"
