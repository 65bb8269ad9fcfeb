"""Metrics against scikit-learn and by hand; intervals against known truth."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, top_k_accuracy_score

from svqvae.data.split import training_rows
from svqvae.models.registry import make_model
from svqvae.tl.evaluation import compare, evaluate
from svqvae.tl.evaluation.metrics import measured
from svqvae.tl.evaluation.resampling import (
    cluster_weights,
    percentile_interval,
)
from svqvae.tl.relations.similarity import held_out_similarity


@pytest.fixture(scope="module")
def scored(simulated):
    parts = []
    for fold in range(5):
        train = simulated[training_rows(simulated.obs, fold)].copy()
        model = make_model(train, preset="class_mean_cosine").train()
        parts.append(evaluate.score_held_out(model, simulated, fold=fold, seed=0))
    return tuple(pd.concat(tables) for tables in zip(*parts, strict=True))


def test_every_signature_is_held_out_once(scored, simulated):
    _, scores = scored
    assert sorted(scores["sig_id"]) == sorted(simulated.obs_names)


def test_metrics_equal_scikit_learn(simulated):
    train = simulated[training_rows(simulated.obs, 2)].copy()
    model = make_model(train, preset="class_mean").train()
    _, scores = evaluate.score_held_out(model, simulated, fold=2, seed=0)
    held_out = simulated[(simulated.obs["fold"] == 2).to_numpy()]
    raw = model.scores(np.asarray(held_out.X))
    truth = held_out.obs["class"].to_numpy()
    first = np.array(model.class_names)[raw.argmax(1)]
    value = compare.benchmark(scores, model="m", role="baseline").set_index("metric")["value"]
    assert value["accuracy"] == pytest.approx((first == truth).mean())
    assert value["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(truth, first))
    weights = 1 / pd.Series(truth).map(pd.Series(truth).value_counts()).to_numpy()
    top5 = top_k_accuracy_score(truth, raw, k=5, labels=model.class_names, sample_weight=weights)
    assert value["balanced_top5"] == pytest.approx(top5)
    at = [model.class_names.index(c) for c in truth]
    rank = (raw > raw[np.arange(len(at)), at][:, None]).sum(1) + 1
    assert value["mrr"] == pytest.approx((1 / rank).mean())
    error = ((model.reconstruct(np.asarray(held_out.X)) - held_out.X) ** 2).mean()
    assert value["reconstruction_mse"] == pytest.approx(error, rel=1e-5)
    own = ((model.codes[at] - held_out.X) ** 2).mean()
    assert value["class_profile_mse"] == pytest.approx(own, rel=1e-5)


def test_the_listed_rank_is_the_best_of_any_listed_class(simulated):
    classes = sorted(simulated.obs["class"].astype(str).unique())
    listed = simulated.copy()
    first = listed.obs["class"].astype(str)
    # Every other signature is listed with the next class too, and with one that no model knows.
    beside = dict(zip(classes, [*classes[1:], classes[0]], strict=True))
    several = np.arange(listed.n_obs) % 2 == 0
    listed.obs["listed_classes"] = first.where(~several, first + "|unheard of|" + first.map(beside))
    train = listed[training_rows(listed.obs, 0)].copy()
    model = make_model(train, preset="class_mean_cosine").train()
    _, scores = evaluate.score_held_out(model, listed, fold=0, seed=0)
    held_out = listed[(listed.obs["fold"] == 0).to_numpy()]
    order = np.argsort(-model.scores(np.asarray(held_out.X)), axis=1, kind="stable")
    rank = np.argsort(order, axis=1) + 1
    of = {c: rank[:, i] for i, c in enumerate(model.class_names)}
    own, lists = held_out.obs["class"].astype(str), held_out.obs["listed_classes"]
    expected = [
        min(of[c][i], of[beside[c]][i] if "|" in lists.iloc[i] else 99) for i, c in enumerate(own)
    ]
    assert scores["listed_rank"].tolist() == expected
    assert (scores["listed_rank"] < scores["true_rank"]).any()
    value = compare.benchmark(scores, model="m", role="baseline").set_index("metric")["value"]
    assert value["accuracy_any_listed"] >= value["accuracy"]


def test_predictions_name_the_pert_id_and_scores_the_compound(simulated):
    """The bootstrap draws compounds: ids that are one must not count as two."""
    two = simulated.copy()
    ids = two.obs["pert_id"].astype(str)
    first, second = sorted(ids[two.obs["fold"] == 0].unique())[:2]
    two.obs["compound"] = ids.replace({second: first})
    model = make_model(two[training_rows(two.obs, 0)].copy(), preset="class_mean").train()
    predictions, scores = evaluate.score_held_out(model, two, fold=0, seed=0)
    assert {first, second} <= set(predictions["pert_id"])
    assert first in set(scores["pert_id"])
    assert second not in set(scores["pert_id"])


def test_benchmark_is_tidy(scored):
    table = compare.benchmark(scored[1], model="m", role="model")
    assert list(table.columns) == ["model", "role", "fold", "seed", "metric", "value"]
    assert not table.duplicated(["model", "fold", "seed", "metric"]).any()
    assert len(table) == 5 * len(measured(scored[1]))


def test_predictions_keep_the_first_five_and_the_truth(scored):
    predictions, scores = scored
    by_signature = predictions.groupby("sig_id")
    assert (by_signature.size() >= 5).all()
    truth = predictions[predictions["predicted_class"] == predictions["true_class"]]
    found = truth.set_index("sig_id")["rank"]
    expected = scores.set_index("sig_id")["true_rank"]
    assert (found == expected.loc[found.index]).all()
    assert len(found) == len(expected)


def test_bootstrap_resamples_perturbagens_not_signatures():
    group = np.repeat([0, 1, 2, 3], [1, 5, 2, 4])
    weights = cluster_weights(group, draws=200)
    for g in range(4):
        inside = weights[:, group == g]
        assert (inside == inside[:, :1]).all()
    first = np.array([np.flatnonzero(group == g)[0] for g in range(4)])
    assert (weights[:, first].sum(1) == 4).all()


def test_cluster_bootstrap_covers_where_a_plain_one_would_not():
    rng = np.random.default_rng(0)
    covered = []
    for trial in range(150):
        effect = rng.normal(0, 1, 40)
        value = np.repeat(effect, 6) + rng.normal(0, 0.2, 240)
        weights = cluster_weights(np.repeat(np.arange(40), 6), draws=300, seed=trial)
        low, high = percentile_interval(weights @ value / weights.sum(1))
        covered.append(low <= 0 <= high)
    assert 0.88 <= np.mean(covered) <= 0.99


def test_confusion_rows_are_shares(scored):
    table = evaluate.confusion(scored[0])
    assert table.shape == (8, 8)
    assert table.sum(axis=1).to_numpy() == pytest.approx(np.ones(8))


def test_models_are_given_what_they_clip_to_and_held_against_the_data(simulated):
    wild = simulated.copy()
    wild.X = wild.X * 8
    train = wild[training_rows(wild.obs, 0)].copy()
    del train.uns["svqvae"]
    model = make_model(train, preset="vae", epochs=2).train()
    _, scores = evaluate.score_held_out(model, wild, fold=0, seed=0)
    part = wild[(wild.obs["fold"] == 0).to_numpy()]
    made = model.reconstruct(np.clip(part.X, -10, 10))
    expected = ((made - part.X) ** 2).mean(1)
    np.testing.assert_allclose(scores["reconstruction_mse"], expected, rtol=1e-4)


def test_repeated_signatures_keep_their_own_id(simulated):
    twice = simulated.copy()
    twice.obs_names = twice.obs_names + "|x"
    model = make_model(twice, preset="class_mean").train()
    predictions, scores = evaluate.score_held_out(model, twice, fold=1, seed=0)
    assert set(predictions["sig_id"]) == set(scores["sig_id"])
    assert set(scores["sig_id"]) <= set(simulated.obs_names)


@pytest.fixture(scope="module")
def without_one(simulated):
    """A model that was never given one of the classes, and that class."""
    missing = simulated.obs["class"].unique()[3]
    known = simulated[(simulated.obs["class"] != missing).to_numpy()].copy()
    return make_model(known, preset="class_mean_cosine").train(), missing


def test_a_class_that_the_model_cannot_name_is_wrong_everywhere(simulated, without_one):
    model, missing = without_one
    predictions, scores = evaluate.score_held_out(model, simulated, fold=1, seed=0)
    of_missing = (scores["class"] == missing).to_numpy()
    assert 0 < of_missing.sum() < len(scores)
    assert scores["true_rank"].isna().tolist() == of_missing.tolist()
    assert scores["class_profile_mse"].isna().tolist() == of_missing.tolist()
    assert scores["reconstruction_mse"].notna().all()
    # The first five are there, and nothing is said to be the true class.
    rows = predictions[predictions["true_class"] == missing]
    assert (
        rows.groupby("sig_id")["rank"].apply(list).tolist() == [[1, 2, 3, 4, 5]] * of_missing.sum()
    )
    assert missing not in set(rows["predicted_class"])

    def metrics(part):
        table = compare.benchmark(part, model="m", role="baseline")
        return table.set_index("metric")["value"]

    alone, known, both = metrics(scores[of_missing]), metrics(scores[~of_missing]), metrics(scores)
    for name in ("accuracy", "balanced_accuracy", "balanced_top5", "mrr"):
        assert alone[name] == 0
    assert np.isnan(alone["class_profile_mse"])
    share = (~of_missing).mean()
    assert both["accuracy"] == pytest.approx(share * known["accuracy"])
    assert both["mrr"] == pytest.approx(share * known["mrr"])
    assert both["balanced_accuracy"] == pytest.approx(7 / 8 * known["balanced_accuracy"])
    # An error over the signatures that have one.
    assert both["class_profile_mse"] == pytest.approx(known["class_profile_mse"])


def test_intervals_of_a_class_that_was_never_given_are_of_what_is_known(simulated, without_one):
    model, _ = without_one
    _, scores = evaluate.score_held_out(model, simulated, fold=1, seed=0)
    drawn = compare.bootstrap_metrics({"m": scores}, draws=50)["m"]
    assert np.isfinite(drawn["class_profile_mse"]).all()
    assert (drawn["mrr"][1:] <= 1).all()
    assert np.isfinite(drawn["mrr"]).all()


def test_a_class_that_no_model_has_has_no_similarity(simulated, without_one):
    model, missing = without_one
    found = held_out_similarity([(1, model)], simulated)
    part = simulated.obs[(simulated.obs["fold"] == 1).to_numpy()]
    classes = part.groupby("pert_id", observed=True)["class"].first().sort_index()
    np.testing.assert_array_equal(
        found.member, classes.to_numpy()[:, None] == np.array(model.class_names)
    )
    assert not found.member[(classes == missing).to_numpy()].any()


def test_models_of_other_classes_are_not_compared(simulated, without_one):
    model, _ = without_one
    whole = make_model(simulated, preset="class_mean_cosine").train()
    with pytest.raises(ValueError, match="fold 2 has other classes"):
        held_out_similarity([(1, model), (2, whole)], simulated)


def test_true_ranks_stay_whole_numbers_where_every_class_is_known(scored):
    assert scored[1]["true_rank"].dtype.kind == "i"
