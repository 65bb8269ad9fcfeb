"""Who is level with whom, by how much models differ, and what chance gives."""

import numpy as np
import pandas as pd
import pytest

from svqvae.report import sides
from svqvae.tl.evaluation.compare import bootstrap_metrics, compare


@pytest.fixture(scope="module")
def scores():
    rng = np.random.default_rng(0)

    def of(worst):
        rank = rng.integers(1, worst + 1, 60)
        return pd.DataFrame(
            {
                "pert_id": [f"p{i // 2}" for i in range(60)],
                "class": [f"c{i // 20}" for i in range(60)],
                "fold": 0,
                "seed": 0,
                **dict.fromkeys(("true_rank", "micro_rank", "macro_rank"), rank),
                "reconstruction_mse": np.nan,
                "class_profile_mse": 1.0 * rank,
            }
        )

    return {"good": of(2), "alike": of(2), "bad": of(9)}


def test_differences_are_those_of_the_paired_comparison(scores):
    pairs = sides.differences(scores)
    roles = dict.fromkeys(scores, "model")
    expected = compare(bootstrap_metrics(scores), roles=roles, subject="good")
    for row in expected[expected["metric"] == "mrr"].itertuples():
        mine = pairs[(pairs["other"] == row.rival) & (pairs["model"] == "good")]
        mine = mine.set_index("metric").loc["mrr"]
        assert mine["difference"] == row.difference
        assert (mine["ci_low"], mine["ci_high"]) == (row.ci_low, row.ci_high)
    assert set(zip(pairs["model"], pairs["other"], strict=True)) == {
        ("good", "alike"),
        ("good", "bad"),
        ("alike", "bad"),
    }
    assert "reconstruction_mse" not in set(pairs["metric"])  # no model has one


def summary(values):
    rows = [(m, "model", "mrr_micro", v, v - 0.05, v + 0.05) for m, v in values.items()]
    columns = ["model", "role", "metric", "value", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=columns)


def pairs(*rows):
    columns = ["model", "other", "metric", "difference", "ci_low", "ci_high"]
    return pd.DataFrame(
        [(a, b, "mrr_micro", 0.0, low, high) for a, b, low, high in rows], columns=columns
    )


def test_level_are_those_whose_interval_holds_0():
    table = summary({"a": 0.5, "b": 0.6, "c": 0.2})
    found = pairs(("a", "b", -0.2, 0.01), ("b", "c", 0.1, 0.5), ("a", "c", -1, 1))
    rows, level = sides.standing(table, found)
    assert rows["model"].tolist() == ["b", "a", "c"]
    assert level == ["b", "a"]
    # Nothing sets apart what was not compared.
    assert sides.standing(table, pairs())[1] == ["b", "a", "c"]


def test_chance_is_a_random_order_of_the_classes():
    filters = pd.DataFrame({"classes": [9, 4]})
    found = sides.chance({"filters": filters})
    assert found["balanced_accuracy"] == 0.25
    assert found["balanced_top5"] == 1
    assert found["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert sides.chance({}) == {}


def test_where_signatures_count_alike_chance_knows_the_sizes_of_classes():
    scores = pd.DataFrame({"pert_id": list("stuuvwxx"), "class": list("aaaabbbc")})
    filters = pd.DataFrame({"classes": [3]})
    found = sides.chance({"filters": filters}, scores)
    assert found["accuracy"] == 1 / 2
    assert found["mrr"] == found["mrr_micro"] == pytest.approx(1 / 2 + 3 / 8 / 2 + 1 / 8 / 3)
    assert found["mrr_macro"] == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert found["balanced_accuracy"] == pytest.approx(1 / 3)
    # Where compounds are scored, compounds are counted.
    heads = {
        "filters": filters,
        "benchmark_by_compound": pd.DataFrame({"signatures_per_compound": [2.0]}),
    }
    of_compounds = sides.chance(heads, scores)
    assert of_compounds["mrr"] == pytest.approx(3 / 7 + 3 / 7 / 2 + 1 / 7 / 3)
