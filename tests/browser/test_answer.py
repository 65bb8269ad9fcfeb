"""The answer to queries, a page of its own, in a browser: the views of a query and of a class."""

from urllib.parse import quote

import pandas as pd
import pytest
from pages import make_results

from svqvae.report.answer import write_answer

pytestmark = pytest.mark.browser

ASKED = ["my compound", "<img src=x onerror=window.hit=1>"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_results(tmp_path_factory.mktemp("run") / "results", per_compound=2)


def write(made, out, asked, **more):
    table = pd.DataFrame(
        [
            (q, r + 1, made.classes[r], 2.5 - r, 0.7 / (r + 1), 0.31)
            for q in asked
            for r in range(4)
        ],
        columns=["query", "rank", "predicted_class", "score", "probability", "novelty"],
    )
    near = pd.DataFrame({"query": asked[0], "rank": [1, 2], "pert_id": ["BRD-00001", "BRD-OTHER"]})
    near = near.assign(pert_iname=["drug 1", "another"], similarity=[0.51, 0.42])
    told = pd.DataFrame({"query": asked[0], "class": made.classes[0], "gene": ["7", "8", "9"]})
    told = told.assign(symbol=["GENE7", "<b>odd</b>", "GENE3"], value=[2.0, -1.5, 0.5])
    told = told.assign(contribution=[0.4, 0.1, -0.2])
    folder = made.folder / made.dataset / "model0" / "model"
    write_answer(out, folder=folder, predictions=table, compounds=near, genes=told, **more)
    return table


def test_queries_lead_to_their_classes(made, opened, tmp_path):
    out = tmp_path / "an answer é.html"
    table = write(made, out, ASKED)
    one = opened(out)
    page = one.go()
    assert one.rows("queries") == 2
    assert page.locator("#menu a").all_inner_texts()[0] == "Your signatures"
    assert not page.locator("#model").is_visible()
    page.locator('[data-table="queries"] td a', has_text="my compound").click()
    page.wait_for_function("() => document.querySelector('h2').textContent === 'my compound'")
    assert one.rows("predictions") == 4
    assert [float(p) for p in one.column("predictions", "probability")] == pytest.approx(
        table["probability"].tolist()[:4], rel=1e-3
    )
    assert one.rows("nearest_compounds") == 2
    # A compound of the run has a page, another one has none.
    links = page.locator('[data-table="nearest_compounds"] td a').all_inner_texts()
    assert "BRD-00001" in links
    assert "BRD-OTHER" not in links
    # Those for the class first; a gene of the run has a page, names are never markup.
    assert one.column("query_genes", "gene") == ["GENE7", "<b>odd</b>", "GENE3"]
    said = [float(v) for v in one.column("query_genes", "contribution")]
    assert said == pytest.approx([0.4, 0.1, -0.2], rel=1e-3)
    assert page.locator("figure[aria-label='contributions of genes'] svg .row").count() == 3
    genes = page.locator('[data-table="query_genes"] td a').all_inner_texts()
    assert genes == ["GENE7", "GENE3"]
    page.locator("svg .row").first.click()
    page.wait_for_function(
        "t => document.querySelector('h2').textContent === t", arg=made.classes[0]
    )
    assert one.rows("markers") == 50
    assert one.rows("members") == 8
    assert one.rows("nearest") == len(made.classes) - 1
    page.fill("#search", "<img")
    page.locator("[data-hit]").first.click()
    page.wait_for_function("t => document.querySelector('h2').textContent === t", arg=ASKED[1])
    assert page.evaluate("window.hit === undefined")
    pdf = page.pdf(format="A4")
    assert len(pdf) > 5_000


def test_one_query_is_shown_at_once_with_its_note(made, opened, tmp_path):
    write(made, tmp_path / "a.html", ASKED[:1], notes={"my compound": "Few genes."})
    one = opened(tmp_path / "a.html", size=(390, 844))
    page = one.go()
    assert page.inner_text("h2") == "my compound"
    assert page.inner_text(".warning") == "Few genes."
    for view in (
        "",
        "class",
        f"class/{quote(made.classes[0])}",
        "compound/BRD-00001",
        "gene/GENE7",
        "input",
    ):
        page = one.go(f"#/{view}")
        assert page.locator("#view h2").count() >= 1, view
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, view
    assert "preset class_mean" in page.inner_text("main")


def test_without_script_the_classes_stand_there(made, opened, tmp_path):
    write(made, tmp_path / "a.html", ASKED)
    page = opened(tmp_path / "a.html", java_script_enabled=False).go(script=False)
    text = page.inner_text("main")
    assert made.classes[0] in text
    assert "Nearest compounds" in text
    assert "Genes that speak for" in text
    assert page.locator("[data-card]").count() == 0


def test_axe_finds_nothing(made, opened, tmp_path):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    ).Axe()
    write(made, tmp_path / "a.html", ASKED)
    one = opened(tmp_path / "a.html")
    for view in ("", f"query/{quote(ASKED[0])}", f"class/{quote(made.classes[0])}", "input"):
        assert axe.run(one.go(f"#/{view}")).response["violations"] == [], view
