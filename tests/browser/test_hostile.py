"""Names of all kinds are shown as they are, wherever they come from, and nothing of them runs."""

from urllib.parse import quote

import pytest
from hostile import HOSTILE
from pages import make_results

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    made = make_results(folder / "results", classes=HOSTILE, compounds=3, names_of=HOSTILE)
    made.title = "<img src=x onerror=window.hit=1>"
    return made


@pytest.fixture(scope="module")
def file(made):
    return made.write(made.folder.parent / "report.html")


def show(page, view: str, name: str):
    """Go to the page of a name by its address, and wait until it is there."""
    address = f"#/{view}/{quote(name, safe='')}"
    page.evaluate("address => { location.hash = address; }", address)
    page.wait_for_function(
        "([view, name]) => document.querySelector('h2').textContent === name && "
        "document.getElementById('view').dataset.view === view",
        arg=[view, name],
    )


def test_there_are_forty():
    assert len(set(HOSTILE)) >= 40


def test_of_classes(made, file, opened):
    one = opened(file)
    page = one.go()
    for name in HOSTILE:
        show(page, "class", name)
        assert one.rows("markers") == 50, name
        assert one.rows("members") == 3, name
    assert page.evaluate("window.hit === undefined")


def test_of_compounds_and_genes(made, file, opened):
    one = opened(file)
    page = one.go()
    markers = made.read("class_markers", "model0")
    for name in HOSTILE:
        show(page, "compound", name)
        assert one.rows("predictions") == 5, name
        show(page, "gene", name)
        assert one.rows("gene") == (markers["gene"] == name).sum(), name
    assert page.evaluate("window.hit === undefined")


def test_in_every_view(made, file, opened):
    one = opened(file)
    views = ["", "relations?q=1", "map?by=class", "class", "compound", "gene", "benchmark", "input"]
    for view in views:
        page = one.go(f"#/{view}")
        page.wait_for_timeout(100)
        assert page.evaluate("window.hit === undefined"), view
        assert page.locator("main img:not([src^='blob:']), main b, main iframe").count() == 0
    page.fill("#search", "<script>")
    hits = page.locator("[data-hit]").all_inner_texts()
    assert hits.count("<script>window.hit=1</script>") == 3  # class, compound and gene
    assert page.locator("#menu h1").inner_text() == made.title


def test_without_the_script(file, opened):
    page = opened(file, java_script_enabled=False).go(script=False)
    assert page.locator("main img, main b").count() == 0
    assert "<script>window.hit=1</script>" in page.inner_text("main")


def test_of_data_sets_and_models(opened, tmp_path):
    """All that a configuration may call them, what addresses and objects know among it."""
    names = ["class", "constructor", "toString", "glance", "007", "1e5", "True", "q", "a.b-c_d"]
    made = make_results(tmp_path / "results", classes=5, models=names, dataset="class")
    one = opened(made.write(tmp_path / "report.html"))
    page = one.go()
    for name in names:
        page.select_option("#model", name)
        page.wait_for_function("n => document.getElementById('model').value === n", arg=name)
        page.click("#menu a:has-text('Relations')")
        page.wait_for_selector("[data-view='relations']")
        wanted = (made.read("mechanism_correlations", name)["q_value"] <= 0.05).sum()
        assert one.rows("relations") == wanted, name
        # The address leads back to the same.
        one.go(page.evaluate("location.hash"))
        assert page.input_value("#model") == name
        assert page.locator("[data-view='relations']").count() == 1
    show(page, "class", made.classes[2])
    assert one.rows("markers") == 50
