"""How the page looks and is used: phone, dark, print, keyboard, names of all kinds, weight."""

import unicodedata
from urllib.parse import quote

import pytest
from pages import make_results

pytestmark = pytest.mark.browser

VIEWS = (
    "",
    "#/benchmark",
    "#/relations?q=1",
    "#/class/{c}",
    "#/compound/BRD-00003",
    "#/gene/GENE7",
)
VIEWS += ("#/map", "#/calibration", "#/input")
HOSTILE = [
    *("../x", "a/b", ".", "..", "CON", "-dash", "{x}", "{{y}}", "%s", "$HOME", "$x^2$", "=1+1"),
    *("<script>window.hit=1</script>", "<img src=x onerror=window.hit=1>", '"quoted"', "it's"),
    *("</script><b>x", "javascript:window.hit=1", "True", "1e5", "007", "inf", "a\\b", "\\n"),
    *("#hash", "a?q=1", "&amp;", "~", "a:b", "a,b", "50%", "100%25", "x" * 300, "💊", "\u202ertl"),
    *("日本語", "zero\u200bwidth", "__proto__", "constructor", "toString"),
    *(unicodedata.normalize(form, "é") for form in ("NFC", "NFD")),
]
LONG = [
    f"a mechanism whose long name differs at the end only, {kind}"
    for kind in ("agonist", "antagonist")
]


#: Size of the smallest text that is shown.
SMALLEST = """
  () => Math.min(...[...document.querySelectorAll('#page *')]
    .filter(n => [...n.childNodes].some(c => c.nodeType === 3 && c.data.trim()))
    .filter(n => n.checkVisibility())
    .map(n => parseFloat(getComputedStyle(n).fontSize)))
"""
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
    names = [f"mechanism {i} with a name of usual length" for i in range(40)] + LONG
    return make_results(tmp_path_factory.mktemp("run") / "results", classes=names)


@pytest.fixture(scope="module")
def file(made):
    return made.write(made.folder.parent / "report.html")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_cut_and_text_can_be_read(made, file, opened, scheme):
    one = opened(file, size=(390, 844), color_scheme=scheme)
    for view in VIEWS:
        page = one.go(view.format(c=quote(made.classes[0])))
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, view
        smallest = page.evaluate(SMALLEST)
        assert smallest >= 9, view


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(file, opened, scheme):
    page = opened(file, color_scheme=scheme).go()
    ratios = page.evaluate(CONTRASTS)
    assert len(ratios) > 20
    assert min(ratios) >= 4.5


def test_printed_it_is_short(file, opened):
    page = opened(file).go()
    pdf = page.pdf(format="A4")
    pages = pdf.count(b"/Type /Page\n") or pdf.count(b"/Type /Page ") or pdf.count(b"/Type/Page/")
    assert 1 <= pages <= 8


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


def test_no_two_classes_share_a_label_and_cut_ones_are_whole_when_pointed_at(made, file, opened):
    page = opened(file).go("#/relations?q=1")
    page.wait_for_selector("svg[data-edges] text.label")
    shown = page.locator("svg[data-edges] text.label").all_text_contents()
    assert len(shown) == len(set(shown))
    nodes = page.locator("svg[data-edges] a")
    names = nodes.evaluate_all("nodes => nodes.map(n => n.getAttribute('aria-label'))")
    assert sorted(names) == sorted(made.classes)
    page.locator("svg[data-edges] a").last.focus()
    assert page.inner_text("#tip").split("\n")[0] == names[-1]


def test_a_cluster_is_told_by_its_number_too(made, file, opened):
    page = opened(file).go("#/relations")
    page.wait_for_selector("svg[data-edges] text.number")
    numbers = page.locator("svg[data-edges] text.number").all_text_contents()
    assert len(numbers) == len(made.classes)
    assert set(numbers) == {"1", "2", "3", "4", "5", "6"}
    page = opened(file).go("#/map")
    paths = page.locator(".legend path").evaluate_all(
        "nodes => nodes.map(n => n.getAttribute('d') + n.getAttribute('fill'))"
    )
    shapes = {d.split("#")[0] for d in paths}
    assert len(set(paths)) == 6
    assert len(shapes) == 5


def test_hostile_names_are_shown_as_they_are_and_nothing_runs(opened, tmp_path):
    made = make_results(tmp_path / "results", classes=HOSTILE, compounds=3)
    made.title = "<img src=x onerror=window.hit=1>"
    one = opened(made.write(tmp_path / "report.html"))
    page = one.go()
    for name in HOSTILE:
        address = f"#/class/{quote(name, safe='')}"
        page.evaluate("address => { location.hash = address; }", address)
        page.wait_for_function("t => document.querySelector('h2').textContent === t", arg=name)
        assert one.rows("markers") == 50, name
        assert one.rows("members") == 3, name
    for view in ("#/relations?q=1", "#/map?by=class", "#/class", "#/benchmark", "#/input"):
        one.go(view)
        page.wait_for_timeout(100)
        assert page.evaluate("window.hit === undefined"), view
    page.fill("#search", "<script>")
    assert "<script>window.hit=1</script>" in page.locator("[data-hit]").all_inner_texts()
    assert page.locator("#menu h1").inner_text() == made.title
    one = opened(tmp_path / "report.html", java_script_enabled=False)
    assert one.go(script=False).locator("main img, main b").count() == 0


@pytest.mark.slow
def test_a_large_run_stays_light_and_opens(opened, tmp_path):
    """300 classes, 9,900 signatures, 15 models."""
    made = make_results(
        tmp_path / "results", classes=300, compounds=11, per_compound=3, genes=978, models=15
    )
    file = made.write(tmp_path / "report.html")
    assert file.stat().st_size <= 10_000_000
    one = opened(file)
    one.go()
    assert one.page.locator("[data-card]").count() == 5
    one.go("#/relations")
    one.page.wait_for_selector("svg[data-edges]")
    wanted = (made.read("mechanism_correlations", "model0")["q_value"] <= 0.05).sum()
    assert one.rows("relations") == wanted
    one.go(f"#/class/{quote(made.classes[299])}")
    assert one.rows("markers") == 50
    assert one.rows("members") == 33


def test_a_usual_run_is_light(tmp_path):
    """49 classes, 441 signatures, 12 models; all of each model."""
    made = make_results(
        tmp_path / "results", classes=49, compounds=9, genes=978, models=12, seeds=1
    )
    assert made.write(tmp_path / "report.html").stat().st_size <= 5_000_000
