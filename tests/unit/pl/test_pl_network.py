"""Networks: all classes on one map, edges by evidence, and names where there is room."""

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from many_classes import tables_of
from matplotlib.colors import to_hex

from svqvae.pl import components
from svqvae.pl.network import mechanism_network, nearest_network
from svqvae.pl.style import FAINT, INK

CLUSTERS = pd.DataFrame(
    {"class": [f"mechanism of action {i}" for i in range(20)], "cluster": 1 + np.arange(20) % 3}
)


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def title(figure):
    return figure.axes[0].get_title(loc="left")


def drawn_lines(figure, colour):
    return [line for line in figure.axes[0].lines if to_hex(line.get_color()) == colour]


def names(figure):
    """Return the names of classes, in their one line, that were drawn."""
    return {t.get_text().replace("\n", " ") for t in figure.axes[0].texts if len(t.get_text()) > 4}


def test_all_classes_are_on_one_map_with_edges_in_ink_and_nearest_ones_faint():
    tables = tables_of(18)
    edges = tables["mechanism_network"].assign(edge_support=[0.9, 0.3])
    clusters, relations = tables["class_clusters"], tables["mechanism_correlations"]
    figure = mechanism_network(edges, clusters, relations)
    assert len(figure.axes[0].collections[0].get_offsets()) == 18
    inked = drawn_lines(figure, INK)
    assert [line.get_linestyle() for line in inked] == ["-", ":"]
    # Faint ones, and next to them leaders of another colour.
    assert len(drawn_lines(figure, FAINT)) == len(tables["nearest_network"])
    joined = {*edges["class_a"], *edges["class_b"]}
    assert title(figure) == f"2 pairs beyond chance; {18 - len(joined)} of 18 classes have none"
    said = [t.get_text() for t in figure.axes[0].get_legend().get_texts()]
    assert any("0.05" in text for text in said)
    assert any("no finding" in text for text in said)


def test_wider_edges_have_a_higher_correlation():
    tables = tables_of(75)
    edges = tables["mechanism_network"]
    figure = mechanism_network(edges, tables["class_clusters"], tables["mechanism_correlations"])
    widths = [line.get_linewidth() for line in drawn_lines(figure, INK)]
    assert np.argsort(widths).tolist() == np.argsort(edges["correlation"].to_numpy()).tolist()


def test_dots_say_their_cluster_and_do_not_touch():
    tables = tables_of(75)
    figure = nearest_network(tables["nearest_network"], tables["class_clusters"])
    numbers = [t.get_text() for t in figure.axes[0].texts if t.get_text().isdecimal()]
    assert sorted(map(int, numbers)) == sorted(tables["class_clusters"]["cluster"])
    xy = figure.axes[0].collections[0].get_offsets()
    distance = np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1)) + np.eye(75) * 99
    # Diameter of a dot, whose area is given in square points.
    assert distance.min() > np.sqrt(figure.axes[0].collections[0].get_sizes()[0])


def test_classes_with_an_edge_are_named_before_others():
    tables = tables_of(75)
    figure = mechanism_network(
        tables["mechanism_network"], tables["class_clusters"], tables["mechanism_correlations"]
    )
    edges = tables["mechanism_network"]
    shown = [t for t in figure.axes[0].texts if len(t.get_text()) > 4]
    joined = {*edges["class_a"], *edges["class_b"]}
    # In ink and somewhat larger.
    large = max(t.get_fontsize() for t in shown)
    assert sum(t.get_fontsize() == large for t in shown) > 0.8 * len(joined)
    (said,) = [t.get_text() for t in figure.texts]
    assert said.startswith(f"{len(shown)} of 75 names")


def test_a_hub_with_many_leaves_leaves_all_names_readable():
    leaves = CLUSTERS["class"][1:]
    edges = pd.DataFrame(
        {"class_a": leaves, "class_b": CLUSTERS["class"][0], "correlation": 0.5}
    ).assign(mutual_nearest=leaves == leaves[1])
    figure = nearest_network(edges, CLUSTERS)
    assert names(figure) >= set(CLUSTERS["class"])
    assert "0.50" in {t.get_text() for t in figure.axes[0].texts}


@pytest.mark.parametrize("n_edges", [0, 1, 5])
def test_networks_of_no_and_of_few_pairs_without_relations(n_edges):
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
    assert title(figure).startswith("No pair is beyond chance" if n_edges == 0 else str(n_edges))


def test_pairs_without_evidence_are_not_said_to_be_by_chance():
    tables = tables_of(18)
    untested = tables["mechanism_correlations"].assign(p_value=np.nan, q_value=np.nan)
    figure = mechanism_network(tables["mechanism_network"][:0], tables["class_clusters"], untested)
    assert title(figure).startswith("No pair could be tested")


def test_parts_of_a_layout_do_not_overlap():
    side = np.sqrt([9, 5, 4, 4, 2, 2, 2])
    corners = components._shelves(side, 5.0)
    for i in range(len(side)):
        for j in range(i):
            apart = np.abs(corners[i] + side[i] / 2 - corners[j] - side[j] / 2)
            assert (apart >= (side[i] + side[j]) / 2 - 1e-9).any()


def test_names_of_a_star_lie_on_lines_of_their_own():
    place = components.component_layout(nx.star_graph(6))
    assert np.diff(np.sort([y for _, y in place.values()])).min() > 0.05


def test_a_layout_begins_from_one_order_in_every_process():
    names = sorted(CLUSTERS["class"])
    star = nx.Graph([(name, names[0]) for name in reversed(names[1:])])
    part = components._ordered(star, names)
    assert list(part) == names
    assert list(part.edges) == [(names[0], name) for name in names[1:]]
