"""The tables of the benchmark hold every model with its role, and compare the right ones."""

import numpy as np
import pandas as pd
import pytest

from svqvae.tl.evaluation.side_by_side import benchmark_tables

ROLES = {"ours": "model", "mean": "baseline", "other": "baseline"}


def scores(right, seed):
    """Return scores of 60 compounds in two classes, of which a share is right."""
    rng = np.random.default_rng(seed)
    rank = np.where(rng.random(60) < right, 1, 2)
    return pd.DataFrame(
        {
            "pert_id": [f"p{i}" for i in range(60)],
            "class": np.repeat(["a", "b"], 30),
            "fold": np.tile(["0", "1"], 30),
            "seed": 0,
            **dict.fromkeys(("true_rank", "micro_rank", "macro_rank"), rank),
            "strength": rng.uniform(1, 9, 60),
            "reconstruction_mse": 1.0,
            "class_profile_mse": 1.0,
            "confidence": 0.6,
        }
    )


def compounds(scores):
    """Return the same compounds, as if each had three signatures."""
    table = scores.rename(columns={"class": "true_class", "confidence": "probability"})
    wrong = table["true_class"].map({"a": "b", "b": "a"})
    said = table["true_class"].where(table["true_rank"] == 1, wrong)
    first = table.assign(rank=1, predicted_class=said, score=0.0, n_signatures=3)
    other = first.assign(rank=2, predicted_class=said.map({"a": "b", "b": "a"}))
    return pd.concat([first, other])


@pytest.fixture(scope="module")
def tables():
    made = {"ours": scores(0.95, 0), "mean": scores(0.5, 1), "other": scores(0.9, 2)}
    whole = {m: compounds(table) for m, table in made.items()}
    return benchmark_tables(made, whole, roles=ROLES, reference="mean", subject="ours", draws=200)


def test_every_model_is_there_with_its_role(tables):
    names = ("benchmark", "benchmark_summary", "benchmark_strength", "reliability", "calibration")
    for name in names:
        assert dict(zip(tables[name]["model"], tables[name]["role"], strict=True)) == ROLES, name
    assert set(tables["benchmark_comparisons"]["rival"]) == {"mean", "other"}


def test_the_better_is_better_than_the_reference_and_the_rival(tables):
    summary = tables["benchmark_summary"].set_index(["model", "metric"])
    assert summary.loc[("ours", "accuracy"), "difference_low"] > 0
    assert summary.loc[("mean", "accuracy"), "difference"] == 0
    rivals = tables["benchmark_comparisons"].set_index(["rival", "metric"])
    assert rivals.loc[("mean", "accuracy"), "ci_low"] > 0
    assert rivals.loc[("other", "accuracy"), "ci_low"] < 0.1


def test_confidence_is_held_against_what_is_right(tables):
    error = tables["calibration"].set_index("model")["ece"]
    accuracy = tables["benchmark_summary"].set_index(["model", "metric"])["value"]
    for name in ROLES:
        assert error[name] == pytest.approx(abs(accuracy[name, "accuracy"] - 0.6))


def test_compounds_stand_beside_signatures(tables):
    whole = tables["benchmark_by_compound"].set_index(["model", "metric"])
    # Here a compound is right where its signature is.
    assert (whole["value"] == whole["by_signature"]).all()
    assert (whole["signatures_per_compound"] == 3).all()
    curves = tables["risk_coverage"]
    assert set(curves["unit"]) == {"signature", "compound"}
    assert set(curves["model"]) == set(ROLES)
    assert (curves["subject"] == "ours").all()


def test_without_several_signatures_the_table_is_empty():
    made = {"ours": scores(0.9, 0), "mean": scores(0.5, 1)}
    whole = {m: compounds(table).iloc[:0] for m, table in made.items()}
    found = benchmark_tables(made, whole, roles=ROLES, reference="mean", subject="ours", draws=20)
    assert found["benchmark_by_compound"].empty
    assert set(found["risk_coverage"]["unit"]) == {"signature"}
