"""Networks hold what the relation table says; hubs are found where they are planted, only there."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from svqvae.tl.relations.network import (
    hub_table,
    nearest_edges,
    node_table,
    significant_edges,
    write_graphml,
)
from svqvae.tl.relations.relations import relation_table

NAMES = [f"c{i:02d}" for i in range(30)]


def relations(codes, seed=0):
    table = relation_table(NAMES[: len(codes)], codes)
    q = np.random.default_rng(seed).random(len(table))
    return table.assign(q_value=q, p_value=q, edge_support=1 - q)


@pytest.fixture
def hub():
    """Unrelated classes that carry a shared response, one of them hardly anything else."""
    rng = np.random.default_rng(0)
    load = np.full(30, 1.0)
    load[7] = 8
    return rng.standard_normal((30, 400)) + load[:, None] * rng.standard_normal(400)


def test_edges_pass_the_rate_best_supported_first(hub):
    table = relations(hub)
    edges = significant_edges(table)
    assert len(edges) == (table["q_value"] <= 0.05).sum() > 0
    assert edges["edge_support"].is_monotonic_decreasing
    assert significant_edges(table.assign(q_value=np.nan)).empty


def test_a_class_of_shared_response_is_reported_as_a_hub_and_corrected(hub):
    table = hub_table(relations(hub))
    assert table.loc[table["hub"], "class"].tolist() == ["c07"]
    first = table.iloc[0]
    assert first["nearest_of"] > 20
    assert first["nearest_of_specific"] < 5
    assert first["shared_response"] > table["shared_response"][1:].max()
    assert table["nearest_of"].sum() == table["nearest_of_specific"].sum() == 30
    counts = pd.concat([significant_edges(relations(hub))[c] for c in ("class_a", "class_b")])
    assert table.set_index("class")["edges"].sum() == len(counts)


def test_no_hubs_among_unrelated_classes():
    codes = [np.random.default_rng(s).standard_normal((30, 400)) for s in range(20)]
    assert sum(hub_table(relations(c))["hub"].any() for c in codes) <= 1


def test_graphml_holds_all_classes_and_what_is_known_of_them(hub, tmp_path):
    edges = nearest_edges(relations(hub)).assign(corrected_correlation=np.nan)
    classes = pd.DataFrame({"class": NAMES, "cluster": 1, "support": 0.5, "hub": False})
    classes.loc[3, "class"] = edges_name = 'a <b> & "c"/µ'
    renamed = edges.replace({"c03": edges_name})
    write_graphml(renamed, classes, tmp_path / "n.graphml")
    graph = nx.read_graphml(tmp_path / "n.graphml")
    assert set(graph) == set(classes["class"])
    assert graph.number_of_edges() == len(edges)
    assert graph.nodes[edges_name] == {"cluster": 1, "support": 0.5, "hub": False}
    row = renamed.iloc[0]
    found = graph.edges[row["class_a"], row["class_b"]]
    assert found["weight"] == pytest.approx(row["correlation"])
    assert "corrected_correlation" not in found
    assert list(tmp_path.iterdir()) == [tmp_path / "n.graphml"]


def test_a_node_holds_what_each_table_says_of_its_class():
    clusters = pd.DataFrame({"class": ["b", "a"], "cluster": [1, 2]})
    hubs = pd.DataFrame({"class": ["a", "b"], "nearest_of": [0, 1]})
    obs = pd.DataFrame({"n_signatures": [5, 7], "cluster": [9, 9]}, index=["a", "b"])
    nodes = node_table(clusters, hubs, obs).set_index("class")
    assert nodes.loc["a"].to_dict() == {"cluster": 2, "nearest_of": 0, "n_signatures": 5}
    assert nodes.loc["b"].to_dict() == {"cluster": 1, "nearest_of": 1, "n_signatures": 7}


def test_the_authors_codes_give_the_authors_network(shared_data):
    """75 classes of LINCS, each with its nearest by correlation distance (Xue et al. 2019)."""
    codes = np.load(shared_data / "published" / "s_vq_vae_codebook_75x1000.npy")
    published = pd.read_csv(shared_data / "published" / "nearest_edges.tsv", sep="\t")
    table = relation_table(list(published["class"]), codes)
    edges = nearest_edges(table).set_index(["class_a", "class_b"])["correlation"]
    pairs = [
        tuple(sorted(pair)) for pair in zip(published["class"], published["nearest"], strict=True)
    ]
    assert len(pairs) == 75
    assert set(pairs) == set(edges.index)
    np.testing.assert_allclose(1 - edges.loc[pairs], published["correlation_distance"], atol=1e-6)
