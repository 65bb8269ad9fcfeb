"""Correlations with the shared response held constant."""

import numpy as np
import pytest

from svqvae.tl.relations.shared import shared_loadings, specific_correlations


def one_factor(loading, pairs=()):
    """Correlations of classes that share one response, and of pairs that share more."""
    correlation = np.outer(loading, loading)
    np.fill_diagonal(correlation, 1)
    for i, j, partial in pairs:
        own = np.sqrt((1 - loading[i] ** 2) * (1 - loading[j] ** 2))
        correlation[i, j] = correlation[j, i] = loading[i] * loading[j] + partial * own
    return correlation


def test_it_is_the_partial_correlation():
    loading = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.6])
    correlation = one_factor(loading, pairs=[(0, 1, 0.7), (5, 6, -0.4)])
    assert shared_loadings(correlation) == pytest.approx(loading, abs=1e-3)
    found = specific_correlations(correlation)
    assert found[0, 1] == found[1, 0] == pytest.approx(0.7, abs=0.02)
    assert found[5, 6] == pytest.approx(-0.4, abs=0.02)
    assert found[2, 3] == pytest.approx(0, abs=0.02)
    np.testing.assert_array_equal(np.diag(found), 1)


def test_fewer_than_four_classes_share_nothing():
    correlation = one_factor(np.array([0.9, 0.8, 0.7]))
    np.testing.assert_array_equal(specific_correlations(correlation), correlation)
