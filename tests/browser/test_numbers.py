"""Numbers that are pointed at, and those of the CSV, are those of the TSV: digit by digit."""

import math
import re
from urllib.parse import quote

import pandas as pd
import pytest
from pages import make_results

from svqvae.report.sides import differences

pytestmark = pytest.mark.browser

_NUMBER = r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_results(tmp_path_factory.mktemp("run") / "results", classes=9, per_compound=2)


@pytest.fixture(scope="module")
def file(made):
    return made.write(made.folder.parent / "report.html")


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(_NUMBER, text)]


def pairs_of(made) -> pd.DataFrame:
    table = made.read("mechanism_correlations", "model0")
    return table.set_index(["class_a", "class_b"])


@pytest.mark.parametrize("measure", ["correlation", "corrected_correlation"])
def test_the_heat_map_says_what_the_table_has(made, file, opened, measure):
    one = opened(file)
    page = one.go(f"#/relations?q=1&measure={measure}")
    canvas = page.locator("canvas[data-edges]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    wanted, seen = pairs_of(made), set()
    side = box["height"]
    step = side / 18
    # From the right edge leftwards: on the left stand names.
    for across in range(1, 18, 2):
        for down in range(1, 18, 2):
            page.mouse.move(box["x"] + box["width"] - across * step, box["y"] + down * step)
            first, *rest = one.tip()
            if not rest:
                continue
            row = wanted.loc[tuple(sorted(first.split(" and ")))]
            value = row[measure]
            said = numbers(rest[0])
            assert said == ([] if math.isnan(value) else [value]), first
            assert ("missing" in rest[0]) == math.isnan(value)
            assert numbers(rest[1]) == [row["q_value"]]
            seen.add(first)
    assert len(seen) == 9 * 8


def test_what_no_edge_means_stands_above_the_heat_map(made, file, opened):
    page = opened(file).go("#/relations")
    said = made.read("relation_test", "model0")["warning"].item()
    assert page.locator("p.warning").first.inner_text() == said


def test_an_edge_of_the_network_says_what_the_table_has(made, file, opened):
    one = opened(file)
    page = one.go("#/relations?q=1")
    page.wait_for_selector("svg [data-edge]")
    wanted, seen = pairs_of(made), set()
    for edge in page.locator("svg [data-edge]").all():
        edge.dispatch_event("mousemove")
        names, words, *_ = one.tip()
        row = wanted.loc[tuple(names.split(" and "))]
        assert numbers(words) == [row["correlation"], row["q_value"]]
        seen.add(names)
    assert len(seen) == len(wanted)


def test_the_forest_plot_says_what_the_table_has(made, file, opened):
    one = opened(file)
    page = one.go("#/benchmark?ref=model2")
    page.wait_for_selector("svg .row")
    summary = made.read("benchmark_summary")
    summary = summary[summary["metric"] == "mrr_micro"].set_index("model")
    scores = {m: made.read("held_out_scores", m) for m in made.models}
    # As the page has them: six digits.
    apart = (
        differences(scores).query("metric == 'mrr_micro' and other == 'model2'").set_index("model")
    )
    for name in made.models:
        page.locator("svg .row", has_text=name).first.hover()
        first, value, *rest = one.tip()
        assert first.startswith(name)
        row = summary.loc[name]
        assert numbers(value) == [row["value"], row["ci_low"], row["ci_high"]]
        if name != "model2":
            row = apart.loc[name, ["difference", "ci_low", "ci_high"]]
            said = numbers(rest[0].partition(":")[2])
            assert said == [float(f"{x:.6g}") for x in row]


def test_a_dot_of_the_reliability_says_what_the_table_has(made, file, opened):
    one = opened(file)
    page = one.go("#/calibration")
    page.wait_for_selector("svg g.row")
    table = made.read("reliability")
    table = table[table["model"] == "model0"]
    dots = page.locator("figure[aria-label='reliability of model0'] g.row")
    assert dots.count() == len(table) == 10
    for dot, row in zip(dots.all(), table.itertuples(), strict=True):
        dot.focus()
        _, right, n = one.tip()
        assert numbers(right) == [row.accuracy, row.ci_low, row.ci_high]
        assert numbers(n) == [row.n]


@pytest.mark.parametrize(
    ("view", "table", "name", "key"),
    [
        ("relations?q=1", "relations", "mechanism_correlations", ["class_a", "class_b"]),
        ("class/{c}", "markers", "class_markers", ["class", "gene"]),
        ("compound/BRD-00005", "predictions", "predictions", ["sig_id", "rank"]),
        ("benchmark", "benchmark", "benchmark_summary", ["model", "metric"]),
    ],
)
def test_the_csv_has_the_numbers_of_the_tsv(made, file, opened, view, table, name, key):
    one = opened(file)
    one.go(f"#/{view.format(c=quote(made.classes[2]))}")
    found = one.saved(table)
    wanted = made.read(name, None if name == "benchmark_summary" else "model0")
    wanted["class"] = wanted.get("class", "")
    rows = {tuple(str(row[k]) for k in key): row for row in wanted.to_dict("records")}
    mine = {tuple(row[k] for k in key): row for row in found}
    assert len(mine) == len(found) == one.rows(table) > 0
    for at, row in mine.items():
        for column in row.keys() & set(wanted.columns):
            value = rows[at][column]
            if isinstance(value, float):
                same = row[column] == "" if math.isnan(value) else float(row[column]) == value
                assert same, (at, column)
            else:
                assert row[column] == str(value), (at, column)


def test_a_cell_that_is_shortened_has_all_digits_when_pointed_at(made, file, opened):
    one = opened(file)
    page = one.go("#/relations?q=1")
    wanted = pairs_of(made)
    heads = page.locator('[data-table="relations"] thead th').all_inner_texts()
    at = [head.strip() for head in heads].index("correlation")
    for row in page.locator('[data-table="relations"] tbody tr').all():
        cells = row.locator("td")
        names = tuple(cells.all_inner_texts()[:2])
        cell = cells.nth(at)
        full = cell.get_attribute("title") or cell.inner_text()
        assert float(full) == wanted.loc[names, "correlation"]
