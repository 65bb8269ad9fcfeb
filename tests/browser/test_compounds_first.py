"""Where compounds have several signatures, what is said of compounds heads the benchmark."""

import pytest
from pages import make_results

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "results"
    return make_results(folder, classes=7, per_compound=3, models=4, by_compound=True)


@pytest.fixture(scope="module")
def file(made):
    return made.write(made.folder.parent / "report.html")


def test_compounds_come_first_with_all_rows(made, file, opened):
    one = opened(file)
    page = one.go("#/benchmark")
    names = page.locator("[data-table]").evaluate_all("all => all.map(n => n.dataset.table)")
    assert names[:3] == ["benchmark_by_compound", "benchmark", "risk_coverage"]
    files = ("benchmark_by_compound", "benchmark_summary", "risk_coverage")
    for table, of in zip(names[:3], files, strict=True):
        assert one.rows(table) == len(made.read(of))
    assert page.locator("h3").first.inner_text() == "By compound"
    card = one.go("#/glance").locator('[data-card="benchmark"]').inner_text()
    assert "By compound." in card
    whole = made.read("benchmark_by_compound")
    mine = whole[(whole["model"] == "model0") & (whole["metric"] == "mrr")].iloc[0]
    assert f"{mine['value']:.3f}" in card


def test_a_metric_that_compounds_have_not_leaves_signatures_alone(file, opened):
    page = opened(file).go("#/benchmark?metric=reconstruction_mse")
    assert page.locator('[data-table="benchmark_by_compound"]').count() == 0
    assert page.locator('[data-table="benchmark"]').count() == 1


def test_numbers_pointed_at_are_those_of_the_table(made, file, opened):
    one = opened(file)
    page = one.go("#/benchmark?coverage=0.2")
    table = made.read("risk_coverage")
    mine = table[(table["unit"] == "compound") & (table["coverage"] - 0.2).abs().lt(1e-9)]
    marks = page.locator('figure[aria-label="accuracy at a coverage"] g.row')
    marks.first.scroll_into_view_if_needed()
    said = " ".join(marks.evaluate_all("all => all.map(n => n.getAttribute('aria-label'))"))
    for accuracy in mine["accuracy"]:
        assert f"right {accuracy:.6g}" in said
    page.locator('figure[aria-label="accuracy by coverage"] g.chosen').focus()
    assert one.tip()[0] == "model0"
    page.get_by_role("button", name="50 %").click()
    assert "coverage=0.5" in page.url


def test_the_page_of_a_compound_has_all_its_signatures_together(made, file, opened):
    one = opened(file)
    compound = made.read("compound_predictions", "model0")["pert_id"].iloc[0]
    one.go(f"#/compound/{compound}")
    assert one.rows("whole_compound") == 2


def test_on_a_phone_nothing_is_wider_than_the_screen(file, opened):
    page = opened(file, size=(390, 844)).go("#/benchmark")
    page.locator('figure[aria-label="accuracy by coverage"]').scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_the_script_compounds_come_first_too(file, opened):
    page = opened(file, java_script_enabled=False).go(script=False)
    heads = page.locator("#static h3").all_inner_texts()
    whole = heads.index("Scores on held-out compounds, each by all its signatures")
    assert whole < heads.index("Scores on held-out compounds")
