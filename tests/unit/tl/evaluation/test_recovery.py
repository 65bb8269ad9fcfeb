"""What was planted is found by codes that hold it, and not by codes that do not."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from svqvae.tl.evaluation.recovery import QUANTITIES, recovery_of_models

NAMES = [f"c{i}" for i in range(6)]
ROLES = {"finds": "model", "guesses": "baseline"}


@pytest.fixture(scope="module")
def truth():
    """Three groups of two classes that share most of their profile."""
    rng = np.random.default_rng(0)
    profiles = np.repeat(rng.standard_normal((3, 40)), 2, axis=0)
    profiles += 0.1 * rng.standard_normal((6, 40))
    obs = pd.DataFrame({"group": np.repeat(list("xyz"), 2)}, index=NAMES)
    return ad.AnnData(profiles, obs=obs, var=pd.DataFrame(index=[f"g{i}" for i in range(40)]))


@pytest.fixture(scope="module")
def table(truth):
    found = ad.AnnData(truth.X, obs=pd.DataFrame(index=NAMES), var=truth.var)
    found.obsm["X_code"], found.obs["cluster"] = np.asarray(truth.X), [1, 1, 2, 2, 3, 3]
    guessed = ad.AnnData(-np.asarray(truth.X), obs=pd.DataFrame(index=NAMES), var=truth.var)
    guessed.obsm["X_code"] = np.random.default_rng(1).standard_normal((6, 40))
    guessed.obs["cluster"] = [1, 2, 3, 1, 2, 3]
    classes = {"finds": found, "guesses": guessed}
    codes = {"finds": [np.asarray(truth.X)] * 2, "guesses": []}
    return recovery_of_models(classes, truth, codes, roles=ROLES)


def test_codes_that_hold_the_truth_find_it(table):
    value = table[table["model"] == "finds"].set_index("quantity")["value"]
    assert value.to_dict() == pytest.approx(dict.fromkeys(QUANTITIES, 1.0))


def test_codes_that_do_not_find_less(table):
    value = table[table["model"] == "guesses"].set_index("quantity")["value"]
    assert value["cluster_ari"] < 0.1
    assert value["profile_correlation"] == pytest.approx(-1)


def test_the_table_names_model_and_role_and_the_range_over_folds(table):
    assert list(table.columns) == ["model", "role", "quantity", "value", "fold_min", "fold_max"]
    assert dict(zip(table["model"], table["role"], strict=True)) == ROLES
    ranges = table[table["quantity"] == "cluster_ari"].set_index("model")
    assert ranges.loc["finds", ["fold_min", "fold_max"]].tolist() == [1.0, 1.0]
    assert ranges.loc["guesses", ["fold_min", "fold_max"]].isna().all()
