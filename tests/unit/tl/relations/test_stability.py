"""Clusters are those planted, by both methods, as many as are stable, and supported as such."""

import numpy as np
import pytest

from svqvae.errors import SvqvaeError
from svqvae.tl.relations.clusters import leiden_cuts, ward_cuts
from svqvae.tl.relations.stability import (
    cluster_table,
    leiden_clusters,
    stability_table,
    ward_clusters,
)


def planted(n_groups=6, per_group=3, *, shared=1.0, noise=0.3, seed=0):
    """Codes of classes in groups, a response that all share, and noisy copies as replicates."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(n_groups), per_group)
    codes = rng.standard_normal((n_groups, 300))[group] + rng.standard_normal((len(group), 300))
    codes += shared * rng.standard_normal(300)
    return codes, [codes + noise * rng.standard_normal(codes.shape) for _ in range(5)], group


def same(clusters, group):
    return ((clusters[:, None] == clusters) == (group[:, None] == group)).all()


@pytest.mark.parametrize("shared", [0.0, 1.5])
def test_the_planted_groups_are_the_most_stable(shared):
    codes, replicates, group = planted(shared=shared)
    ward, leiden = ward_clusters(codes, replicates), leiden_clusters(codes, replicates)
    for found in (ward, leiden):
        assert same(found.clusters, group)
        assert found.choice.set_index("chosen").loc[True, "stability"] == 1
        assert (found.class_support() == 1).all()
        assert (found.cluster_support() == 1).all()
    names = [f"c{i:02d}" for i in range(18)]
    assert stability_table(ward, leiden)["agreement"].eq(1).all()
    table = cluster_table(names, ward, leiden)
    assert table["class"].tolist() != sorted(table["class"])  # by cluster
    assert same(table.set_index("class").loc[names, "cluster"].to_numpy(), group)


def test_support_is_low_where_replicates_are_noise():
    codes, _, _ = planted()
    rng = np.random.default_rng(5)
    noise = [rng.standard_normal(codes.shape) for _ in range(5)]
    found = ward_clusters(codes, noise, n_clusters=6)
    assert found.class_support().mean() < 0.5
    assert found.choice["stability"].iloc[0] < 0.2


def test_a_class_that_wanders_has_less_support_than_its_cluster():
    codes, replicates, group = planted()
    for replicate, other in zip(replicates, (3, 6, 9, 12, 15), strict=True):
        replicate[0] = replicate[other] + 0.3 * np.random.default_rng(other).standard_normal(300)
    found = ward_clusters(codes, replicates, n_clusters=6)
    assert same(found.clusters, group)
    support = found.class_support()
    assert support[0] < 0.3 < 0.6 < support[1] < 1
    assert found.cluster_support()[0] == pytest.approx(2 / 3)


def test_without_replicates_silhouette_chooses_and_support_is_missing():
    codes, _, group = planted()
    found = ward_clusters(codes)
    assert same(found.clusters, group)
    assert np.isnan(found.class_support()).all()
    assert np.isnan(found.cluster_support()).all()
    assert found.choice["stability"].isna().all()


def test_number_of_clusters_may_be_set_within_reason():
    codes, _, _ = planted()
    assert len(set(ward_clusters(codes, n_clusters=3).clusters)) == 3
    assert len(set(ward_clusters(codes, n_clusters=18).clusters)) == 18
    with pytest.raises(SvqvaeError, match="expected 1 to 18"):
        ward_clusters(codes, n_clusters=19)


@pytest.mark.parametrize("n", [2, 3])
def test_few_classes_have_clusters_too(n):
    codes = np.random.default_rng(0).standard_normal((n, 40))
    for found in (ward_clusters(codes, [codes]), leiden_clusters(codes, [codes])):
        assert len(found.clusters) == n
        assert len(found.class_support()) == n


def test_where_no_classes_are_alike_there_are_no_communities():
    codes = np.eye(6)
    ward, leiden = ward_clusters(codes, [codes]), leiden_clusters(codes, [codes])
    table = cluster_table(list("abcdef"), ward, leiden)
    assert table[["leiden", "leiden_support", "leiden_cluster_support"]].isna().all(axis=None)
    assert table["cluster"].notna().all()
    assert stability_table(ward, leiden)["agreement"].isna().all()


def test_cuts_do_not_depend_on_anything_but_the_codes():
    codes, _, _ = planted()
    np.testing.assert_array_equal(leiden_cuts(codes)(1.1), leiden_cuts(codes.copy())(1.1))
    np.testing.assert_array_equal(ward_cuts(codes)(5), ward_cuts(3 * codes + 1)(5))
