"""The page in a real browser: Debian's chromium, offline, driven by playwright."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from opening import CHROMIUM, FLAGS


@pytest.fixture(scope="session")
def chromium():
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} does not exist (Debian's package chromium)")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield browser
        browser.close()


class Opened:
    """A page that is open, and what went wrong on it."""

    def __init__(self, page, file: Path):
        self.page, self.file = page, file
        self.wrong: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", self._asked)

    def _said(self, message):
        if message.type == "error":
            self.wrong.append(message.text)

    def _asked(self, request):
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.wrong.append(f"request of {request.url}")

    def go(self, address: str = "", *, script: bool = True):
        # By way of nothing: a change of the address alone would not load the page again.
        self.page.goto("about:blank")
        self.page.goto(self.file.as_uri() + address)
        if script:
            self.page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
        return self.page

    def rows(self, name: str) -> int:
        return int(self.page.get_attribute(f'[data-table="{name}"]', "data-rows"))

    def column(self, table: str, title: str) -> list[str]:
        """Return the cells of a column that are shown."""
        heads = self.page.locator(f'[data-table="{table}"] thead th')
        at = [text.strip() for text in heads.all_inner_texts()].index(title)
        cells = f'[data-table="{table}"] tbody tr td:nth-child({at + 1})'
        return self.page.locator(cells).all_inner_texts()

    def tip(self) -> list[str]:
        """Return the lines of what is said of the thing that is pointed at; none, if nothing is."""
        return self.page.eval_on_selector(
            "#tip", "n => n.hidden ? [] : [...n.children].map(c => c.textContent)"
        )

    def saved(self, table: str) -> list[dict[str, str]]:
        """Return the rows that a table's button CSV saves."""
        with self.page.expect_download() as download:
            self.page.click(f'[data-table="{table}"] button:has-text("CSV")')
        with open(download.value.path(), encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))


@pytest.fixture
def opened(chromium):
    """Return a function that opens a file; at the end nothing may have gone wrong."""
    made = []

    def open_(file: Path, **settings) -> Opened:
        width, height = settings.pop("size", (1440, 900))
        context = chromium.new_context(
            offline=True, viewport={"width": width, "height": height}, **settings
        )
        made.append((context, Opened(context.new_page(), file)))
        return made[-1][1]

    yield open_
    wrong = [fault for _, one in made for fault in one.wrong]
    for context, _ in made:
        context.close()
    assert not wrong
