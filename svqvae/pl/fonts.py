"""Fonts within an SVG: text stays text, and looks the same everywhere.

Text that is text can be searched, copied and edited, and read by the blind; outlines cannot, and
weigh more. But a name would be as wide as another machine's font makes it. So the letters that a
figure uses go with it, as a font of 2 to 8 kB in a ``data:`` address: browsers use it, and so does
the page, where figures are images. Programs for drawing that know no such fonts take DejaVu Sans
where it is installed. PDF, which has fonts of its own, is the file for those.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl

#: The font that matplotlib brings, by weight.
_FILES = {400: "DejaVuSans.ttf", 700: "DejaVuSans-Bold.ttf"}
_FAMILY = "DejaVu Sans"
#: Where matplotlib's own rule for all of an SVG begins.
_STYLE = '<style type="text/css">'


def embed(svg: str) -> str:
    """Return an SVG of matplotlib's with the letters that its text uses."""
    letters: dict[int, set[str]] = {}
    for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        weight = 700 if "font-weight: 700" in node.get("style", "") else 400
        letters.setdefault(weight, set()).update("".join(node.itertext()))
    faces = "".join(_face(weight, used) for weight, used in sorted(letters.items()))
    return svg.replace(_STYLE, _STYLE + faces, 1)


def _face(weight: int, letters: set[str]) -> str:
    font = base64.b64encode(_subset(_FILES[weight], letters)).decode("ascii")
    return (
        f"@font-face{{font-family:'{_FAMILY}';font-weight:{weight};"
        f"src:url(data:font/woff;base64,{font}) format('woff')}}"
    )


def _subset(name: str, letters: set[str]) -> bytes:
    """Return a font of some letters, the same bytes at any time."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    # No time of its own: recalcTimestamp would be that of the drawing.
    font = TTFont(Path(mpl.get_data_path(), "fonts", "ttf", name), recalcTimestamp=False)
    options = subset.Options(hinting=False, legacy_kern=True, name_IDs=[], notdef_outline=True)
    # FFTM is the designer's own. Letters are kerned by the old table, as in matplotlib's own
    # drawing: those of layout take as long to read as the figure to draw, and would be read even to
    # be left out by the subsetter.
    for table in {"FFTM", "GDEF", "GPOS", "GSUB", "MATH"} & set(font.keys()):
        del font[table]
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(letters)))
    subsetter.subset(font)
    font.flavor = "woff"
    packed = io.BytesIO()
    font.save(packed)
    return packed.getvalue()
