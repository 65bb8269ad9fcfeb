"""What the page holds and shows, in a browser: all rows, equal numbers, one threshold, no fetch."""

import re
from urllib.parse import quote

import pytest
from pages import make_results

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_results(tmp_path_factory.mktemp("run") / "results", classes=12, per_compound=2)


@pytest.fixture(scope="module")
def file(made):
    # From a folder with blanks and Unicode.
    folder = made.folder.parent / "a folder é 日本"
    folder.mkdir()
    return made.write(folder / "report.html")


def test_the_first_screen_has_five_cards_and_few_words(file, opened):
    page = opened(file).go()
    assert page.locator("[data-card]").count() == 5
    text = page.locator("body").inner_text()
    assert len(text.split()) <= 120
    assert "12 classes" in text


def test_without_script_cards_and_main_tables_are_readable(file, opened):
    page = opened(file, java_script_enabled=False).go(script=False)
    assert page.locator("[data-card]").count() == 5
    text = page.locator("main").inner_text()
    assert "Pairs of classes beyond chance" in text
    assert "mechanism 003 inhibitor" in text
    assert "Methods" in text
    assert not page.locator("#search").is_visible()


def test_every_class_has_its_page_with_all_rows(made, file, opened):
    one = opened(file)
    page = one.go()
    markers, obs = made.read("class_markers", "model0"), 4 * 2
    for name in made.classes:
        page.fill("#search", name)
        hit = page.locator("[data-hit]", has_text=name).first
        assert hit.inner_text() == name
        hit.click()
        page.wait_for_function("t => document.querySelector('h2').textContent === t", arg=name)
        assert one.rows("markers") == (markers["class"] == name).sum() == 50
        assert one.rows("members") == obs
        assert one.rows("nearest") == len(made.classes) - 1
        assert f"#/mine/model0/class/{quote(name)}" in page.url


def test_every_compound_and_gene_is_found(made, file, opened):
    one = opened(file)
    page = one.go()
    predictions = made.read("predictions", "model0")
    labels = made.read("labels")
    for words in (*labels["pert_id"].iloc[::7], "drug 11", "lost drug", "GENE7", "1007"):
        page.fill("#search", words)
        texts = page.locator("[data-hit]").all_inner_texts()
        assert words in texts, words
    for pert_id in labels["pert_id"].iloc[:-2:9]:
        page = one.go(f"#/compound/{pert_id}")
        assert one.rows("predictions") == (predictions["pert_id"] == pert_id).sum() == 10
    assert "left out: no label" in one.go("#/compound/BRD-LOST").inner_text("main")
    assert "left out: its class has 1" in one.go("#/compound/BRD-SMALL").inner_text("main")
    one.go("#/gene/GENE7")
    markers = made.read("class_markers", "model0")
    assert one.rows("gene") == (markers["gene"] == "GENE7").sum()


@pytest.mark.parametrize("q", [0.05, 0.2, 1])
@pytest.mark.parametrize("model", ["model0", "model1"])
def test_one_threshold_drives_network_table_and_heat_map(made, file, opened, q, model):
    one = opened(file)
    page = one.go(f"#/mine/{model}/relations?q={q}")
    wanted = int((made.read("mechanism_correlations", model)["q_value"] <= q).sum())
    page.wait_for_selector("canvas[data-edges]")
    page.wait_for_selector("svg[data-edges]")
    assert one.rows("relations") == wanted
    assert page.locator("svg [data-edge]").count() == wanted
    assert page.get_attribute("canvas[data-edges]", "data-edges") == str(wanted)
    page.get_by_role("button", name="all pairs").click()
    page.wait_for_function(
        "n => +document.querySelector('[data-table=relations]').dataset.rows === n", arg=66
    )


def test_the_threshold_that_is_typed_stands_in_the_address(made, file, opened):
    one = opened(file)
    page = one.go("#/relations")
    page.fill("#q", "0.5")
    wanted = int((made.read("mechanism_correlations", "model0")["q_value"] <= 0.5).sum())
    assert one.rows("relations") == wanted
    assert page.url.endswith("?q=0.5")
    page.click("#menu a:has-text('Classes')")
    page.wait_for_selector('[data-table="classes"]')
    assert page.url.endswith("/class?q=0.5")
    page.go_back()
    page.wait_for_selector('[data-table="relations"]')
    assert one.rows("relations") == wanted
    assert page.input_value("#q") == "0.5"


def test_no_row_is_called_a_marker_with_q_above_the_threshold(made, file, opened):
    one = opened(file)
    for q in (0.05, 1e-9):
        page = one.go(f"#/class/{quote(made.classes[3])}?q={q}")
        table = made.read("class_markers", "model0")
        table = table[table["class"] == made.classes[3]]
        calls = []
        while True:
            pairs = zip(one.column("markers", "q"), one.column("markers", "call"), strict=True)
            calls += [(float(value), call) for value, call in pairs]
            after = page.locator('[data-table="markers"] button[aria-label="next page"]')
            if after.is_disabled():
                break
            after.click()
        assert len(calls) == 50
        assert all((call == "marker") == (value <= q) for value, call in calls)
        assert sum(call == "marker" for _, call in calls) == (table["q_value"] <= q).sum()
        # Those come first.
        assert calls == sorted(calls, key=lambda c: c[1] != "marker")
    assert "Markers at q ≤ 1e-9: none" in page.inner_text("main")


