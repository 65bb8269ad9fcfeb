"""Names in a network can be read: none lies over another."""

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pandas as pd
import pytest

from svqvae.pl.network import _names_apart, _ordered, mechanism_network, nearest_network

CLUSTERS = pd.DataFrame(
    {"class": [f"mechanism of action {i}" for i in range(20)], "cluster": np.arange(20) % 3}
)


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def overlaps(figure):
    """Return the pairs of names whose letters (not the space round them) overlap."""
    figure.canvas.draw()
    boxes = [
        t.get_window_extent().padded(-2) for t in figure.axes[0].texts if len(t.get_text()) > 5
    ]
    return [(a, b) for k, a in enumerate(boxes) for b in boxes[k + 1 :] if a.overlaps(b)]


def test_a_hub_with_many_leaves_leaves_all_names_readable():
    names = CLUSTERS["class"]
    edges = pd.DataFrame(
        {"class_a": names[1:], "class_b": names[0], "correlation": 0.5, "mutual_nearest": False}
    )
    edges.loc[1, "mutual_nearest"] = True
    figure = nearest_network(edges, CLUSTERS)
    assert sum(t.get_text().startswith("mechanism") for t in figure.axes[0].texts) == 20
    assert overlaps(figure) == []


@pytest.mark.parametrize("n_edges", [0, 1, 5])
def test_networks_of_no_and_of_few_pairs(n_edges):
    names = CLUSTERS["class"].to_numpy()
    edges = pd.DataFrame(
        {
            "class_a": names[:n_edges],
            "class_b": names[10 : 10 + n_edges],
            "correlation": 0.5,
            "edge_support": 1.0,
        }
    )
    figure = mechanism_network(edges, CLUSTERS)
    assert (
        figure.axes[0].get_title(loc="left").startswith("No pair" if n_edges == 0 else str(n_edges))
    )
    assert overlaps(figure) == []


def test_names_at_one_place_are_moved_apart_and_others_left():
    xy = np.array([[0.0, 0.0], [0.0, 0.0], [500.0, 0.0]])
    moved = _names_apart(xy, np.array([50.0, 50.0, 50.0]))
    assert abs(moved[0, 1] - moved[1, 1]) > 11
    np.testing.assert_array_equal(moved[2], xy[2])
    np.testing.assert_array_equal(moved[:, 0], xy[:, 0])


def test_pairs_without_evidence_are_not_said_to_be_by_chance():
    edges = pd.DataFrame(columns=["class_a", "class_b", "correlation", "edge_support"])
    figure = mechanism_network(edges, CLUSTERS, pd.DataFrame({"p_value": [np.nan]}))
    assert figure.axes[0].get_title(loc="left").startswith("No pair could be tested")


def test_a_layout_begins_from_one_order_in_every_process():
    names = sorted(CLUSTERS["class"])
    star = nx.Graph([(name, names[0]) for name in reversed(names[1:])])
    part = _ordered(star, names)
    assert list(part) == names
    assert list(part.edges) == [(names[0], name) for name in names[1:]]
