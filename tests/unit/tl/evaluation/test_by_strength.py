"""Scores within thirds of strength: weak signatures say little, strong ones much."""

import numpy as np
import pandas as pd
import pytest

from svqvae.tl.evaluation.by_strength import THIRDS, by_strength

ROLES = {"one": "model", "other": "baseline"}


def scores(strength, right):
    n = len(strength)
    rank = np.where(right, 1, 4)
    return pd.DataFrame(
        {
            "pert_id": [f"p{i}" for i in range(n)],
            "class": np.where(np.arange(n) % 2, "a", "b"),
            "seed": 0,
            **dict.fromkeys(("true_rank", "micro_rank", "macro_rank"), rank),
            **dict.fromkeys(("reconstruction_mse", "class_profile_mse"), 1.0),
            "strength": strength,
        }
    )


def test_each_third_has_its_own_signatures():
    strength = np.random.default_rng(0).permutation(np.arange(90.0))
    made = {"one": scores(strength, strength >= 60), "other": scores(strength, strength < 30)}
    table = by_strength(made, roles=ROLES, draws=50)
    accuracy = table[table["metric"] == "accuracy"].pivot_table(
        index="third", columns="model", values="value"
    )
    assert accuracy.loc[list(THIRDS), "one"].tolist() == [0, 0, 1]
    assert accuracy.loc[list(THIRDS), "other"].tolist() == [1, 0, 0]
    assert set(table["n_signatures"]) == {30}
    assert dict(zip(table["model"], table["role"], strict=True)) == ROLES
    limits = table.drop_duplicates("third")
    assert limits["strength_low"].iloc[0] == 0
    assert limits["strength_high"].iloc[-1] == 89
    assert (limits["strength_high"].iloc[:-1].to_numpy() == limits["strength_low"].iloc[1:]).all()


def test_intervals_are_over_compounds():
    strength = np.repeat(np.arange(30.0), 4)
    right = np.arange(120) % 8 < 4
    table = scores(strength, right)
    of_few = table.assign(pert_id=np.repeat(np.arange(30), 4))
    width = [
        (t.query("metric == 'accuracy'")["ci_high"] - t.query("metric == 'accuracy'")["ci_low"])
        for t in (by_strength({"one": s}, roles=ROLES, draws=300) for s in (table, of_few))
    ]
    assert (width[1] > 1.4 * width[0]).all()


def test_signatures_of_unknown_strength_are_in_no_third():
    strength = np.r_[np.arange(30.0), np.full(30, np.nan)]
    table = by_strength({"one": scores(strength, True)}, roles=ROLES, draws=20)
    assert set(table["n_signatures"]) == {10}


@pytest.mark.parametrize("strength", [np.nan, 1.0])
def test_where_all_are_of_one_strength_or_none_there_are_no_thirds(strength):
    table = by_strength({"one": scores(np.full(9, strength), True)}, roles=ROLES, draws=20)
    assert table["third"].nunique() <= 1
    assert "value" in table
