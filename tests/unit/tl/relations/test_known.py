"""Models held against what is known: planted groups, a list, or targets that are shared."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from svqvae.tl.relations.known import RIVAL, known_tables
from svqvae.tl.relations.relations import relation_table

NAMES = [f"c{i}" for i in range(6)]
GROUPS = pd.DataFrame({"group": np.repeat(list("xyz"), 2)}, index=NAMES)
ROLES = {"ours": "model", "noise": "baseline"}


@pytest.fixture(scope="module")
def relations():
    rng = np.random.default_rng(0)
    codes = np.repeat(rng.standard_normal((3, 50)), 2, axis=0) + rng.normal(0, 0.3, (6, 50))
    tables = {"ours": codes, "noise": rng.standard_normal((6, 50))}
    return {name: relation_table(NAMES, z) for name, z in tables.items()}


@pytest.fixture(scope="module")
def adata():
    """Three compounds a class, whose signatures are alike within planted groups."""
    rng = np.random.default_rng(1)
    shared = np.repeat(rng.standard_normal((3, 40)), 6, axis=0)
    obs = pd.DataFrame(
        {
            "class": np.repeat(NAMES, 3),
            "pert_id": [f"p{i}" for i in range(18)],
            # Classes of groups x and y share a target; those of z have none.
            "target": [*["T1"] * 6, *["T2"] * 6, *[None] * 6],
        },
        index=[f"s{i}" for i in range(18)],
    )
    return ad.AnnData((shared + rng.normal(0, 0.5, (18, 40))).astype(np.float32), obs=obs)


def held(relations, adata, **settings):
    return known_tables(relations, adata, subject="ours", roles=ROLES, draws=50, **settings)


def test_planted_groups_are_told_by_the_codes_that_hold_them(relations, adata):
    table = held(relations, adata, truth=GROUPS)["known_relations"]
    assert list(table.columns[:3]) == ["model", "role", "measure"]
    codes = table[table["measure"] == "correlation"].set_index("model")
    assert codes["n_related"].tolist() == [3, 3]
    assert codes.loc["ours", "auroc"] == 1
    assert codes.loc["noise", "auroc"] < 1
    assert codes["role"].to_dict() == ROLES


def test_the_rival_without_a_model_comes_last(relations, adata):
    last = held(relations, adata, truth=GROUPS)["known_relations"].iloc[-1]
    assert (last["model"], last["role"]) == (RIVAL, "baseline")
    assert last["measure"] == "median_rank_similarity"
    assert last["auroc"] == 1


def test_without_truth_and_list_classes_are_related_that_share_targets(relations, adata):
    tables = held(relations, adata)
    assert set(tables["known_relations"]["n_related"]) == {2}
    pairs = tables["known_pairs"]
    assert set(zip(pairs["class_a"], pairs["class_b"], strict=True)) == {("c0", "c1"), ("c2", "c3")}
    assert sorted(pairs["shared_targets"]) == ["T1", "T2"]


def test_a_list_wins_over_targets(relations, adata, tmp_path):
    (tmp_path / "known.tsv").write_text("class_a\tclass_b\nc4\tc5\n")
    pairs = held(relations, adata, known=tmp_path / "known.tsv")["known_pairs"]
    assert pairs[["class_a", "class_b", "outcome"]].to_numpy().tolist() == [["c4", "c5", "missed"]]
