"""Five questions that readers come with, answered by clicking; the clicks are counted."""

import pytest
from pages import make_results

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_results(tmp_path_factory.mktemp("run") / "results", classes=24, per_compound=2)


@pytest.fixture(scope="module")
def file(made):
    return made.write(made.folder.parent / "report.html")


class Reader:
    """Someone who reads with a mouse, and may type into what was clicked."""

    def __init__(self, one):
        self.one, self.page, self.clicks = one, one.go(), 0

    def click(self, what):
        (self.page.locator(what) if isinstance(what, str) else what).click()
        self.clicks += 1

    def look_up(self, words: str, hit: str):
        """Search for words and click on a hit."""
        self.click("#search")
        self.page.keyboard.type(words)
        self.click(self.page.locator("[data-hit]").get_by_text(hit, exact=True))
        self.page.wait_for_function("t => document.querySelector('h2').textContent === t", arg=hit)

    def text(self) -> str:
        return self.page.inner_text("main")


@pytest.fixture
def reader(file, opened):
    return Reader(opened(file))


def test_what_does_a_class_do(made, reader):
    reader.look_up("007", made.classes[7])
    table = made.read("class_markers", "model0")
    table = table[table["class"] == made.classes[7]]
    text = reader.text()
    assert f"{(table['q_value'] <= 0.05).sum()} markers at q ≤ 0.05" in text
    assert reader.one.column("markers", "gene")[0] == table.loc[table["q_value"].idxmin(), "gene"]
    assert reader.page.locator("figure[aria-label^='profile of'] rect").count() == 30
    assert reader.clicks == 2


def test_is_it_like_another_and_how_sure(made, reader):
    reader.look_up("007", made.classes[7])
    reader.click('[data-table="nearest"] input')
    reader.page.keyboard.type("mechanism 019")
    (name,) = reader.one.column("nearest", "class")
    pairs = made.read("mechanism_correlations", "model0").set_index(["class_a", "class_b"])
    row = pairs.loc[(made.classes[7], made.classes[19])]
    assert name == made.classes[19]
    assert float(reader.one.column("nearest", "q")[0]) == pytest.approx(row["q_value"], rel=1e-3)
    again = float(reader.one.column("nearest", "found again")[0])
    assert again == pytest.approx(row["edge_support"], rel=1e-3)
    (corrected,) = reader.one.column("nearest", "corrected")
    assert ("[" in corrected) == (row["corrected_correlation"] == row["corrected_correlation"])
    assert reader.clicks == 3


def test_no_edge_is_not_called_unrelated(reader):
    reader.click(reader.page.get_by_role("link", name="Relations").first)
    reader.page.wait_for_function("document.querySelector('h2').textContent === 'Relations'")
    assert "A pair without an edge is not shown to be unrelated" in reader.text()


def test_what_is_my_compound(made, reader):
    reader.look_up("drug 31", "drug 31")
    said = made.read("predictions", "model0").query("pert_id == 'BRD-00031'")
    text = reader.text()
    assert f"class {made.classes[7]}; used." in text
    assert set(reader.one.column("top_classes", "predicted class")) <= set(said["predicted_class"])
    assert reader.one.rows("predictions") == len(said) == 10
    assert reader.one.rows("nearest_compounds") == 10
    near = made.read("nearest_compounds", "model0").query("pert_id == 'BRD-00031'")
    named = near.groupby("nearest_pert_iname")["sig_id"].nunique()
    assert reader.one.rows("nearest_held_out") == len(named)
    names, times = (reader.one.column("nearest_held_out", c) for c in ("name", "named by"))
    assert dict(zip(names, map(int, times), strict=True)) == named.to_dict()
    assert "have a nearest training compound of their own class; by chance" in text
    assert reader.clicks == 2


def test_which_classes_move_a_gene(made, reader):
    reader.look_up("gene7", "GENE7")
    table = made.read("class_markers", "model0").query("gene == 'GENE7'").sort_values("q_value")
    n = (table["q_value"] <= 0.05).sum()
    assert f"A marker of {n} class" in reader.text()
    assert reader.one.column("gene", "class") == table["class"].tolist()[:15]
    assert reader.clicks == 2


def test_which_model_should_i_trust(made, reader):
    card = reader.page.locator("[data-card='benchmark']").inner_text()
    assert "Best: model0 and model1, level." in card.replace(
        "model1 and model0", "model0 and model1"
    )
    assert "chance" in card
    assert "Probabilities are" in reader.page.locator("[data-card='trust']").inner_text()
    assert reader.clicks == 0
    reader.click("[data-card='benchmark']")
    reader.page.wait_for_selector("svg .bracket")
    assert "level with" in reader.text()
    assert reader.clicks == 1
