"""Which compounds are neighbours."""

import numpy as np
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
