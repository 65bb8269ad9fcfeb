"""Accuracy by coverage: of known answers, fair to ties, paired over compounds."""

import numpy as np
import pandas as pd
import pytest

from svqvae.tl.evaluation.selective import COVERAGES, accuracy_at, risk_coverage

ROLES = {"ours": "model", "rival": "baseline"}


def scores(confidence, right, compound=None):
    n = len(confidence)
    return pd.DataFrame(
        {
            "pert_id": np.arange(n) if compound is None else compound,
            "seed": 0,
            "confidence": confidence,
            "true_rank": np.where(right, 1, 2),
        }
    )


def at(table, coverage):
    return table[0, int(np.argmin(np.abs(np.array(COVERAGES) - coverage)))]


def test_the_surest_are_answered_first():
    # 100 of falling confidence, of which the first 30 are right.
    table = accuracy_at(scores(np.linspace(1, 0, 100), np.arange(100) < 30), draws=5)
    assert at(table, 0.1) == at(table, 0.3) == 1
    assert at(table, 0.6) == pytest.approx(0.5)
    assert at(table, 1.0) == pytest.approx(0.3)


@pytest.mark.parametrize("order", ["right first", "right last"])
def test_of_equal_confidence_none_comes_first(order):
    right = np.arange(100) < 30
    right = right if order == "right first" else right[::-1]
    table = accuracy_at(scores(np.full(100, 0.7), right), draws=5)
    np.testing.assert_allclose(table[0], 0.3)
    # A tie in the middle: 20 certain ones, then 60 alike of which 20 are right, then wrong ones.
    confidence = np.repeat([0.9, 0.5, 0.1], [20, 60, 20])
    right = np.zeros(100, dtype=bool)
    right[:20] = True
    right[20:40] = True
    if order == "right last":
        right[20:80] = right[20:80][::-1]
    table = accuracy_at(scores(confidence, right), draws=5)
    assert at(table, 0.2) == 1
    assert at(table, 0.5) == pytest.approx((20 + 30 / 3) / 50)
    assert at(table, 0.8) == pytest.approx(0.5)


def test_ties_give_the_mean_over_orders():
    rng = np.random.default_rng(0)
    confidence = rng.integers(0, 4, 60) / 4
    right = rng.random(60) < confidence
    table = accuracy_at(scores(confidence, right), draws=1)[0]
    drawn = []
    for _ in range(4000):
        order = np.lexsort((rng.random(60), -confidence))
        n = np.round(np.array(COVERAGES) * 60).astype(int)
        drawn.append(np.cumsum(right[order])[n - 1] / n)
    np.testing.assert_allclose(table, np.mean(drawn, axis=0), atol=0.02)


def test_compounds_are_drawn_not_signatures():
    rng = np.random.default_rng(1)
    right = np.repeat(rng.random(30) < 0.6, 50)
    compound = np.repeat(np.arange(30), 50)
    table = accuracy_at(scores(np.full(1500, 0.5), right, compound), draws=400)
    low, high = np.quantile(table[1:, -1], [0.025, 0.975])
    # 30 compounds: a standard error of 0.09, not the 0.013 of 1500 signatures.
    assert high - low > 0.25


def test_draws_in_parts_are_the_same(monkeypatch):
    rng = np.random.default_rng(2)
    table = scores(rng.random(80), rng.random(80) < 0.5, rng.integers(0, 20, 80))
    whole = accuracy_at(table, draws=50)
    monkeypatch.setattr("svqvae.tl.evaluation.selective._MOST", 100)
    np.testing.assert_allclose(accuracy_at(table, draws=50), whole)


def test_the_table_has_every_model_beside_the_subject():
    rng = np.random.default_rng(3)
    right = rng.random(200) < 0.4
    sure = np.where(right, 0.8, 0.3) + 0.1 * rng.random(200)
    tables = {"ours": scores(sure, right), "rival": scores(rng.random(200), right)}
    found = risk_coverage({"signature": tables}, roles=ROLES, subject="ours", draws=100)
    assert len(found) == 2 * len(COVERAGES)
    assert (found["unit"] == "signature").all()
    fifth = found[np.isclose(found["coverage"], 0.2)].set_index("model")
    assert fifth.loc["ours", "accuracy"] == 1
    assert fifth.loc["ours", "difference"] == 0
    assert fifth.loc["rival", "difference_high"] < 0
    assert fifth.loc["rival", "role"] == "baseline"
    assert fifth.loc["ours", "n"] == 40
    assert fifth.loc["ours", "confidence"] == np.sort(sure)[::-1][39]
    whole = found[found["coverage"] == 1].set_index("model")["accuracy"]
    assert whole["ours"] == whole["rival"] == pytest.approx(right.mean())
    # The same compounds were drawn: where all are answered the two are one.
    assert found.loc[found["coverage"] == 1, "difference_low"].eq(0).all()


def test_seeds_are_averaged():
    one = scores(np.linspace(1, 0, 20), np.ones(20, dtype=bool))
    two = scores(np.linspace(1, 0, 20), np.zeros(20, dtype=bool)).assign(seed=1)
    both = pd.concat([one, two])
    np.testing.assert_allclose(accuracy_at(both, draws=3)[0], 0.5)
    found = risk_coverage({"signature": {"ours": both}}, roles=ROLES, subject="ours", draws=3)
    assert found["n"].iloc[-1] == 20
