"""Two whitenings make the covariance within classes the identity, and so both compare alike."""

import numpy as np
import pytest

from svqvae.models.whitening import (
    symmetric_whitening,
    triangular_whitening,
    unit_rows,
    within_class_root,
)


@pytest.fixture
def sums():
    rng = np.random.default_rng(0)
    label = np.arange(90) % 3
    x = unit_rows(
        rng.normal(size=(3, 12))[label] + rng.normal(size=(90, 12)) * np.linspace(1, 4, 12)
    )
    of_classes = np.stack([x[label == k].sum(0) for k in range(3)])
    return x, (x.T @ x, of_classes, np.bincount(label).astype(float))


@pytest.mark.parametrize("whitening", [symmetric_whitening, triangular_whitening])
def test_the_shrunk_covariance_becomes_the_identity(sums, whitening):
    _, given = sums
    value, vector = within_class_root(*given, shrinkage=0.3)
    covariance = (vector * value**2) @ vector.T
    matrix = whitening(*given, shrinkage=0.3)
    np.testing.assert_allclose(matrix.T @ covariance @ matrix, np.eye(12), atol=1e-12)
    np.testing.assert_allclose(whitening(*given, shrinkage=1.0), np.eye(12), atol=1e-12)


def test_rows_compare_alike_by_both(sums):
    x, given = sums
    one, other = (w(*given, shrinkage=0.3) for w in (symmetric_whitening, triangular_whitening))
    assert not np.allclose(one, other)
    np.testing.assert_allclose(x @ one @ one.T @ x.T, x @ other @ other.T @ x.T, atol=1e-10)


def test_without_shrinkage_eigenvalues_are_cut_by_both(sums):
    x, _ = sums
    # Fewer rows than genes: some directions have no variance.
    few, n = x[:6], np.array([2.0, 2.0, 2.0])
    given = few.T @ few, np.stack([few[k::3].sum(0) for k in range(3)]), n
    one, other = (w(*given, shrinkage=0.0) for w in (symmetric_whitening, triangular_whitening))
    np.testing.assert_array_equal(one, other)
    assert np.isfinite(one).all()
