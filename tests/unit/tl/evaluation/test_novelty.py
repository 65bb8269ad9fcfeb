"""Novelty is evaluated on classes that were left out of training."""

import numpy as np
import pandas as pd
import pytest

from svqvae.tl.evaluation import novelty
from svqvae.tl.evaluation.novelty import evaluate_novelty
from svqvae.tl.evaluation.resampling import cluster_weights
from svqvae.tl.evaluation.two_sample import weighted_auc


class Recorder:
    """A model whose novelty is 1 for signatures far from what it was trained on, with errors."""

    def __init__(self, adata, **settings):
        self.seen = adata

    def train_scores(self, *, seed):
        pass

    def scored(self, part):
        x, seen = np.asarray(part.X), np.asarray(self.seen.X)
        yield np.abs(x[:, None] - seen[None]).sum(2).min(1, keepdims=True)

    def novelty(self, scores):
        return scores[:, 0]


def test_every_class_is_unknown_once_and_no_evaluated_compound_was_trained_on(
    simulated, monkeypatch
):
    seen = []

    def make(adata, **settings):
        seen.append(adata.obs[["class", "fold", "pert_id"]].copy())
        return Recorder(adata, **settings)

    monkeypatch.setattr(novelty, "make_model", make)
    names = set(simulated.obs["class"])
    table = evaluate_novelty(simulated, {}, folds=range(5), draws=50)
    assert table["class"].iloc[0] == "all"
    assert set(table["class"][1:]) == names
    unknown = [names - set(obs["class"]) for obs in seen]
    assert sorted(c for part in unknown for c in part) == sorted(names)
    for fold, obs in enumerate(seen):
        assert fold not in set(obs["fold"])


def test_an_unknown_class_is_detected(simulated):
    adata = simulated.copy()
    table = evaluate_novelty(
        adata, {"preset": "svqvae", "epochs": 2, "hidden": 8}, folds=range(5), draws=200
    )
    row = table.iloc[0]
    assert row["ci_low"] < row["auroc"] < row["ci_high"]
    assert row["auroc"] > 0.6
    assert row["n_signatures"] == adata.n_obs


def test_two_classes_cannot_be_evaluated(simulated):
    two = simulated[simulated.obs["class"].isin(sorted(set(simulated.obs["class"]))[:2])]
    assert evaluate_novelty(two, {"preset": "svqvae"}, folds=range(5)).empty


def test_scores_that_say_nothing_give_no_better_than_chance(simulated, monkeypatch):
    class Blind(Recorder):
        def novelty(self, scores):
            return np.random.default_rng(0).random(len(scores))

    monkeypatch.setattr(novelty, "make_model", Blind)
    row = evaluate_novelty(simulated, {}, folds=range(5), draws=200).iloc[0]
    assert row["ci_low"] < 0.5 < row["ci_high"]
    assert row["auroc"] == pytest.approx(0.5, abs=0.1)


def test_draws_a_few_at_a_time_are_the_same_draws(monkeypatch):
    rng = np.random.default_rng(0)
    n = 300
    rows = pd.DataFrame(
        {
            "unknown": rng.random(n) < 0.3,
            "novelty": rng.random(n),
            "pert_id": rng.integers(40, size=n).astype(str),
        }
    )
    whole = novelty._drawn_auroc(rows, draws=50, seed=1)
    monkeypatch.setattr(novelty, "_MOST", 7 * n)
    np.testing.assert_array_equal(novelty._drawn_auroc(rows, draws=50, seed=1), whole)
    weights = cluster_weights(rows["pert_id"].to_numpy(), draws=50, seed=1)
    unknown, score = rows["unknown"].to_numpy(), rows["novelty"].to_numpy()
    expected = weighted_auc(
        score[~unknown], score[unknown], weights[:, ~unknown], weights[:, unknown]
    )
    np.testing.assert_array_equal(whole, expected)
