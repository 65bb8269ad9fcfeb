"""How long the page takes in a browser: the first card, the first screen, every section once."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
SECTIONS = ("benchmark", "relations", "class", "compound", "gene", "map", "calibration", "input")

#: When something was first painted: what stands there without the script has the cards.
_FIRST = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"
#: Whether all that is in sight of a long page has been drawn.
_DRAWN = """
  () => document.querySelector('#view h2') &&
    [...document.querySelectorAll('#view .stage')].every(s => s.childNodes.length)
"""


class Opening(NamedTuple):
    """Seconds since the file was asked for."""

    first_card: float
    first_screen: float
    everything: float

    def __str__(self) -> str:
        """Return the times as a sentence has them."""
        return (
            f"first card {self.first_card:.1f} s, first screen {self.first_screen:.1f} s, every "
            f"section once {self.everything:.1f} s"
        )


def opening_of(browser: Any, file: Path, *, name: str) -> Opening:
    """Open a page, then each section of it and the page of a class, one after the other.

    Parameters
    ----------
    name
        A class.
    """
    # So high that every drawing is in sight, and so drawn.
    context = browser.new_context(offline=True, viewport={"width": 1440, "height": 6000})
    page = context.new_page()
    page.goto(file.as_uri(), wait_until="commit")
    page.wait_for_selector("html[data-ready]", state="attached", timeout=120_000)
    first, screen = page.evaluate(f"[{_FIRST}, performance.now()]")
    for section in (*SECTIONS, f"class/{quote(name, safe='')}"):
        page.evaluate("at => { location.hash = '#/' + at; }", section)
        page.wait_for_function(
            "at => document.getElementById('view').dataset.view === at",
            arg=section.partition("/")[0],
        )
        page.wait_for_function(_DRAWN, timeout=120_000)
    everything = page.evaluate("performance.now()")
    context.close()
    return Opening(first / 1000, screen / 1000, everything / 1000)