def test_an_interval_is_that_of_the_value_beside_it(made, file, opened):
    one = opened(file)
    one.go("#/relations?q=1")
    wanted = made.read("mechanism_correlations", "model0").set_index(["class_a", "class_b"])
    cells = zip(
        one.column("relations", "class"),
        one.column("relations", "other class"),
        one.column("relations", "corrected"),
        one.column("relations", "correlation"),
        strict=True,
    )
    for a, b, corrected, raw in cells:
        row = wanted.loc[(a, b)]
        assert float(raw) == pytest.approx(row["correlation"], rel=1e-3)
        if corrected:
            numbers = [float(x) for x in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", corrected)]
            names = ["corrected_correlation", "corrected_low", "corrected_high"]
            assert numbers == pytest.approx(row[names].tolist(), rel=1e-3, abs=1e-5)


def test_each_header_explains_itself(made, file, opened):
    one = opened(file)
    views = ["benchmark", "relations?q=1", "class", f"class/{quote(made.classes[0])}", "compound"]
    views += ["compound/BRD-00003", "gene", "gene/GENE7", "calibration", "input"]
    silent, n = set(), 0
    for view in views:
        heads = one.go(f"#/{view}").locator("[data-table] thead button")
        for text, title in heads.evaluate_all("nodes => nodes.map(n => [n.textContent, n.title])"):
            n += 1
            if not title:
                silent.add((view, text))
    assert not silent
    assert n > 60


def test_columns_sort_as_numbers_and_missing_ones_stay_last(opened, tmp_path):
    made = make_results(tmp_path / "results", classes=5)
    path = made.folder / "mine" / "model0" / "mechanism_correlations.tsv"
    table = made.read("mechanism_correlations", "model0")
    values = [9.5, 10.2, -0.05, -0.2, 100, float("nan"), 1e-10, 3, 2, 1]
    table = table.assign(corrected_correlation=values, corrected_low=-5.0, corrected_high=500.0)
    table.to_csv(path, sep="\t", index=False)
    one = opened(made.write(tmp_path / "report.html"))
    page = one.go("#/relations?q=1")
    known = sorted(v for v in values if v == v)
    for wanted in (known, known[::-1]):
        # From the keyboard.
        page.locator('[data-table="relations"] thead button', has_text="corrected").focus()
        page.keyboard.press("Enter")
        shown = one.column("relations", "corrected")
        assert shown[-1] == ""
        assert [float(text.split(" [")[0]) for text in shown[:-1]] == pytest.approx(wanted)


def test_ties_are_said_and_a_clicked_model_is_the_reference(file, opened):
    page = opened(file).go("#/benchmark")
    page.wait_for_selector("svg .bracket")
    assert "model0" in page.inner_text(".lead")
    assert "model1" in page.inner_text(".lead")
    assert "level" in page.inner_text(".lead")
    page.locator("svg .row", has_text="model2").first.click()
    page.wait_for_function("() => location.hash.includes('ref=model2')")
    page.wait_for_selector("text=difference to model2")
    assert "no model is level with model2" in page.inner_text("main")


def test_a_link_reopens_the_same_view(made, file, opened):
    one = opened(file)
    page = one.go("#/relations")
    page.select_option("#model", "model1")
    page.fill("#q", "0.3")
    page.get_by_label("Correlation").get_by_text("specific", exact=True).click()
    page.get_by_role("button", name="all pairs").click()
    page.wait_for_function("() => location.hash.includes('pairs=all')")
    other = opened(file)
    again = other.go(page.evaluate("location.hash"))
    assert again.inner_text("main") == page.inner_text("main")
    assert again.input_value("#model") == "model1"
    assert again.input_value("#q") == "0.3"
    assert other.rows("relations") == one.rows("relations") == 66


def test_the_model_can_be_changed_and_the_view_stays(made, file, opened):
    one = opened(file)
    page = one.go("#/relations")
    page.select_option("#model", "model2")
    page.wait_for_function("() => location.hash.includes('/model2/relations')")
    wanted = (made.read("mechanism_correlations", "model2")["q_value"] <= 0.05).sum()
    assert one.rows("relations") == wanted


def test_every_view_opens(made, file, opened):
    one = opened(file)
    for view in ("", "#/benchmark", "#/relations", "#/class", "#/compound", "#/gene", "#/map"):
        assert one.go(view).locator("#view h2").count() == 1
    for view in ("#/calibration", "#/input", "#/class/none", "#/nowhere", "#/mine", "#/%E0%A4%A"):
        assert one.go(view).locator("#view h2").count() >= 1
    assert "12 classes" in one.page.inner_text("main")


def test_classes_of_images_are_shown_as_images(opened, tmp_path):
    made = make_results(tmp_path / "results", classes=3, genes=64, image_shape=(8, 8))
    page = opened(made.write(tmp_path / "report.html")).go(f"#/class/{quote(made.classes[0])}")
    assert page.locator('canvas[aria-label^="decoded image"]').count() == 1
