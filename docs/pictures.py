"""Pictures of a run for README and docs/report.md: three figures, the page's first screen, a class.

    python docs/pictures.py results l1000_consensus "topoisomerase inhibitor"

It needs Debian's chromium, as the tests of the page do.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
#: Of the window, and of figures, in pixels.
WIDTH, FIGURE_WIDTH = 1280, 1600
#: Figures of a data set, by the folder they lie in.
FIGURES = {
    "benchmark": "figures",
    "mechanism_network": "svqvae/figures",
    "nearest_network": "svqvae/figures",
}


def main() -> None:
    """Write the pictures beside this file."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("results", type=Path, help="folder of the results")
    options.add_argument("dataset", help="the data set, and the configuration of that name")
    options.add_argument("cls", help="the class that is shown")
    given = options.parse_args()
    for name, folder in FIGURES.items():
        shrink(given.results / given.dataset / folder / f"{name}.png", DOCS / f"{name}.png")
    photograph(given.results / f"report-{given.dataset}.html", given.cls)


def shrink(figure: Path, out: Path) -> None:
    """Write a printed figure as a smaller one, in 256 colours."""
    with Image.open(figure) as image:
        size = (FIGURE_WIDTH, round(FIGURE_WIDTH * image.height / image.width))
        small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    small.quantize(256, dither=Image.Dither.NONE).save(out, optimize=True)
    print(f"{out.name}: {out.stat().st_size / 1000:.0f} kB")


def photograph(report: Path, cls: str) -> None:
    """Write ``report_glance.png`` and ``report_class.png``: two views of a page."""
    views = {
        "glance": ("", 820),
        "class": (f"#/class/{quote(cls, safe='')}", 1240),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, (address, height) in views.items():
            page = browser.new_context(
                offline=True, color_scheme="light", viewport={"width": WIDTH, "height": height}
            ).new_page()
            page.goto(report.absolute().as_uri() + address)
            page.wait_for_selector("html[data-ready]", state="attached")
            if name == "class":
                page.get_by_role("heading", level=2, name=cls, exact=True).wait_for()
            page.wait_for_function(
                "[...document.querySelectorAll('.stage')].some(s => s.childNodes.length)"
            )
            out = DOCS / f"report_{name}.png"
            page.screenshot(path=out)
            print(f"{out.name}: {out.stat().st_size / 1000:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main()
