"""Calibration of scores of which the right probabilities are known."""

import numpy as np
import pandas as pd
import pytest

from svqvae.tl.evaluation.reliability import reliability


def scores(confidence, chance, n=20_000, per_compound=1):
    rng = np.random.default_rng(0)
    confidence = np.broadcast_to(confidence(rng, n), n)
    right = rng.random(n) < chance(confidence)
    compound = np.arange(n) // per_compound
    return pd.DataFrame(
        {"pert_id": compound, "confidence": confidence, "true_rank": np.where(right, 1, 2)}
    )


def test_probabilities_that_are_right_have_no_error():
    bins, error = reliability(scores(lambda r, n: r.random(n), lambda c: c), draws=200)
    assert error["ece"] < 0.01
    assert list(bins["bin"]) == list(range(10))
    np.testing.assert_allclose(bins["confidence"], bins["accuracy"], atol=0.04)
    assert (bins["ci_low"] <= bins["accuracy"]).all()


def test_overconfidence_is_its_size():
    table = scores(lambda r, n: np.full(n, 0.9), lambda c: np.full(len(c), 0.7))
    bins, error = reliability(table, draws=200)
    assert error["ece"] == pytest.approx(0.2, abs=0.02)
    assert error["ece_low"] < 0.2 < error["ece_high"]
    assert len(bins) == 1
    assert bins["n"].sum() == len(table)


def test_compounds_are_drawn_not_signatures():
    rng = np.random.default_rng(1)
    right = np.repeat(rng.random(30) < 0.6, 50)
    table = pd.DataFrame(
        {
            "pert_id": np.repeat(np.arange(30), 50),
            "confidence": 0.65,
            "true_rank": np.where(right, 1, 3),
        }
    )
    bins, _ = reliability(table, draws=400)
    # 30 compounds: a standard error of 0.09, not the 0.013 of 1500 signatures.
    assert bins["ci_high"][0] - bins["ci_low"][0] > 0.25
