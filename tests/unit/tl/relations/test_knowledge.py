"""Relations held against known pairs: typical targets, overlap, AUROC against a known truth."""

import numpy as np
import pandas as pd
import pytest

from svqvae.errors import SvqvaeError
from svqvae.tl.relations import knowledge
from svqvae.tl.relations.knowledge import (
    agreement,
    class_targets,
    known_pair_table,
    known_pairs,
    planted_pairs,
    read_relations,
    relation_agreement,
    share_targets,
)
from svqvae.tl.relations.relations import relation_table


@pytest.fixture
def obs():
    # Class a: five compounds, T1 in two (40 %), T2 in one; p1 measured three times.
    rows = [("a", "p1", "T1|T2")] * 3
    rows += [("a", "p2", "T1"), ("a", "p3", None), ("a", "p4", None), ("a", "p5", None)]
    rows += [("b", "q1", "T1|T3"), ("b", "q2", "T1|T3"), ("c", "r1", "T9"), ("c", "r2", None)]
    return pd.DataFrame(rows, columns=["class", "pert_id", "target"])


def test_a_target_is_typical_by_compounds_not_signatures(obs):
    found = class_targets(obs, ["a", "b", "c"])
    assert found == [{"T1"}, {"T1", "T3"}, set()]


def test_a_rare_target_of_a_large_class_is_not_typical():
    obs = pd.DataFrame(
        {
            "class": "a",
            "pert_id": [f"p{i}" for i in range(11)],
            "target": ["T1"] * 2 + ["T2"] * 3 + [None] * 6,
        }
    )
    assert class_targets(obs, ["a"]) == [{"T2"}]  # T1: two of eleven, under a fifth


def test_ids_of_one_compound_count_once():
    obs = pd.DataFrame({"class": "a", "pert_id": ["p", "q"], "compound": "p", "target": "T1"})
    assert class_targets(obs, ["a"]) == [set()]


def test_targets_are_those_of_all_rows_of_a_compound_each_once():
    rows = [("p", None), ("p", "T1"), ("q", "T1|T1"), ("r", "T2|T2"), ("s", None)]
    obs = pd.DataFrame(rows, columns=["pert_id", "target"]).assign(**{"class": "a"})
    assert class_targets(obs, ["a"]) == [{"T1"}]


def test_overlap_is_jaccard(obs):
    found = share_targets([{"x", "y"}, {"y", "z"}, set(), {"x"}])
    expected = np.array([[1, 1 / 3, 0, 0.5], [1 / 3, 1, 0, 0], [0, 0, 0, 0], [0.5, 0, 0, 1]])
    np.testing.assert_allclose(found, expected)
    assert share_targets([set(), set()]).tolist() == [[0, 0], [0, 0]]
    related = known_pairs(obs, ["a", "b", "c"])
    assert related.tolist() == [[False, True, False], [True, False, False], [False] * 3]


def test_a_list_of_relations_is_read_both_ways(obs, tmp_path):
    path = tmp_path / "known.tsv"
    path.write_text("class_a\tclass_b\nc\ta\nc\telsewhere\n")
    assert known_pairs(obs, ["a", "b", "c"], path).tolist() == [
        [False, False, True],
        [False, False, False],
        [True, False, False],
    ]
    path.write_text("class_a\tclass_b\nkinase inhibitr\tx\n")
    with pytest.raises(SvqvaeError, match="did you mean 'kinase inhibitor'"):
        read_relations(path, ["kinase inhibitor", "b"])
    path.write_text("class_a\tclassb\na\tb\n")
    with pytest.raises(SvqvaeError, match="no column 'class_b'; did you mean"):
        read_relations(path, ["a", "b"])


def test_a_misspelt_class_of_the_list_is_named_with_the_nearest(tmp_path, caplog):
    path = tmp_path / "related.tsv"
    path.write_text(
        "class_a\tclass_b\nCDK inhibitor\tPARP inhibitor\nCDK inhibitr\tPARP inhibitor\n"
    )
    with caplog.at_level("WARNING", logger="svqvae"):
        read_relations(path, ["CDK inhibitor", "PARP inhibitor"])
    assert "1 of 2 pairs are left out" in caplog.text
    assert "'CDK inhibitr'; did you mean 'CDK inhibitor'" in caplog.text


def test_agreement_is_the_auroc_of_pairs_with_an_interval_around_it():
    rng = np.random.default_rng(0)
    n = 40
    related = np.triu(rng.random((n, n)) < 0.1, 1)
    related |= related.T
    noise = np.triu(rng.normal(size=(n, n)), 1)
    similarity = related * 1.0 + noise + noise.T
    found = agreement(similarity, related, draws=200)
    first, second = np.triu_indices(n, 1)
    truth, value = related[first, second], similarity[first, second]
    greater = (value[truth][:, None] > value[~truth]).mean()
    assert found["auroc"] == pytest.approx(greater)
    assert found["auroc_low"] < found["auroc"] < found["auroc_high"]
    assert 0.6 < found["auroc_low"] < found["auroc_high"] < 0.9
    assert found["n_pairs"] == 780
    assert found["n_related"] == truth.sum()


