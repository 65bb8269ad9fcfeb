"""Differences of which the truth is known."""

import numpy as np
import pandas as pd
import pytest

from svqvae.tl.evaluation.compare import bootstrap_metrics, compare, summarise

ROLES = {"ref": "baseline", "new": "model", "same": "model"}


@pytest.fixture(scope="module")
def drawn():
    """Ranks of 60 compounds with two signatures each; ``new`` ranks each one place better."""
    rng = np.random.default_rng(0)
    worse = pd.DataFrame(
        {
            "pert_id": np.repeat([f"p{i}" for i in range(60)], 2),
            "class": np.repeat([f"c{i % 6}" for i in range(60)], 2),
            "fold": "0",
            "seed": 0,
            "true_rank": (rank := np.repeat(rng.integers(2, 7, 60), 2)),
            **dict.fromkeys(("micro_rank", "macro_rank"), rank),
            "reconstruction_mse": rng.uniform(1, 2, 120),
            "class_profile_mse": rng.uniform(1, 2, 120),
        }
    )
    better = worse.assign(
        true_rank=worse["true_rank"] - 1, reconstruction_mse=worse["reconstruction_mse"] - 0.1
    )
    return bootstrap_metrics({"ref": worse, "new": better, "same": worse}, draws=300)


def test_summary_pairs_the_bootstrap(drawn):
    table = summarise(drawn, roles=ROLES, reference="ref").set_index(["model", "metric"])
    assert (table.loc["same", "difference"] == 0).all()
    assert table.loc[("same", "mrr"), "difference_high"] == 0
    row = table.loc[("new", "mrr")]
    assert row["difference_low"] > 0
    assert row["ci_low"] < row["value"] < row["ci_high"]
    # Pairing: the difference is known far better than either value.
    error = table.loc[("new", "reconstruction_mse")]
    assert error["difference_high"] - error["difference_low"] < 1e-9
    assert error["ci_high"] - error["ci_low"] > 0.05


def test_the_subject_is_set_against_every_other(drawn):
    table = compare(drawn, roles=ROLES, subject="new")
    assert len(table) == 2 * len(drawn["new"])
    pairs = table.set_index(["rival", "metric"])
    row = pairs.loc[("ref", "mrr")]
    assert row["difference"] > row["ci_low"] > 0
    assert row["better"] == 1
    # Of an error the lower is the better.
    error = pairs.loc[("ref", "reconstruction_mse")]
    assert error["difference"] == pytest.approx(-0.1)
    assert error["better"] == 1


def test_a_model_against_its_like_differs_by_nothing(drawn):
    table = compare(drawn, roles=ROLES, subject="same").set_index(["rival", "metric"])
    assert (table.loc["ref", ["difference", "ci_low", "ci_high", "better"]] == 0).all(axis=None)


def test_one_model_has_nobody_to_be_compared_with(drawn):
    alone = compare({"new": drawn["new"]}, roles=ROLES, subject="new")
    assert alone.empty
    assert "difference" in alone
