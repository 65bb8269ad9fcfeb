"""Figures draw their table: right edges, right order, same bytes, also for few classes."""

import anndata as ad
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from svqvae.models.registry import make_model
from svqvae.pl import comparisons, evaluation, latent, mechanisms, network, profiles
from svqvae.pl.style import save
from svqvae.tl.evaluation.metrics import METRICS
from svqvae.tl.evaluation.recovery import QUANTITIES
from svqvae.tl.relations.network import nearest_edges
from svqvae.tl.relations.relations import relation_table
from svqvae.tl.relations.stability import cluster_table, leiden_clusters, ward_clusters


def clusters_of(names, codes):
    return cluster_table(names, ward_clusters(codes), leiden_clusters(codes))


def classes(names, codes):
    return ad.AnnData(
        np.zeros((len(names), 1)), obs=pd.DataFrame(index=names), obsm={"X_code": codes}
    )


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


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


@pytest.mark.parametrize("n", [2, 3, 12])
def test_mechanism_figures_for_few_and_many_classes(n, tmp_path):
    codes, relations, clusters = tables(n)
    names = [f"mechanism {i:02d}" for i in range(n)]
    figure = mechanisms.mechanism_correlations(relations, clusters, classes(names, codes))
    save(figure, relations, tmp_path / "heat")
    save(network.nearest_network(nearest_edges(relations), clusters), relations, tmp_path / "net")
    names = {p.name for p in tmp_path.iterdir()}
    assert names == {f"{f}.{k}" for f in ("heat", "net") for k in ("svg", "png", "tsv")}
    drawn = (tmp_path / "heat.svg").read_text()
    assert all(f"mechanism {i:02d}" in drawn for i in range(n))


def test_same_table_same_file(tmp_path):
    _, relations, clusters = tables(6)
    for name in ("one", "two"):
        figure = network.nearest_network(nearest_edges(relations), clusters)
        save(figure, relations, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_map_places_codes_and_signatures_in_one_plane(simulated):
    model = make_model(simulated, preset="class_mean").train()
    clusters = clusters_of(model.class_names, model.codes)
    table = latent.map_table(model, simulated, clusters)
    codes = table[table["kind"] == "code"].set_index("class")[["pc1", "pc2"]]
    signatures = table[table["kind"] == "signature"]
    # The code of a class mean is its mean in every plane.
    means = signatures.groupby("class")[["pc1", "pc2"]].mean()
    np.testing.assert_allclose(codes.loc[means.index], means, atol=1e-4)
    assert len(signatures) == simulated.n_obs
    figure = latent.latent_map(table)
    assert "PC 1 of the codes" in figure.axes[0].get_xlabel()


def test_images_of_classes_show_every_class():
    pixels = ad.AnnData(np.zeros((1, 16)), uns={"svqvae": {"image_shape": np.array([4, 4])}})
    decoded = ad.AnnData(np.zeros((7, 16)), obs=pd.DataFrame(index=list("abcdefg")))
    table = profiles.profile_table(decoded, pd.DataFrame(), pixels)
    assert table.shape == (7, 16)
    figure = profiles.class_profiles(table, pd.DataFrame(), pixels)
    assert [ax.get_title() for ax in figure.axes if ax.get_images()] == list("abcdefg")


def test_profiles_are_of_each_class_s_strongest_markers_in_the_order_of_clusters():
    genes = pd.DataFrame(index=["11", "12", "13"])
    decoded = ad.AnnData(
        np.arange(6.0).reshape(2, 3), obs=pd.DataFrame(index=["a", "b"]), var=genes
    )
    # Class after class; a gene that marks both comes once.
    markers = pd.DataFrame(
        {"class": list("aabb"), "gene": ["C", "A", "A", "B"], "gene_id": ["13", "11", "11", "12"]}
    )
    table = profiles.profile_table(decoded, markers, ad.AnnData(np.zeros((1, 3))))
    assert list(table.columns) == ["C", "A", "B"]
    assert table.loc["b"].tolist() == [5.0, 3.0, 4.0]
    figure = profiles.class_profiles(table, pd.DataFrame({"class": ["b", "a"], "cluster": [1, 2]}))
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["b", "a"]


def test_benchmark_figure_names_every_model_once():
    metrics = list(METRICS)
    rows = [
        (m, r, f, 0, k, 0.5)
        for m, r in (("a", "model"), ("b", "baseline"))
        for f in "01"
        for k in metrics
    ]
    runs = pd.DataFrame(rows, columns=["model", "role", "fold", "seed", "metric", "value"])
    pooled = runs.drop_duplicates(["model", "metric"]).assign(ci_low=0.4, ci_high=0.6)
    figure = evaluation.benchmark(pooled, runs)
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert sorted(labels) == ["a", "b"]
    titles = [ax.get_title("left") for ax in figure.axes]
    assert titles[0] == "balanced\ntop-5 ↑"
    assert titles[-1] == "reconstruction\nerror (MSE) ↓"


def test_models_stand_before_baselines_each_in_the_order_configured():
    roles = {f"m{i}": "model" if i % 3 == 0 else "baseline" for i in range(20)}
    rows = [
        {"model": m, "role": role, "metric": metric, "value": 0.5, "ci_low": 0.4, "ci_high": 0.6}
        for m, role in roles.items()
        for metric in METRICS
    ]
    table = pd.DataFrame(rows)
    figure = evaluation.benchmark(table, table.assign(fold="0", seed=0))
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()][::-1]
    models = [m for m, role in roles.items() if role == "model"]
    assert names == [*models, *(m for m in roles if m not in models)]


