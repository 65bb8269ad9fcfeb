"""Held-out compounds by all their signatures: each once, by a model that never saw it."""

import numpy as np
import pandas as pd
import pytest

from svqvae.data.split import training_rows
from svqvae.models.registry import make_model
from svqvae.tl.evaluation.by_compound import (
    COLUMNS,
    benchmark_by_compound,
    compound_scores,
    predict_compounds,
)
from svqvae.tl.evaluation.compare import bootstrap_metrics, summarise
from svqvae.tl.evaluation.evaluate import score_fold_models
from svqvae.tl.evaluation.fold_models import FoldModel


@pytest.fixture(scope="module")
def models(simulated):
    return [
        FoldModel(
            str(fold),
            0,
            make_model(
                simulated[training_rows(simulated.obs, fold)], preset="class_mean_cosine"
            ).train(),
        )
        for fold in range(5)
    ]


@pytest.fixture(scope="module")
def predictions(models, simulated):
    return predict_compounds(models, simulated)


def test_every_compound_is_predicted_once_by_all_its_signatures(predictions, simulated):
    assert list(predictions) == COLUMNS
    first = predictions[predictions["rank"] == 1]
    assert sorted(first["pert_id"]) == sorted(simulated.obs["pert_id"].unique())
    assert (first["n_signatures"] == 4).all()
    truth = simulated.obs.drop_duplicates("pert_id").set_index("pert_id")[["class", "fold"]]
    assert (first["true_class"] == truth.loc[first["pert_id"], "class"].to_numpy()).all()
    assert (first["fold"].astype(int) == truth.loc[first["pert_id"], "fold"].to_numpy()).all()
    # The first five, and the true class wherever it stands.
    assert predictions.groupby("pert_id").size().between(5, 6).all()


def test_scores_are_ranks_and_confidence(predictions):
    scores = compound_scores(predictions)
    assert len(scores) == predictions["pert_id"].nunique()
    right = scores["true_rank"] == 1
    first = predictions[predictions["rank"] == 1].set_index("pert_id")
    same = first["true_class"] == first["predicted_class"]
    assert right.tolist() == same[scores["pert_id"]].tolist()
    np.testing.assert_allclose(scores["confidence"], first["probability"][scores["pert_id"]])


def test_a_class_that_a_model_cannot_name_has_no_rank(models, simulated):
    renamed = simulated.copy()
    renamed.obs["class"] = renamed.obs["class"].astype(str)
    compound = renamed.obs["pert_id"].iloc[0]
    renamed.obs.loc[renamed.obs["pert_id"] == compound, "class"] = "never seen"
    scores = compound_scores(predict_compounds(models, renamed)).set_index("pert_id")
    assert np.isnan(scores.loc[compound, "true_rank"])
    assert scores["true_rank"].isna().sum() == 1


def test_a_compound_of_two_classes_is_scored_by_each_with_its_own_signatures(models, simulated):
    # As labels.policy: duplicate leaves it.
    compound = simulated.obs["pert_id"].iloc[0]
    other = simulated.obs["class"].iloc[-1]
    twice = simulated[simulated.obs["pert_id"] == compound].copy()
    twice.obs["class"] = other
    twice.obs_names = [f"{name}:again" for name in twice.obs_names]
    import anndata as ad

    both = ad.concat([simulated, twice])
    both.uns["svqvae"] = simulated.uns["svqvae"]
    scores = compound_scores(predict_compounds(models, both))
    mine = scores[scores["pert_id"] == compound]
    assert set(mine["class"]) == {simulated.obs["class"].iloc[0], other}
    assert mine["n_signatures"].tolist() == [4, 4]
    assert mine["confidence"].nunique() == 1


def test_where_each_compound_has_one_signature_there_is_nothing_to_say(models, simulated):
    single = simulated[~simulated.obs["pert_id"].duplicated().to_numpy()].copy()
    table = predict_compounds(models, single)
    assert len(table) == 0
    assert list(table) == COLUMNS
    assert list(compound_scores(table)) == [
        *("pert_id", "class", "fold", "seed", "n_signatures", "confidence", "true_rank")
    ]


def test_the_benchmark_has_compounds_beside_signatures(models, simulated, predictions):
    _, scores = score_fold_models(models, simulated)
    roles = {"a": "model", "b": "baseline"}
    both = dict.fromkeys(roles, scores)
    summary = summarise(bootstrap_metrics(both, draws=50), roles=roles, reference="b")
    whole = dict.fromkeys(roles, compound_scores(predictions))
    table = benchmark_by_compound(whole, summary, roles=roles, reference="b", draws=50)
    assert set(table["metric"]) == {"accuracy", "balanced_accuracy", "balanced_top5", "mrr"}
    row = table[(table["model"] == "a") & (table["metric"] == "accuracy")].iloc[0]
    assert row["value"] > row["by_signature"] == (scores["true_rank"] == 1).mean()
    assert row["ci_low"] <= row["value"] <= row["ci_high"]
    assert row["n_compounds"] == 40
    assert row["signatures_per_compound"] == 4
    none = {m: t.iloc[:0] for m, t in whole.items()}
    empty = benchmark_by_compound(none, summary, roles=roles, reference="b", draws=50)
    assert list(empty) == list(table)
    assert isinstance(empty, pd.DataFrame) and empty.empty
