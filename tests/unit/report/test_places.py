"""Where classes stand on the map of relations, and which compounds are neighbours."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from svqvae.report import compounds
from svqvae.report.layout import positions


def relations(names, close):
    rows = [
        (a, b, 0.9 if {a, b} <= close else 0.1, 0.01 if {a, b} <= close else 0.9)
        for i, a in enumerate(names)
        for b in names[i + 1 :]
    ]
    table = pd.DataFrame(rows, columns=["class_a", "class_b", "correlation", "q_value"])
    return table.assign(edge_support=1.0, p_value=table["q_value"], corrected_correlation=0.1)


def test_related_classes_stand_near_each_other():
    names = [f"c{i}" for i in range(12)]
    table = positions(relations(names, {"c3", "c7"})).set_index("class")
    assert list(table.index) == sorted(names)
    assert table.to_numpy().min() >= 0
    assert table.to_numpy().max() <= 1
    distance = np.linalg.norm(table.to_numpy()[:, None] - table.to_numpy(), axis=2)
    between = distance[np.triu_indices(12, 1)]
    at = [list(table.index).index(n) for n in ("c3", "c7")]
    assert distance[at[0], at[1]] < np.median(between)
    pd.testing.assert_frame_equal(
        positions(relations(names, {"c3", "c7"})).set_index("class"), table
    )


def test_two_classes_have_places():
    assert len(positions(relations(["a", "b"], {"a", "b"}))) == 2


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
