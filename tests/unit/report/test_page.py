"""The page holds the tables that there are and no others; the same inputs give the same bytes."""

import re

import pandas as pd
import pytest
from pages import block, make_results

from svqvae.io.atomic import write_table
from svqvae.models.registry import make_model
from svqvae.report import page as page_module
from svqvae.report.page import write_report

CONFIG = {
    "title": "A <page>",
    "datasets": {"mine": {}, "knocked": {}},
    "models": {"mean": {"preset": "class_mean"}},
}
STEPS = pd.DataFrame(
    {
        "step": ["all", "<labelled>"],
        "dropped": [0, 2],
        "signatures": [9, 7],
        "perturbagens": [4, 3],
        "classes": [2, 2],
    }
)
HUBS = pd.DataFrame(
    {
        "class": ["a", "b"],
        "hub": [True, False],
        "nearest_of": [1, 0],
        "nearest_of_specific": [0, 0],
        "edges": [0, 0],
    }
)


@pytest.fixture
def results(simulated, tmp_path):
    model = make_model(simulated, preset="class_mean").train()
    model.provenance |= {"source": {"signatures": "a.gctx"}, "versions": {}, "git_revision": "abc"}
    model.save(tmp_path / "mine" / "mean" / "model")
    write_table(STEPS, tmp_path / "mine" / "filters.tsv")
    write_table(HUBS, tmp_path / "mine" / "mean" / "class_hubs.tsv")
    return tmp_path


def page(results, *made):
    out = results / "report.html"
    paths = [results / "mine" / path for path in ("filters.tsv", *made)]
    names = {"reference": "mean", "subject": "mean"}
    write_report(out, results=results, made=paths, config=CONFIG, **names)
    return out.read_text(encoding="utf-8")


def test_what_is_made_is_on_the_page(results):
    text = page(results, "mean/class_hubs.tsv")
    told = block(text)["datasets"]
    assert [d["name"] for d in told] == ["mine"]
    (model,) = told[0]["models"]
    assert model["tables"]["class_hubs"]["rows"] == 2
    assert "a (nearest of 1," in model["sentences"]["class_hubs"]


def test_what_is_not_made_is_not_on_it_though_it_lies_there(results):
    (model,) = block(page(results))["datasets"][0]["models"]
    assert model["tables"] == {}
    assert not model["described"]


def test_without_its_script_the_page_has_cards_and_tables(results):
    text = page(results).partition('<div id="static">')[2]
    assert "3 compounds in 2 classes" in text
    assert "7 of 9 signatures kept" in text
    assert "<td>&lt;labelled&gt;</td>" in text
    assert text.count("data-card=") == 5
    assert "A &lt;page&gt;" in text
    assert "revision\nabc." in text
    assert "7 signatures of\n3 perturbagens in 2 classes (mine)" in text


def test_nothing_is_fetched(results):
    text = page(results)
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!#|data:)", text)
    assert not re.search(r"\b(?:fetch|XMLHttpRequest|innerHTML|outerHTML|eval)\b", text)


def test_the_same_inputs_give_the_same_bytes(tmp_path):
    made = make_results(tmp_path / "results")
    first = made.write(tmp_path / "one.html").read_bytes()
    assert made.write(tmp_path / "two.html").read_bytes() == first


def test_of_many_models_the_subject_alone_is_whole(tmp_path, monkeypatch):
    made = make_results(tmp_path / "results", markers=20)
    whole = block(made.write(tmp_path / "whole.html").read_text(encoding="utf-8"))
    monkeypatch.setattr(page_module, "FULL_UP_TO", 10)
    thin = block(made.write(tmp_path / "thin.html").read_text(encoding="utf-8"))
    for told, alike in ((whole, True), (thin, False)):
        subject, other, *_ = told["datasets"][0]["models"]
        assert subject["whole"]
        assert other["whole"] == alike
        assert ("predictions" in other["tables"]) == alike
        assert subject["tables"]["class_markers"]["rows"] == 8 * 20
        assert other["tables"]["class_markers"]["rows"] == 8 * (20 if alike else 10)
        assert other["tables"]["mechanism_correlations"]["rows"] == 28
        assert subject["cards"] == whole["datasets"][0]["models"][0]["cards"]
