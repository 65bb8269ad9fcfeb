"""Pictures of the page of a run, for README and docs/report.md: the first screen, and a class.

    python docs/pictures.py results/report-l1000_consensus.html "topoisomerase inhibitor"

It needs Debian's chromium, as the tests of the page do.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
WIDTH = 1280


def main() -> None:
    """Write ``report_glance.png`` and ``report_class.png`` beside this file."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("page", type=Path, help="report.html of a run")
    options.add_argument("cls", help="the class that is shown")
    given = options.parse_args()
    views = {
        "glance": ("", 820),
        "class": (f"#/class/{quote(given.cls, safe='')}", 1240),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, (address, height) in views.items():
            page = browser.new_context(
                offline=True, color_scheme="light", viewport={"width": WIDTH, "height": height}
            ).new_page()
            page.goto(given.page.absolute().as_uri() + address)
            page.wait_for_selector("html[data-ready]", state="attached")
            if name == "class":
                page.get_by_role("heading", level=2, name=given.cls, exact=True).wait_for()
            page.wait_for_function(
                "[...document.querySelectorAll('.stage')].some(s => s.childNodes.length)"
            )
            out = DOCS / f"report_{name}.png"
            page.screenshot(path=out)
            print(f"{out.name}: {out.stat().st_size / 1000:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main()
