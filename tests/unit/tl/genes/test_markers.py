"""Markers point at the planted genes, and their test counts perturbagens."""

import anndata as ad
import numpy as np
import pandas as pd
from scipy import stats

from svqvae.models.registry import make_model
from svqvae.tl.genes.markers import class_contrasts, class_markers, perturbagen_means


def planted(seed=0):
    rng = np.random.default_rng(seed)
    obs = pd.DataFrame({"pert_id": np.repeat([f"p{i}" for i in range(24)], 4)})
    obs["class"] = np.repeat(["a", "b", "c"], 32)
    obs.index = [f"s{i}" for i in range(96)]
    x = rng.standard_normal((96, 30)) + np.repeat(rng.standard_normal((24, 30)), 4, axis=0)
    x[:32, 3] += 6
    x[32:64, 7] -= 6
    var = pd.DataFrame({"pr_gene_symbol": [f"G{i}" for i in range(30)]}, index=map(str, range(30)))
    return ad.AnnData(x.astype(np.float32), obs=obs, var=var)


def markers(adata, top=50, replicates=()):
    classes = make_model(adata, preset="class_mean").train().classes()
    return class_markers(class_contrasts(adata, classes), replicates, top=top)


def test_planted_genes_come_first_with_their_direction():
    adata = planted()
    table = markers(adata, top=5)
    first = table.groupby("class").head(1).set_index("class")
    assert first.loc["a", ["gene", "direction"]].tolist() == ["G3", "up"]
    assert first.loc["b", ["gene", "direction"]].tolist() == ["G7", "down"]
    assert (first.loc[["a", "b"], "q_value"] < 0.01).all()
    assert len(table) == 15


def test_score_is_the_contrast_of_decoded_profiles():
    adata = planted()
    classes = make_model(adata, preset="class_mean").train().classes()
    row = markers(adata, top=30).set_index(["class", "gene_id"]).loc[("a", "3")]
    x = np.asarray(classes.X)
    assert np.isclose(row["score"], x[0, 3] - x[1:, 3].mean(), atol=1e-5)


def test_q_values_are_welch_tests_on_perturbagen_means():
    adata = planted()
    table = markers(adata, top=30)
    means = adata.to_df().groupby(adata.obs["pert_id"].to_numpy()).mean()
    inside = [f"p{i}" for i in range(8)]
    rest = [p for p in means.index if p not in inside]
    p = stats.ttest_ind(means.loc[inside], means.loc[rest], equal_var=False).pvalue
    expected = pd.Series(stats.false_discovery_control(p), means.columns)
    found = table[table["class"] == "a"].set_index("gene_id")["q_value"]
    np.testing.assert_allclose(found, expected[found.index], rtol=1e-3)


def test_null_genes_are_not_called_for_their_replicates():
    """Signatures of a perturbagen are alike; a test that counted them would call noise."""
    called = []
    for seed in range(8):
        adata = planted(seed)
        table = markers(adata, top=30)
        null = table[~table["gene"].isin(["G3", "G7"])]
        called.append((null["q_value"] < 0.05).mean())
    assert np.mean(called) < 0.02


def test_perturbagen_means_are_means_and_single_ones_have_no_test():
    adata = planted()
    means = perturbagen_means(adata)
    assert means.n_obs == 24
    at = means.obs["pert_id"].tolist().index("p5")
    np.testing.assert_allclose(means.X[at], adata.X[20:24].mean(0), rtol=1e-5)
    adata.obs["pert_id"] = adata.obs["class"].to_numpy()
    table = markers(adata)
    assert table["q_value"].isna().all()
    assert table["effect"].isna().all()


def test_effect_is_cohens_d_of_perturbagens():
    adata = planted()
    table = markers(adata, top=30).set_index(["class", "gene_id"])
    means = adata.to_df().groupby(adata.obs["pert_id"].to_numpy()).mean()
    inside = means.index.isin([f"p{i}" for i in range(8)])
    one, rest = means.loc[inside, "5"], means.loc[~inside, "5"]
    pooled = np.sqrt((7 * one.var() + 15 * rest.var()) / 22)
    assert np.isclose(table.loc[("a", "5"), "effect"], (one.mean() - rest.mean()) / pooled)
    assert table.loc[("a", "3"), "effect"] > 2


def test_support_is_the_share_of_replicates_that_mark_the_gene_too():
    adata = planted()
    whole = make_model(adata, preset="class_mean").train().classes().X
    turned = whole.copy()
    turned[0, 3] = -20  # G3 marks class a still, in the other direction
    table = markers(adata, top=3, replicates=[whole, whole, turned, turned])
    assert table.set_index(["class", "gene"]).loc[("a", "G3"), "support"] == 0.5
    assert table.set_index(["class", "gene"]).loc[("b", "G7"), "support"] == 1
    assert markers(adata)["support"].isna().all()


def test_genes_decoded_against_the_data_have_no_significance():
    adata = planted()
    classes = make_model(adata, preset="class_mean").train().classes()
    classes.X = -np.asarray(classes.X)
    table = class_markers(class_contrasts(adata, classes), top=5)
    against = table[(table["class"] == "a") & (table["gene"] == "G3")]
    assert against["direction"].item() == "down"
    assert against["effect"].item() > 1
    assert against["q_value"].item() == 1
