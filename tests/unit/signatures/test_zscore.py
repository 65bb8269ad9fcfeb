"""Robust z-scores by hand."""

import numpy as np
import pytest

from svqvae.signatures.zscore import reference_of


def test_by_hand():
    x = np.array([[1.0, 8], [2, 8], [3, 8], [4, 8], [10, 9]])
    found = reference_of(x)
    assert found.centre.tolist() == [3, 8]
    # MADs are 1 and 0; a plate's least is its first percentile, and at least 0.1.
    assert found.scale == pytest.approx([1.4826, 0.14826])
    assert found.z(np.array([[10.0, 9]]))[0] == pytest.approx([7 / 1.4826, 1 / 0.14826])


def test_the_floor_is_the_first_percentile_of_all_genes():
    rng = np.random.default_rng(0)
    x = 7 + rng.normal(size=(300, 400))
    x[:, 0] = 7 + rng.normal(size=300) / 100
    scale = reference_of(x).scale
    assert scale[0] == pytest.approx(np.sort(scale)[1], rel=0.05)
    assert scale[0] > 0.8
    assert np.median(scale) == pytest.approx(1, rel=0.02)  # the SD of normal values


def test_an_outlier_changes_nothing():
    x = np.random.default_rng(0).normal(size=(50, 3))
    there = x.copy()
    there[0] += np.where(x[0] > np.median(x, axis=0), 1e6, -1e6)
    assert reference_of(there).centre == pytest.approx(reference_of(x).centre)
