"""How the page looks: phone, dark, print, labels."""

import re
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


def test_printed_it_is_short_and_has_the_findings(file, opened):
    page = opened(file).go("#/class")
    pdf = page.pdf(format="A4")
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))
    assert 2 <= pages <= 8
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#paper [data-card]:visible").count() == 5
    assert page.locator("#paper svg .row:visible").count() == 6
    assert page.locator("#paper canvas[data-edges]:visible").count() == 2
    assert page.locator("#paper [data-table='relations'] tbody tr:visible").count() > 0
    assert not page.locator("#menu, #bar, #view").filter(visible=True).count()


#: What a drawing on a canvas writes.
WRITTEN = """
  window.written = [];
  const own = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    window.written.push(text);
    return own.call(this, text, ...rest);
  };
"""


def test_labels_of_the_heat_map_differ_and_lead_to_the_whole_name(made, file, opened):
    one = opened(file)
    one.page.add_init_script(WRITTEN)
    page = one.go("#/relations?q=1")
    page.wait_for_selector("canvas[data-edges]")
    written = page.evaluate("window.written")
    assert len(written) == len(set(written)) == len(made.classes)
    canvas = page.locator("canvas[data-edges]")
    canvas.scroll_into_view_if_needed()
    box, n, names = canvas.bounding_box(), len(made.classes), set()
    for k in range(n):
        page.mouse.move(box["x"] + 30, box["y"] + (k + 0.5) * (box["height"] - 2) / n)
        names.add(one.tip()[0])
    assert names == set(made.classes)


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


def test_with_many_classes_shapes_tell_clusters_and_the_heat_map_keeps_its_shape(opened, tmp_path):
    made = make_results(tmp_path / "results", classes=130, compounds=2, genes=20, models=1)
    one = opened(made.write(tmp_path / "report.html"), size=(390, 844))
    page = one.go("#/relations")
    page.wait_for_selector("svg .node")
    marks = page.locator("svg .node").evaluate_all(
        "nodes => nodes.map(n => ['fill', 'd'].map(name => n.getAttribute(name)))"
    )
    # Six clusters: five shapes and six colours, no colour of two shapes.
    shapes = [(fill, re.sub("[^a-z]", "", d)) for fill, d in marks]
    assert len(set(shapes)) == 6
    assert len({shape for _, shape in shapes}) == 5
    box = page.locator("canvas[data-edges]").bounding_box()
    assert box["width"] == pytest.approx(box["height"], abs=2)
    labels = page.locator("svg text.label").evaluate_all(
        "nodes => nodes.map(n => n.getBoundingClientRect().right)"
    )
    assert all(right <= 390 for right in labels)
