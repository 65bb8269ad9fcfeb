"""Figures draw their table: right edges, right order, same bytes, also for few classes."""

import numpy as np
import pandas as pd
import pytest

from svqvae.models.registry import make_model
from svqvae.pl import comparison, evaluation, latent, mechanisms, network
from svqvae.pl.style import cluster_palette, house_style, save, short
from svqvae.tl.relations.clusters import tree
from svqvae.tl.relations.network import nearest_edges, significant_edges
from svqvae.tl.relations.relations import relation_table
from svqvae.tl.relations.stability import cluster_table, leiden_clusters, ward_clusters


def clusters_of(names, codes):
    return cluster_table(names, ward_clusters(codes), leiden_clusters(codes))


def tables(n, seed=0):
    codes = np.random.default_rng(seed).standard_normal((n, 30))
    names = [f"mechanism {i:02d}" for i in range(n)]
    return codes, relation_table(names, codes), clusters_of(names, codes)


def test_every_class_has_its_nearest_edge_once():
    codes, relations, _ = tables(9)
    edges = nearest_edges(relations)
    r = np.corrcoef(codes) - 3 * np.eye(9)
    expected = {tuple(sorted((i, int(r[i].argmax())))) for i in range(9)}
    found = {(int(a[-2:]), int(b[-2:])) for a, b in edges[["class_a", "class_b"]].to_numpy()}
    assert found == expected
    assert not edges.duplicated(["class_a", "class_b"]).any()


def test_the_network_draws_edges_beyond_chance_and_counts_the_rest():
    _, relations, clusters = tables(9)
    relations = relations.assign(q_value=1.0, edge_support=0.0)
    relations.loc[[0, 5], ["q_value", "edge_support"]] = [[0.01, 0.9], [0.04, 0.3]]
    edges = significant_edges(relations)
    figure = network.significant_network(edges, clusters)
    assert [line.get_linestyle() for line in figure.axes[0].lines] == ["-", ":"]
    drawn = {t.get_text() for t in figure.axes[0].texts}
    assert drawn == set(edges["class_a"]) | set(edges["class_b"])
    assert figure.axes[0].get_title("left").startswith("2 pairs beyond chance; ")
    none = network.significant_network(significant_edges(relations.assign(q_value=1.0)), clusters)
    assert none.axes[0].get_title("left") == "No pair is beyond chance; 9 of 9 classes have none"


def test_parts_of_the_network_do_not_overlap():
    side = np.sqrt([9, 5, 4, 4, 2, 2, 2])
    corners = network._shelves(side, 5.0)
    for i in range(len(side)):
        for j in range(i):
            apart = np.abs(corners[i] + side[i] / 2 - corners[j] - side[j] / 2)
            assert (apart >= (side[i] + side[j]) / 2 - 1e-9).any()


@pytest.mark.parametrize("n", [2, 3, 12])
def test_mechanism_figures_for_few_and_many_classes(n, tmp_path):
    codes, relations, clusters = tables(n)
    with house_style():
        figure = mechanisms.correlation_heatmap(relations, clusters, tree(codes))
        save(figure, relations, tmp_path / "heat")
        save(
            network.nearest_network(nearest_edges(relations), clusters), relations, tmp_path / "net"
        )
    names = {p.name for p in tmp_path.iterdir()}
    assert names == {f"{f}.{k}" for f in ("heat", "net") for k in ("svg", "png", "tsv")}
    drawn = (tmp_path / "heat.svg").read_text()
    assert all(f"mechanism {i:02d}" in drawn for i in range(n))


def test_same_table_same_file(tmp_path):
    _, relations, clusters = tables(6)
    for name in ("one", "two"):
        with house_style():
            save(
                network.nearest_network(nearest_edges(relations), clusters),
                relations,
                tmp_path / name,
            )
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_map_places_codes_and_signatures_in_one_plane(simulated):
    model = make_model(simulated, preset="class_mean").train()
    clusters = clusters_of(model.class_names, model.codes)
    table = latent.latent_map(model, simulated, clusters)
    codes = table[table["kind"] == "code"].set_index("class")[["pc1", "pc2"]]
    signatures = table[table["kind"] == "signature"]
    # The code of a class mean is its mean in every plane.
    means = signatures.groupby("class")[["pc1", "pc2"]].mean()
    np.testing.assert_allclose(codes.loc[means.index], means, atol=1e-4)
    assert len(signatures) == simulated.n_obs
    with house_style():
        figure = latent.latent_figure(table)
        assert "PC 1 of the codes" in figure.axes[0].get_xlabel()


