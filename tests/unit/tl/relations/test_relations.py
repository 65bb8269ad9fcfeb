"""Correlations, intervals, clusters and recovery against known truth."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from svqvae.tl.evaluation.recovery import recovery
from svqvae.tl.relations.clusters import ward_cuts
from svqvae.tl.relations.relations import (
    as_matrix,
    code_correlations,
    mutual_nearest,
    relation_table,
)
from svqvae.tl.relations.shared import shared_loadings, specific_correlations
from svqvae.tl.relations.similarity import HeldOutSimilarity

NAMES = [f"c{i}" for i in range(8)]


@pytest.fixture
def planted():
    """Four pairs of related classes, and five noisy copies of their codes as folds."""
    rng = np.random.default_rng(0)
    codes = np.repeat(rng.standard_normal((4, 400)), 2, axis=0) + rng.standard_normal((8, 400))
    folds = [codes + 0.2 * rng.standard_normal(codes.shape) for _ in range(5)]
    return codes, folds


def test_correlations_equal_numpy(planted):
    np.testing.assert_allclose(code_correlations(planted[0]), np.corrcoef(planted[0]), atol=1e-12)


def test_a_constant_code_correlates_with_nothing():
    codes = np.r_[np.ones((1, 5)), np.random.default_rng(0).standard_normal((2, 5))]
    assert code_correlations(codes)[0].tolist() == [1, 0, 0]


def test_mutual_nearest_by_hand():
    r = np.array([[1, 0.9, 0.5], [0.9, 1, 0.95], [0.5, 0.95, 1]])
    expected = np.zeros((3, 3), bool)
    expected[1, 2] = expected[2, 1] = True
    np.testing.assert_array_equal(mutual_nearest(r), expected)


def test_support_of_related_pairs(planted):
    table = relation_table(NAMES, planted[0], planted[1])
    assert len(table) == 8 * 7 // 2
    assert table["correlation"].is_monotonic_decreasing
    related = table.apply(lambda r: int(r["class_a"][1]) // 2 == int(r["class_b"][1]) // 2, axis=1)
    assert (table.loc[related, "support"] == 1).all()
    assert table.loc[related, "mutual_nearest"].all()


def test_what_held_out_compounds_say_stands_beside_the_correlation(planted):
    rng = np.random.default_rng(3)
    label = np.arange(96) % 8
    rows = planted[0][label] + rng.standard_normal((96, 400))
    similarity = np.corrcoef(rows, planted[0])[:96, 96:]
    held_out = HeldOutSimilarity(similarity, label[:, None] == np.arange(8), np.arange(96) // 32)
    table = relation_table(NAMES, planted[0], planted[1], held_out)
    related = table["class_a"].str[1].astype(int) // 2 == table["class_b"].str[1].astype(int) // 2
    assert table.loc[related, "q_value"].max() < 0.05 < table.loc[~related, "q_value"].min()
    for value, low, high in (
        ("correlation", "ci_low", "ci_high"),
        ("corrected_correlation", "ci_low", "ci_high"),
        ("corrected_correlation", "corrected_low", "corrected_high"),
    ):
        assert (table[low] <= table[value]).all()
        assert (table[value] <= table[high]).all()
    assert (table["q_value"] >= table["p_value"]).all()
    assert table.loc[related, "edge_support"].min() > 0.8
    assert table.loc[~related, "edge_support"].max() < 0.2


def test_classes_without_held_out_compounds_are_not_tested_and_change_nothing(planted):
    rng = np.random.default_rng(3)
    label = np.arange(90) % 6
    rows = planted[0][label] + rng.standard_normal((90, 400))
    similarity = np.corrcoef(rows, planted[0])[:90, 90:]
    fold = np.arange(90) // 30
    table = relation_table(
        NAMES, planted[0], [], HeldOutSimilarity(similarity, label[:, None] == np.arange(8), fold)
    )
    untested = table[["class_a", "class_b"]].isin(["c6", "c7"]).any(axis=1)
    tests = ["p_value", "q_value", "edge_support"]
    assert table.loc[untested, tests].isna().all(axis=None)
    assert (table.loc[untested, ["corrected_low", "corrected_high"]] == [-1, 1]).all(axis=None)
    six = HeldOutSimilarity(similarity[:, :6], label[:, None] == np.arange(6), fold)
    alone = relation_table(NAMES[:6], planted[0][:6], [], six)
    np.testing.assert_array_equal(table.loc[~untested, tests], alone[tests])


def test_two_classes_leave_nothing_to_tell(planted):
    held_out = HeldOutSimilarity(
        np.eye(2)[np.arange(8) % 2], np.eye(2, dtype=bool)[np.arange(8) % 2], np.zeros(8)
    )
    assert relation_table(NAMES[:2], planted[0][:2], [], held_out)["p_value"].isna().all()


def test_loadings_of_a_planted_factor_are_found_among_related_pairs():
    loading = np.linspace(0.2, 0.9, 20)
    r = np.outer(loading, loading)
    for i in range(0, 20, 2):
        r[i, i + 1] = r[i + 1, i] = r[i, i + 1] + 0.5 * (1 - r[i, i + 1])
    np.fill_diagonal(r, 1)
    np.testing.assert_allclose(shared_loadings(r), loading, atol=0.02)
    specific = specific_correlations(r)
    assert specific[0, 1] > 0.4
    assert abs(specific[0, 2:]).max() < 0.05


def test_three_classes_have_no_shared_response_to_remove():
    r = np.array([[1, 0.9, 0.5], [0.9, 1, 0.95], [0.5, 0.95, 1]])
    np.testing.assert_array_equal(specific_correlations(r), r)


def test_without_replicates_nothing_is_invented(planted):
    table = relation_table(NAMES, planted[0])
    unknown = ["corrected_correlation", "ci_low", "ci_high", "p_value", "q_value"]
    unknown += ["edge_support", "support"]
    assert table[unknown].isna().all(axis=None)


def test_table_and_matrix_hold_the_same(planted):
    matrix = as_matrix(relation_table(NAMES, planted[0]))
    np.testing.assert_allclose(matrix, np.corrcoef(planted[0]), atol=1e-12)


def test_recovery_is_perfect_for_the_truth_and_chance_for_noise(planted):
    codes, folds = planted
    group = [f"g{i // 2}" for i in range(8)]
    truth = ad.AnnData(codes.astype(np.float32), obs=pd.DataFrame({"group": group}, index=NAMES))
    classes = truth.copy()
    classes.obsm["X_code"] = codes
    classes.obs["cluster"] = [i // 2 for i in range(8)]
    table = recovery(classes, truth, folds).set_index("quantity")
    assert table.loc["cluster_ari", "value"] == 1
    assert table.loc["same_group_auroc", "value"] == 1
    assert table.loc["truth_spearman", "value"] == pytest.approx(1)
    assert table.loc["profile_correlation", "value"] == pytest.approx(1)
    assert (table["fold_min"].dropna() <= 1).all()
    noise = np.random.default_rng(9).standard_normal(codes.shape)
    classes.obsm["X_code"], classes.obs["cluster"] = noise, ward_cuts(noise)(4)
    table = recovery(classes, truth).set_index("quantity")
    assert table.loc["cluster_ari", "value"] < 0.5
    assert abs(table.loc["truth_spearman", "value"]) < 0.5
