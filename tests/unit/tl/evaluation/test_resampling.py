"""Bootstrap weights: whole groups, another draw for another seed."""

import numpy as np
import pytest

from svqvae.tl.evaluation.resampling import cluster_weights, percentile_interval

GROUP = np.repeat(["a", "b", "c", "d", "e"], [1, 2, 3, 4, 5])


def test_groups_are_drawn_whole_and_as_many_as_there_are():
    weights = cluster_weights(GROUP, draws=200)
    first = np.unique(GROUP, return_index=True)[1]
    assert (weights[:, first].sum(1) == 5).all()
    for name in "abcde":
        of_group = weights[:, GROUP == name]
        assert (of_group == of_group[:, :1]).all()
    assert weights[:, first].mean(0) == pytest.approx(np.ones(5), abs=0.25)


def test_the_seed_decides():
    one, again, other = (cluster_weights(GROUP, draws=50, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_intervals_leave_out_draws_that_say_nothing():
    low, high = percentile_interval(np.r_[np.arange(101.0), np.nan], level=0.9)
    assert (low, high) == pytest.approx((5.0, 95.0))
