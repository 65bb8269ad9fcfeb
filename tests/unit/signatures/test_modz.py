"""MODZ by hand, and what does not change it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from svqvae.signatures.modz import activity, genes_changed, modz, strength

#: Ranks 1 2 3 4 5, the same, and the reverse but for one pair: correlations 1, -0.9, -0.9.
THREE = np.array([[1.0, 2, 3, 4, 5], [-2.0, -1, 0, 1, 2], [5.0, 4, 3, 1, 2]])
GENES = np.arange(5)


def one_group(z):
    return modz(z, np.zeros(len(z), dtype=int), np.arange(z.shape[1]))


def test_weights_by_hand():
    # Half the sums of correlations above 0: 0.5, 0.5, and 0.01 where there is none.
    found = one_group(THREE)
    expected = np.array([0.5, 0.5, 0.01]) / 1.01
    assert found.weights == pytest.approx(expected)
    assert found.x[0] == pytest.approx(expected @ THREE)


def test_the_quartile_is_of_all_pairs_as_they_are():
    # Of -0.9, -0.9, 1 at 2.75 of 3 (Hazen), not set to 0 before.
    assert one_group(THREE).cc_q75 == pytest.approx(-0.9 + 0.75 * 1.9)


def test_correlation_is_over_landmark_genes_alone():
    # By the first two genes all three agree or not, whatever the others say.
    found = modz(THREE, np.zeros(3, dtype=int), np.array([0, 1]))
    assert found.weights == pytest.approx(np.array([0.5, 0.5, 0.01]) / 1.01)
    swapped = modz(THREE, np.zeros(3, dtype=int), np.array([3, 4]))
    assert swapped.weights == pytest.approx(np.full(3, 1 / 3))


def test_groups_of_any_sizes_and_order():
    z = np.random.default_rng(0).normal(size=(7, 30))
    groups = np.array([2, 0, 1, 0, 2, 2, 0])
    found = modz(z, groups, np.arange(30))
    assert found.n_sample.tolist() == [3, 1, 3]
    for number in range(3):
        alone = one_group(z[groups == number])
        assert found.x[number] == pytest.approx(alone.x[0], abs=1e-6)
        assert found.weights[groups == number] == pytest.approx(alone.weights)


def test_one_replicate_is_itself_and_two_weigh_the_same():
    z = np.random.default_rng(1).normal(size=(2, 30))
    single = one_group(z[:1])
    assert single.x[0] == pytest.approx(z[0], abs=1e-6)
    assert np.isnan(single.cc_q75[0])
    assert one_group(z).x[0] == pytest.approx(z.mean(0), abs=1e-6)


def test_values_are_clipped_as_published():
    assert one_group(np.array([[30.0, -30, 1]])).x.tolist() == [[10, -10, 1]]


def test_an_unlike_replicate_hardly_counts():
    rng = np.random.default_rng(2)
    signal = rng.normal(0, 3, 500)
    z = signal + rng.normal(size=(5, 500))
    z[4] = rng.normal(0, 3, 500)
    found = one_group(z)
    assert found.weights[4] < 0.1
    assert np.corrcoef(found.x[0], signal)[0, 1] > np.corrcoef(z.mean(0), signal)[0, 1]


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_the_order_of_replicates_does_not_matter(seed, n):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 12)).round(1)
    order = rng.permutation(n)
    first, second = one_group(z), one_group(z[order])
    assert second.x == pytest.approx(first.x, abs=1e-5)
    assert second.weights == pytest.approx(first.weights[order])
    assert first.weights.sum() == pytest.approx(1)
    # A weighted mean lies between its values.
    assert (first.x <= z.max(0) + 1e-5).all()
    assert (first.x >= z.min(0) - 1e-5).all()


def test_strength_and_activity_by_hand():
    x = np.concatenate([np.full(100, -1.0), np.zeros(50), np.full(100, 3.0)])[None]
    assert strength(x)[0] == pytest.approx(4)
    changed = genes_changed(x, np.array([4]))
    assert changed.tolist() == [200]  # -1 x sqrt(4) counts too
    assert activity(changed, np.array([0.36]), 250)[0] == pytest.approx(np.sqrt(200 * 0.36 / 250))
    assert np.isnan(activity(changed, np.array([np.nan]), 250)[0])
    # Published: a correlation below 0 counts as 0.001.
    assert activity(changed, np.array([-0.5]), 250)[0] == pytest.approx(np.sqrt(0.2 / 250))


def test_published_strengths_are_found_again(shared_data):
    import svqvae

    published = svqvae.read(shared_data / "l1000_plates" / "modz_level5_n272x978.gctx")
    found = strength(published.X)
    assert found == pytest.approx(published.obs["distil_ss"].to_numpy(), rel=1e-4)
    # Phase I counted z-scores as they were, not multiplied by sqrt(replicates).
    known = published.obs["ngenes_modulated_up_lm"] + published.obs["ngenes_modulated_dn_lm"]
    assert (genes_changed(published.X, np.ones(published.n_obs)) == known).all()
