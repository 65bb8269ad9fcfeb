"""The chance line of the drug-target figure, against counting and against drawing."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from svqvae.pl.targets import best_by_chance, drug_targets


def table(n_targets, n_genes=300, percentile=0.5):
    return pd.DataFrame(
        {
            "space": np.repeat(["latent", "raw"], len(n_targets)),
            "n_targets": np.tile(n_targets, 2),
            "n_genes": n_genes,
            "percentile": percentile,
        }
    )


def chance_line(ranks):
    figure = drug_targets(ranks)
    line = next(one for one in figure.axes[0].lines if one.get_linestyle() == "--")
    plt.close(figure)
    return line.get_xdata(), line.get_ydata()


def test_many_targets_of_one_drug_do_not_lift_the_line_of_the_others():
    """Nine drugs of one target and one of 41, five on average, for which 0.41 would be drawn."""
    x, y = chance_line(table([1] * 9 + [41]))
    assert np.interp(0.1, x, y) == pytest.approx((9 * 0.1 + (1 - 0.9**41)) / 10, abs=0.005)
    assert np.interp(0.1, x, y) < 0.2


def test_the_line_is_what_random_genes_reach():
    rng = np.random.default_rng(0)
    n_targets, n_genes = np.array([1, 1, 2, 8, 30]), np.array([40, 200, 200, 90, 31])
    share = np.array([0.0, 0.05, 0.1, 0.3, 0.5, 0.9, 1.0])
    best = np.array(
        [
            [(rng.permutation(n)[:k].min() + 0.5) / n for _ in range(4000)]
            for k, n in zip(n_targets, n_genes, strict=True)
        ]
    )
    drawn = (best[:, :, None] <= share).mean(axis=(0, 1))
    np.testing.assert_allclose(best_by_chance(share, n_targets, n_genes), drawn, atol=0.012)


def test_one_target_is_the_diagonal_and_the_ends_are_fixed():
    x, y = chance_line(table([1] * 5))
    np.testing.assert_allclose(y, x, atol=0.5 / 300 + 1e-9)
    x, y = chance_line(table([3, 5], n_genes=50))
    assert (y[0], y[-1]) == (0, 1)
    assert (np.diff(y) >= 0).all()
