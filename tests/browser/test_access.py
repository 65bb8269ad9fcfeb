"""The page for everyone: axe finds nothing, the keyboard is enough, text stands out."""

from urllib.parse import quote

import pytest
from pages import make_results

pytestmark = pytest.mark.browser

LONG = [
    f"a mechanism whose long name differs at the end only, {kind}"
    for kind in ("agonist", "antagonist")
]
VIEWS = ("", "benchmark", "relations?q=1", "class", "class/{c}", "compound", "compound/BRD-00003")
VIEWS += ("gene", "gene/GENE7", "map", "map?by=class", "calibration", "input")
#: Contrast of each text to its ground, as WCAG defines it.
CONTRASTS = """
  () => {
    const linear = v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const weight = [0.2126, 0.7152, 0.0722];
    const light = c => c.match(/[\\d.]+/g).slice(0, 3)
      .reduce((sum, v, k) => sum + weight[k] * linear(v / 255), 0);
    const ground = n => {
      const colour = getComputedStyle(n).backgroundColor;
      return /, 0\\)$|transparent/.test(colour) ? ground(n.parentElement) : colour;
    };
    return [...document.querySelectorAll('#menu a, .card h3, .card p, label, .field span, h2')]
      .map(n => [light(getComputedStyle(n).color), light(ground(n))].sort((a, b) => b - a))
      .map(([a, b]) => (a + 0.05) / (b + 0.05));
  }
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    names = [f"mechanism {i} with a name of usual length" for i in range(8)] + LONG
    return make_results(tmp_path_factory.mktemp("run") / "results", classes=names)


@pytest.fixture(scope="module")
def file(made):
    return made.write(made.folder.parent / "report.html")


@pytest.mark.parametrize(
    ("scheme", "size"), [("light", (1440, 900)), ("dark", (1440, 900)), ("dark", (390, 844))]
)
def test_axe_finds_nothing(made, file, opened, scheme, size):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    ).Axe()
    one = opened(file, color_scheme=scheme, size=size)
    found, passed = [], 0
    for view in VIEWS:
        page = one.go(f"#/{view.format(c=quote(made.classes[0]))}")
        page.wait_for_timeout(50)
        said = axe.run(page, options={"resultTypes": ["violations", "passes"]}).response
        found += [(view, v["id"], v["impact"], v["nodes"][0]["html"]) for v in said["violations"]]
        passed += len(said["passes"])
    assert not found
    assert passed > 20 * len(VIEWS)


def test_axe_would_find_something(file, opened):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    ).Axe()
    page = opened(file).go()
    page.evaluate("document.getElementById('search').previousElementSibling.remove()")
    page.evaluate("document.getElementById('search').placeholder = ''")
    page.add_style_tag(content=".verdict { color: #ccc }")
    ids = {v["id"] for v in axe.run(page).response["violations"]}
    assert "color-contrast" in ids or "label" in ids


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(file, opened, scheme):
    page = opened(file, color_scheme=scheme).go()
    ratios = page.evaluate(CONTRASTS)
    assert len(ratios) > 20
    assert min(ratios) >= 4.5


def test_by_keyboard_alone_a_class_is_found_and_sorted(made, file, opened):
    one = opened(file)
    page = one.go()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "search":
            break
    page.keyboard.type("antagonist")
    page.keyboard.press("Enter")
    page.wait_for_function("t => document.querySelector('h2').textContent === t", arg=LONG[1])
    page.focus('[data-table="nearest"] thead button')
    page.keyboard.press("Enter")
    assert page.get_attribute('[data-table="nearest"] th', "aria-sort") == "ascending"
    page.focus("#model")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => location.hash.includes('/model1/class/')")


def test_controls_have_names(file, opened):
    one = opened(file)
    for view in ("", "#/relations", "#/benchmark"):
        page = one.go(view)
        unnamed = page.evaluate(
            "[...document.querySelectorAll('button, input, select, a, canvas, svg[role], figure')]"
            ".filter(n => n.checkVisibility() && !(n.ariaLabel || n.textContent.trim() || n.title"
            " || n.labels?.length || n.querySelector('[aria-label]')))"
            ".map(n => n.outerHTML.slice(0, 90))"
        )
        assert unnamed == [], view
        assert page.evaluate("document.documentElement.lang") == "en"