def test_comparison_and_reliability_have_a_row_or_panel_for_every_model():
    rows = [("a", r, "baseline", k, 0.1, 0.05, 0.2, 1.0) for r in "bc" for k in METRICS]
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
    figure = comparisons.comparison(pd.DataFrame(rows, columns=columns))
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["c", "b"]
    comparisons.comparison(pd.DataFrame(columns=columns))
    panels = comparisons.reliability(bins, errors)
    assert [ax.get_title("left").split("\n")[0] for ax in panels.axes] == ["a", "b"]


def test_names_are_not_read_as_mathematics(tmp_path):
    codes = np.random.default_rng(0).standard_normal((4, 9))
    names = ["a $\\foo$ b", "$x^2$", "c_1", "d%"]
    relations, clusters = relation_table(names, codes), clusters_of(names, codes)
    figure = mechanisms.mechanism_correlations(relations, clusters, classes(names, codes))
    save(figure, relations, tmp_path / "heat")
    save(network.nearest_network(nearest_edges(relations), clusters), relations, tmp_path / "net")


def test_a_single_gene_still_has_a_map(simulated):
    model = make_model(simulated[:, :1].copy(), preset="class_mean").train()
    clusters = clusters_of(model.class_names, model.codes)
    table = latent.map_table(model, simulated[:, :1], clusters)
    assert (table["pc2"] == 0).all()


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
    figure = evaluation.realism(pd.DataFrame(rows, columns=columns))
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["gaussian", "paper"]
    # Dots of two classes, a mark of each role, and, on the right, what real signatures reach.
    assert [len(c.get_offsets()) for c in figure.axes[1].collections if c.get_offsets().any()] == [
        4,
        1,
        1,
        2,
    ]


def test_values_below_zero_are_seen():
    rows = [(q, -0.6 if q == "cluster_ari" else 0.5) for q in QUANTITIES]
    table = pd.DataFrame(rows, columns=["quantity", "value"])
    table = table.assign(model="m", role="model", fold_min=[-0.7] * len(rows), fold_max=np.nan)
    table.loc[table["quantity"] != "cluster_ari", "fold_min"] = np.nan
    axes = evaluation.recovery(table).axes
    lows = [ax.get_xlim()[0] for ax in axes]
    assert lows[list(QUANTITIES).index("cluster_ari")] < -0.7
    assert sorted(lows)[1:] == [-0.05] * (len(rows) - 1)
    plt.close("all")
