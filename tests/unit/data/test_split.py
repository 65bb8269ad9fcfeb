"""Folds hold out whole perturbagens, and every class is in every fold."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svqvae import keys
from svqvae.data.split import (
    assign_folds,
    held_out_rows,
    perturbagen_ids,
    perturbagens,
    predefined_folds,
    training_rows,
)
from svqvae.errors import SvqvaeError


def signatures(compounds_per_class, per_compound, seed=0):
    rng = np.random.default_rng(seed)
    rows = []
    for c, n in enumerate(compounds_per_class):
        for p in range(n):
            rows += [(f"pert-{c}-{p}", f"class {c}")] * int(rng.integers(1, per_compound + 1))
    table = pd.DataFrame(rows, columns=["pert_id", "class"])
    return table.sample(frac=1, random_state=seed).reset_index(drop=True)


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.integers(4, 12), min_size=2, max_size=6),
    per_compound=st.integers(1, 5),
    folds=st.integers(2, 4),
    seed=st.integers(0, 99),
)
def test_no_perturbagen_is_split_and_every_class_is_in_every_fold(sizes, per_compound, folds, seed):
    table = signatures(sizes, per_compound, seed)
    table["fold"] = assign_folds(table["pert_id"], table["class"], folds=folds, seed=seed)
    assert (table.groupby("pert_id")["fold"].nunique() == 1).all()
    assert set(table["fold"]) == set(range(folds))
    assert (table.groupby("class")["fold"].nunique() == folds).all()
    compounds = table.drop_duplicates("pert_id")["fold"].value_counts()
    assert compounds.max() - compounds.min() <= 1


def test_folds_do_not_depend_on_the_order_of_rows():
    table = signatures([6, 7, 8], 3)
    fold = pd.Series(assign_folds(table["pert_id"], table["class"], folds=3), table.index)
    turned = table.iloc[::-1]
    again = pd.Series(assign_folds(turned["pert_id"], turned["class"], folds=3), turned.index)
    assert fold.equals(again.sort_index())
    other = assign_folds(table["pert_id"], table["class"], folds=3, seed=1)
    assert not np.array_equal(fold, other)


def test_small_classes_are_all_named():
    table = signatures([2, 6, 3], 2)
    with pytest.raises(SvqvaeError) as error:
        assign_folds(table["pert_id"], table["class"], folds=5)
    message = str(error.value)
    assert "'class 0' (2)" in message
    assert "'class 2' (3)" in message
    assert "class 1" not in message


def test_training_and_held_out_rows_never_meet(simulated):
    for fold in range(5):
        train, held_out = training_rows(simulated.obs, fold), held_out_rows(simulated.obs, fold)
        assert not (train & held_out).any()
        assert (train | held_out).all()
        perts = simulated.obs["pert_id"]
        assert not set(perts[train]) & set(perts[held_out])
    assert training_rows(simulated.obs, "all").all()


def test_a_predefined_test_set_is_never_trained_on():
    obs = pd.DataFrame(
        {
            "pert_id": list("abcdef"),
            "class": list("xyxyxy"),
            "part": ["train"] * 4 + ["test"] * 2,
        }
    )
    obs[keys.FOLD] = predefined_folds(obs, column="part", group="pert_id")
    for fold in ("all", "test"):
        assert training_rows(obs, fold).tolist() == [True] * 4 + [False] * 2
    assert held_out_rows(obs, "test").tolist() == [False] * 4 + [True] * 2


def test_a_leaking_or_odd_test_set_is_refused():
    obs = pd.DataFrame(
        {"pert_id": list("aba"), "class": ["x", "x", "y"], "part": ["train", "train", "test"]}
    )
    with pytest.raises(SvqvaeError) as error:
        predefined_folds(obs, column="part", group="pert_id")
    assert "1 pert_id in train and test, first 'a'" in str(error.value)
    assert "classes only in test: y" in str(error.value)
    with pytest.raises(SvqvaeError, match="did you mean 'part'"):
        predefined_folds(obs, column="prat", group="pert_id")
    with pytest.raises(SvqvaeError, match="must say train and test"):
        predefined_folds(obs.assign(part="train"), column="part", group="pert_id")


def test_perturbagens_of_several_classes_cover_every_class():
    rng = np.random.default_rng(0)
    rows = []
    for i in range(60):
        classes = rng.choice(8, size=rng.integers(1, 3), replace=False)
        rows += [(f"p{i}", f"class {c}") for c in classes]
    table = pd.DataFrame(rows, columns=["pert_id", "class"])
    table["fold"] = assign_folds(table["pert_id"], table["class"], folds=4)
    assert (table.groupby("pert_id")["fold"].nunique() == 1).all()
    assert (table.groupby("class")["fold"].nunique() >= 2).all()
    second_only = pd.DataFrame(
        [(f"p{i}", "a") for i in range(6)] + [(f"p{i}", "b") for i in range(6)],
        columns=["pert_id", "class"],
    )
    assign_folds(second_only["pert_id"], second_only["class"], folds=5)  # b has six as well


def test_whole_cell_lines_may_be_held_out():
    table = pd.DataFrame(
        [(cell, c) for cell in ("A375", "PC3", "MCF7") for c in "xyz" for _ in range(4)],
        columns=["cell_id", "class"],
    )
    fold = assign_folds(table["cell_id"], table["class"], folds=3)
    assert (pd.Series(fold).groupby(table["cell_id"]).nunique() == 1).all()
    assert set(fold) == {0, 1, 2}


ROWS = {
    "compound": ["c1", None, None, None],
    "pert_id": [7, 8, None, None],
    "pert_iname": ["a", "b", "b", None],
    "cell_id": ["A375", "A375", "MCF7", "MCF7"],
}


@pytest.mark.parametrize(
    ("columns", "group", "expected"),
    [
        (ROWS, "cell_id", ["c1", "8", "b", "s3"]),
        ({"pert_id", "pert_iname"}, None, ["7", "8", "b", "s3"]),
        # The group is of cell lines, and no perturbagen, where there are ids.
        ({"pert_id", "cell_id"}, "cell_id", ["7", "8", "s2", "s3"]),
        # It is what is held out where there are none.
        ({"pert_iname", "cell_id"}, "cell_id", ["A375", "A375", "MCF7", "MCF7"]),
        ({"pert_iname"}, None, ["a", "b", "b", "s3"]),
        ({"cell_id"}, None, ["s0", "s1", "s2", "s3"]),
        ({"compound"}, None, ["c1", "s1", "s2", "s3"]),
    ],
)
@pytest.mark.parametrize("dtype", [object, "category"])
def test_a_missing_pert_id_is_replaced_in_one_order(columns, group, expected, dtype):
    table = pd.DataFrame({c: pd.Series(ROWS[c], dtype=object) for c in ROWS if c in columns})
    table = table.astype(dtype).set_axis([f"s{i}" for i in range(4)])
    adata = ad.AnnData(np.zeros((4, 1)), obs=table, uns={"svqvae": {"group": group}})
    assert perturbagens(adata).tolist() == expected
    without = perturbagen_ids(table.drop(columns="compound", errors="ignore"), group=group)
    by_id = ["7", "8", "b", "s3"] if columns is ROWS else [e.replace("c1", "s0") for e in expected]
    assert without.tolist() == by_id
    assert without.index.tolist() == table.index.tolist()


def test_classes_are_spread_evenly_where_perturbagens_have_several():
    """What a fold has of the perturbagen's classes decides, before how large it is."""
    classes_of = "BC CB A C AB C B BA CA B BC BC".split()
    rows = [(f"p{i}", one) for i, several in enumerate(classes_of) for one in several]
    table = pd.DataFrame(rows, columns=["pert_id", "class"])
    fold = assign_folds(table["pert_id"], table["class"], folds=3, seed=0)
    counts = pd.crosstab(table["class"], fold)
    assert (counts.max(axis=1) - counts.min(axis=1)).max() <= 1
