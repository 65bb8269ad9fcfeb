"""Class names of many kinds come through models, tables, files and figures as they are."""

import unicodedata
import xml.etree.ElementTree as ElementTree

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from svqvae.io.atomic import write_table
from svqvae.io.h5ad import write_anndata
from svqvae.io.own import open_h5ad
from svqvae.io.spreadsheet import tables_of_a_run
from svqvae.io.tables import read_result
from svqvae.models.registry import load_model, make_model
from svqvae.pl.labels import labels
from svqvae.pl.style import save
from svqvae.pp.label_table import split_labels
from svqvae.tl.relations.network import write_graphml

NAMES = [
    *("../x", "a/b", ".", "..", "CON", "-dash", "--help", "{x}", "{{y}}", "%s", "%(a)s", "$HOME"),
    *("$x^2$", "<script>alert(1)</script>", "=1+1", "+1", "@cmd", "'=1", '"quoted"', "it's", "``"),
    *("True", "1e5", "007", "1.0", "inf", "a\\b", "\\n", "*?[z]", "#hash", "&amp;", "~", "a:b"),
    *("x" * 300, "💊", "\u202ertl", "日本語", "zero\u200bwidth", "\u0301alone", "Ã©"),
    *(unicodedata.normalize(form, "é") for form in ("NFC", "NFD")),
]


@pytest.fixture(scope="module")
def signatures():
    rng = np.random.default_rng(0)
    label = np.repeat(np.arange(len(NAMES)), 3)
    x = rng.standard_normal((len(NAMES), 20))[label] * 2 + rng.standard_normal((len(label), 20))
    adata = ad.AnnData(x.astype(np.float32))
    adata.obs["class"] = np.array(NAMES, dtype=object)[label]
    adata.obs["pert_id"] = [f"p{i}" for i in range(len(label))]
    return adata


def test_through_a_model(signatures, tmp_path):
    make_model(signatures, preset="class_mean").train().save(tmp_path)
    model = load_model(tmp_path)
    assert set(model.class_names) == set(NAMES)
    assert set(model.predict(signatures)["predicted_class"]) <= set(NAMES)
    for name in NAMES:
        assert set(model.simulate(name, 2).obs["class"]) == {name}
    write_anndata(tmp_path / "classes.h5ad", model.classes())
    assert list(open_h5ad(tmp_path / "classes.h5ad").obs_names) == model.class_names


@pytest.mark.parametrize("inert", [False, True])
def test_through_a_table(tmp_path, inert):
    path = tmp_path / "class_hubs.tsv"
    names = [*NAMES, "NA", "nan", "None", "null", "-666"]  # no labels, but text
    with tables_of_a_run(inert=inert):
        write_table(pd.DataFrame({"class": names}), path)
    assert read_result(path)["class"].tolist() == names


@pytest.mark.parametrize("name", NAMES)
def test_a_label_stays_as_it_is(name):
    assert split_labels(name, "|") == (name,)


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "a\rb", " a  b ", "a\x1bb", "a\x00b", "a\ufffeb"])
def test_blanks_and_control_characters_of_a_label_become_one_space(name):
    assert split_labels(name, "|") == ("a b",)


@pytest.mark.parametrize("names", [NAMES, ["escape\x1b[31m", "nul\0", "half\ud83d"]])
def test_networks_and_figures_are_xml(tmp_path, names):
    nodes = pd.DataFrame({"class": names, "note": names})
    edges = pd.DataFrame({"class_a": names[:-1], "class_b": names[1:], "correlation": 0.5})
    write_graphml(edges, nodes, tmp_path / "a.graphml")
    assert len(list(ElementTree.parse(tmp_path / "a.graphml").iter())) > len(names)
    table = pd.DataFrame({"class": names[:3], "nearest_of": 1, "hub": False})
    figure = _bars(table)
    save(figure, table[["nearest_of"]], tmp_path / "figure")
    ElementTree.parse(tmp_path / "figure.svg")


def _bars(table):
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.barh(labels(table["class"]), table["nearest_of"])
    plt.close(figure)
    return figure
