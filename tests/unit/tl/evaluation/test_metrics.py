"""Each metric is what its name says, on scores that are counted by hand."""

import numpy as np
import pandas as pd
import pytest

from svqvae.tl.evaluation.compare import benchmark
from svqvae.tl.evaluation.metrics import METRICS, measured

#: Class a has three signatures, b one; the model cannot name c.
SCORES = pd.DataFrame(
    {
        "pert_id": ["p1", "p1", "p2", "p3", "p4"],
        "class": ["a", "a", "a", "b", "c"],
        "fold": "0",
        "seed": 0,
        "true_rank": [1, 2, 6, 1, np.nan],
        "micro_rank": [1, 1, 2, 4, np.nan],
        "macro_rank": [2, 2, 5, 1, np.nan],
        "listed_rank": [1, 1, 6, 1, np.nan],
        "reconstruction_mse": [1.0, 2.0, 3.0, 4.0, 5.0],
        "class_profile_mse": [1.0, 2.0, 3.0, 4.0, np.nan],
    }
)
EXPECTED = {
    "accuracy": 2 / 5,
    "accuracy_any_listed": 3 / 5,
    "balanced_accuracy": (1 / 3 + 1 + 0) / 3,
    "balanced_top5": (2 / 3 + 1 + 0) / 3,
    "mrr": (1 + 1 / 2 + 1 / 6 + 1 + 0) / 5,
    "balanced_accuracy_macro": (0 + 1 + 0) / 3,
    "mrr_macro": (1 / 2 + 1 / 2 + 1 / 5 + 1 + 0) / 5,
    "balanced_accuracy_micro": (2 / 3 + 0 + 0) / 3,
    "mrr_micro": (1 + 1 + 1 / 2 + 1 / 4 + 0) / 5,
    "reconstruction_mse": 3.0,
    "class_profile_mse": 2.5,
}


def test_every_metric_is_counted_here():
    assert set(EXPECTED) == set(METRICS)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_what_is_counted_by_hand(name):
    table = benchmark(SCORES, model="m", role="model").set_index("metric")
    assert table.loc[name, "value"] == pytest.approx(EXPECTED[name])


def test_errors_are_better_the_lower():
    lower = {name for name, metric in METRICS.items() if metric.lower_is_better}
    assert lower == {"reconstruction_mse", "class_profile_mse"}


def test_without_lists_there_is_no_metric_of_them():
    alone = SCORES.drop(columns="listed_rank")
    assert set(METRICS) - set(measured(alone)) == {"accuracy_any_listed"}
    assert "accuracy_any_listed" not in set(benchmark(alone, model="m", role="model")["metric"])