def test_the_interval_covers_what_holds_for_all_classes():
    """Classes drawn from many: the interval over classes holds the AUROC of them all."""
    rng = np.random.default_rng(1)
    n, size = 400, 40
    group = rng.integers(40, size=n)
    hub = rng.normal(size=n)  # pairs of one class hang together
    related = group[:, None] == group
    noise = rng.normal(size=(n, n))
    similarity = related + (hub[:, None] + hub) / 2 + (noise + noise.T) / 2
    np.fill_diagonal(related, val=False)
    truth = agreement(similarity, related, draws=2)["auroc"]
    covered = 0
    for _ in range(40):
        at = rng.choice(n, size, replace=False)
        found = agreement(similarity[np.ix_(at, at)], related[np.ix_(at, at)], draws=200)
        covered += found["auroc_low"] <= truth <= found["auroc_high"]
    assert covered >= 34


def test_nothing_related_is_no_figure():
    found = agreement(np.eye(4), np.zeros((4, 4), dtype=bool))
    assert found == {"n_pairs": 6, "n_related": 0}


@pytest.fixture
def relations():
    codes = np.random.default_rng(0).normal(size=(6, 9))
    codes[1] = codes[0] + 0.1 * codes[2]
    table = relation_table(list("abcdef"), codes)
    pair = table["class_a"] + table["class_b"]
    q = pair.map({"ab": 0.01, "ef": 0.02}).fillna(0.8)
    return table.assign(p_value=q / 2, q_value=q, edge_support=1.0)


def test_each_measure_is_held_against_them(relations):
    related = planted_pairs(pd.DataFrame({"group": list("xxyzzu")}, index=list("abcdef")), "abcdef")
    assert related.sum() == 4
    table = relation_agreement(relations, related, draws=100).set_index("measure")
    assert set(table.index) == {"correlation", "specific_correlation", "significance"}
    assert table.loc["correlation", "auroc"] > 0.5
    unknown = relations.assign(p_value=np.nan)
    assert "significance" not in set(relation_agreement(unknown, related)["measure"])


def test_pairs_are_found_missed_or_new(relations):
    related = np.zeros((6, 6), dtype=bool)
    for i, j in ((0, 1), (2, 3)):
        related[i, j] = related[j, i] = True
    targets = [{"T1", "T2"}, {"T1", "T2", "T3"}, {"T4"}, {"T4"}, set(), set()]
    table = known_pair_table(relations, related, targets)
    assert (table["class_a"] + table["class_b"]).tolist() == ["ab", "cd", "ef"]
    assert table["outcome"].tolist() == ["found", "missed", "new"]
    assert table["shared_targets"].tolist() == ["T1|T2", "T4", ""]
    assert table["rank"].iloc[0] == 1
    assert known_pair_table(relations, related)["shared_targets"].eq("").all()


@pytest.mark.parametrize("cells", [4 << 20, 300])
def test_areas_of_many_draws_are_those_of_scikit_learn(monkeypatch, cells):
    from sklearn.metrics import average_precision_score, roc_auc_score

    monkeypatch.setattr(knowledge, "_CELLS", cells)  # in several parts too
    rng = np.random.default_rng(0)
    pair = np.triu_indices(12, 1)
    truth = rng.random(66) < 0.2
    value = rng.integers(12, size=66) / 4  # with ties
    counts = rng.integers(4, size=(50, 12))
    counts[3] = np.arange(12) == 5  # a draw without a pair
    found = knowledge._auroc_and_precision(truth, value, pair, counts)
    weights = counts[:, pair[0]] * counts[:, pair[1]]
    assert np.isnan(found).all(0).nonzero()[0].tolist() == [3]
    assert np.isfinite(found[:, np.arange(50) != 3]).all()
    for at, measure in enumerate((roc_auc_score, average_precision_score)):
        wanted = [measure(truth, value, sample_weight=w) for w in weights if w.any()]
        assert np.delete(found[at], 3) == pytest.approx(wanted, abs=1e-12)


def test_a_missing_similarity_is_the_least():
    related = np.zeros((4, 4), dtype=bool)
    related[0, 1] = related[1, 0] = True
    similarity = np.arange(16.0).reshape(4, 4)
    similarity[0, 1] = np.nan
    assert agreement(similarity, related, draws=50)["auroc"] == 0