def test_class_images_show_every_class():
    with house_style():
        figure = mechanisms.class_images(np.zeros((7, 16)), list("abcdefg"), (4, 4))
        shown = [ax.get_title() for ax in figure.axes if ax.get_images()]
    assert shown == list("abcdefg")


def test_benchmark_figure_names_every_model_once():
    metrics = list(evaluation.METRIC_TITLES)
    rows = [
        (m, r, f, 0, k, 0.5)
        for m, r in (("a", "model"), ("b", "baseline"))
        for f in "01"
        for k in metrics
    ]
    runs = pd.DataFrame(rows, columns=["model", "role", "fold", "seed", "metric", "value"])
    pooled = runs.drop_duplicates(["model", "metric"]).assign(ci_low=0.4, ci_high=0.6)
    with house_style():
        figure = evaluation.benchmark_figure(runs, pooled)
        labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert sorted(labels) == ["a", "b"]


def test_comparison_and_reliability_have_a_row_or_panel_for_every_model():
    rows = [
        ("a", r, "baseline", k, 0.1, 0.05, 0.2, 1.0) for r in "bc" for k in evaluation.METRIC_TITLES
    ]
    columns = ["subject", "rival", "role", "metric", "difference", "ci_low", "ci_high", "better"]
    bins = pd.DataFrame(
        {
            "model": list("aabb"),
            "role": "model",
            "n": [5, 10, 3, 2],
            "confidence": [0.2, 0.8, 0.3, 0.6],
            "accuracy": [0.1, 0.9, 0.3, 0.5],
            "ci_low": 0.0,
            "ci_high": 1.0,
        }
    )
    errors = pd.DataFrame({"model": ["a", "b"], "ece": [0.1, 0.02]})
    with house_style():
        figure = comparison.comparison_figure(pd.DataFrame(rows, columns=columns))
        assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["c", "b"]
        comparison.comparison_figure(pd.DataFrame(columns=columns))
        panels = comparison.reliability_figure(bins, errors)
        assert [ax.get_title().split("\n")[0] for ax in panels.axes] == ["a", "b"]


def test_clusters_have_colours_of_their_own_and_names_fit():
    palette = cluster_palette(pd.Series([1, 2, 3, 3, 7]))
    assert len(set(palette.values())) == 4
    assert short("x" * 50) == "x" * 41 + "…"
    assert short("short") == "short"


def test_names_are_not_read_as_mathematics(tmp_path):
    codes = np.random.default_rng(0).standard_normal((4, 9))
    names = ["a $\\foo$ b", "$x^2$", "c_1", "d%"]
    relations, clusters = relation_table(names, codes), clusters_of(names, codes)
    with house_style():
        figure = mechanisms.correlation_heatmap(relations, clusters, tree(codes))
        save(figure, relations, tmp_path / "heat")
        save(
            network.nearest_network(nearest_edges(relations), clusters), relations, tmp_path / "net"
        )


def test_a_single_gene_still_has_a_map(simulated):
    model = make_model(simulated[:, :1].copy(), preset="class_mean").train()
    clusters = clusters_of(model.class_names, model.codes)
    table = latent.latent_map(model, simulated[:, :1], clusters)
    assert (table["pc2"] == 0).all()


def test_names_of_a_network_lie_on_lines_of_their_own():
    import networkx as nx

    from svqvae.pl.network import _component_layout

    place = _component_layout(nx.star_graph(6))
    heights = np.sort([y for _, y in place.values()])
    assert np.diff(heights).min() > 0.05


@pytest.mark.parametrize("classes", [("a", "b"), ("all", "b")])
def test_realism_figure_has_a_row_for_every_model(classes):
    quantities = ["auc", "nearest_class", "nearest_class_real"]
    rows = [
        (m, role, c, q, 0.6, 0.5, 0.7)
        for m, role in (("paper", "model"), ("gaussian", "baseline"))
        for q in quantities
        for c in ("all", *classes)
    ]
    columns = ["model", "role", "class", "quantity", "value", "ci_low", "ci_high"]
    figure = evaluation.realism_figure(pd.DataFrame(rows, columns=columns))
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["gaussian", "paper"]
    # Dots of two classes, diamonds, and, on the right, what real signatures reach.
    assert [len(c.get_offsets()) for c in figure.axes[1].collections if c.get_offsets().any()] == [
        4,
        2,
        2,
    ]
