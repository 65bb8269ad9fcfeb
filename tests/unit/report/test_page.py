"""The page shows the tables and figures that there are, each under its heading, and no others."""

import re

import pandas as pd
import pytest

from svqvae import pl
from svqvae.io.atomic import write_table
from svqvae.models.registry import make_model
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
    (tmp_path / "mine" / "figures").mkdir()
    pl.save(pl.filters(STEPS), STEPS, tmp_path / "mine" / "figures" / "filters")
    write_table(HUBS, tmp_path / "mine" / "mean" / "class_hubs.tsv")
    return tmp_path


def page(results, *made):
    out = results / "report.html"
    paths = [results / "mine" / path for path in ("filters.tsv", *made)]
    names = {"reference": "mean", "subject": "mean"}
    write_report(out, results=results, made=paths, config=CONFIG, **names)
    return out.read_text()


def test_what_is_made_is_shown_under_its_heading(results):
    text = page(results, "figures/filters.svg", "mean/class_hubs.tsv")
    assert "7 signatures of 3 perturbagens in 2 classes" in text
    part = text.partition("<h3>From the files to the signatures used</h3>")[2]
    assert re.search(r"<img src=\"data:image/svg\+xml;base64,", part)
    assert "<strong>Filters.</strong> Signatures left after each filter." in part
    assert "&lt;labelled&gt;" in part
    assert "A &lt;page&gt;" in text
    assert "Hubs of the network of nearest classes: a (nearest of 1," in text


def test_what_is_not_made_is_not_shown_though_it_lies_there(results):
    text = page(results)
    assert "data:image/" not in text
    assert "Mechanisms</h3>" not in text
    assert "Held-out perturbagens" not in text
    assert "knocked" not in text.partition('<section id="provenance">')[0]


def test_a_table_without_rows_is_said_but_not_shown(results):
    write_table(HUBS[:0], results / "mine" / "mean" / "class_hubs.tsv")
    text = page(results, "mean/class_hubs.tsv")
    assert "No class is the nearest of more classes than chance explains." in text
    assert "<summary>Hubs</summary>" not in text
