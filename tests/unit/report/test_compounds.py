"""Which compounds are neighbours."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from svqvae.report import compounds


@pytest.fixture
def signatures():
    x = np.array([[1.0, 0], [1, 0.1], [0, 1], [0.1, 1], [-1, 0]])
    adata = AnnData(x)
    adata.obs["pert_id"] = ["a", "a", "b", "c", "d"]
    return adata


def test_neighbours_are_compounds_of_like_mean_signatures(signatures):
    table = compounds.nearest(signatures)
    first = table[table["rank"] == 1].set_index("pert_id")["other"]
    assert first["b"] == "c"
    assert first["c"] == "b"
    assert (table["pert_id"] != table["other"]).all()
    a = table[table["pert_id"] == "a"]
    assert a["other"].tolist() == ["c", "b", "d"]
    assert a["similarity"].is_monotonic_decreasing


def test_of_too_many_compounds_no_neighbours_are_sought(signatures, monkeypatch):
    monkeypatch.setattr(compounds, "MAX_COMPOUNDS", 3)
    assert compounds.nearest(signatures) is None
    monkeypatch.undo()
    assert compounds.nearest(signatures[:2]) is None  # one compound
    del signatures.obs["pert_id"]
    assert compounds.nearest(signatures) is None


def test_neighbours_of_a_compound_are_those_that_most_of_its_signatures_name(monkeypatch):
    rows = [("s1", "a", "x", 0.5), ("s1", "a", "y", 0.4), ("s2", "a", "y", 0.3)]
    rows += [("s2", "a", "z", 0.9), ("s3", "b", "x", 0.1)]
    table = pd.DataFrame(rows, columns=["sig_id", "pert_id", "nearest_pert_id", "similarity"])
    table = table.assign(percentile=table["similarity"] * 100)
    found = compounds.by_compound(table)
    a = found[found["pert_id"] == "a"]
    assert a["nearest_pert_id"].tolist() == ["y", "z", "x"]
    assert a["named_by"].tolist() == [2, 1, 1]
    assert a["similarity"].tolist() == [0.4, 0.9, 0.5]
    assert a["rank"].tolist() == [1, 2, 3]
    assert a["percentile"].tolist() == [40, 90, 50]
    assert found[found["pert_id"] == "b"]["rank"].tolist() == [1]
    # Of very many compounds fewer, so that the page does not grow too heavy.
    monkeypatch.setattr(compounds, "MAX_COMPOUNDS", 1)
    monkeypatch.setattr(compounds, "OF_MANY", 2)
    few = compounds.by_compound(table)
    assert few["nearest_pert_id"].tolist() == ["y", "z", "x"]


def test_without_neighbours_there_are_none_to_show():
    columns = ["sig_id", "pert_id", "nearest_pert_id", "similarity", "percentile"]
    empty = pd.DataFrame(columns=columns)
    assert compounds.by_compound(empty).empty
