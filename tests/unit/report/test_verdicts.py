"""The cards say what the tables say: no winner where there is a tie, nothing beyond chance."""

import numpy as np
import pandas as pd
import pytest

from svqvae.report.verdicts import benchmark_verdict, cards, listed

FILTERS = pd.DataFrame(
    {"step": ["read", "kept"], "signatures": [965, 434], "perturbagens": [965, 434], "classes": 41}
)
LONG = "the longest name of a mechanism that one can think of, inhibitor"


def scores(values, width=0.05):
    rows = [(m, "model", "mrr_micro", v, v - width, v + width) for m, v in values.items()]
    columns = ["model", "role", "metric", "value", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=columns)


def differences(*rows):
    columns = ["model", "other", "metric", "difference", "ci_low", "ci_high"]
    return pd.DataFrame(
        [(a, b, "mrr_micro", 0.0, low, high) for a, b, low, high in rows], columns=columns
    )


def test_a_winner_is_named_only_where_it_differs_from_all_others():
    summary = scores({"ours": 0.4, "lda": 0.45, "mean": 0.3})
    apart = differences(("ours", "lda", -0.1, -0.01), ("lda", "mean", 0.1, 0.2))
    tables = {"benchmark_summary": summary, "differences": apart}
    assert benchmark_verdict(tables, {}) == "Ahead of all others: lda."
    level = differences(("ours", "lda", -0.1, 0.01), ("lda", "mean", 0.1, 0.2))
    tables = {"benchmark_summary": summary, "differences": level}
    assert benchmark_verdict(tables, {}) == "Best: lda and ours, level."
    # Without held-out scores nothing sets models apart.
    text = benchmark_verdict({"benchmark_summary": summary}, {})
    assert text == "Best: lda, ours and mean, level."


def test_what_is_no_better_than_chance_is_said():
    tables = {"benchmark_summary": scores({"ours": 0.4, "lda": 0.45})}
    assert benchmark_verdict(tables, {"mrr_micro": 0.5}).endswith("None is above chance.")
    assert "chance" not in benchmark_verdict(tables, {"mrr_micro": 0.1})
    assert benchmark_verdict({"benchmark_summary": scores({"a": 0.4})}, {}) == "Only a was scored."
    assert benchmark_verdict({}, {}) == "No scores."


def relations(q):
    pairs = {"class_a": ["a", "a", "b"], "class_b": ["b", "c", "c"]}
    return pd.DataFrame(pairs).assign(q_value=q)


@pytest.mark.parametrize(
    ("q", "verdict", "number"),
    [
        ([0.2, 0.01, 0.05], "Alike beyond chance, surest: a and c.", "2 of 3 pairs, q ≤ 0.05"),
        ([0.2, 0.3, 0.4], "No pair is alike beyond chance.", "0 of 3 pairs, q ≤ 0.05"),
        ([np.nan] * 3, "No held-out compounds: no pair could be tested.", "3 pairs"),
    ],
)
def test_relations_are_counted_by_q(q, verdict, number):
    tables = {"mechanism_correlations": relations(q)}
    card = cards({"filters": FILTERS}, tables, model="ours", chance={})[2]
    assert (card["verdict"], card["number"]) == (verdict, number)


@pytest.mark.parametrize(
    ("n_classes", "in_reach", "warning", "said"),
    [
        (49, 12, "For 37 of 49 classes ...", "For 37 of 49 classes a missing edge says little."),
        (5, 5, "Only 5 classes ...", "With 5 classes a missing edge says little."),
        (18, 18, "", "No pair is alike beyond chance."),
        (18, 18, np.nan, "No pair is alike beyond chance."),
    ],
)
def test_where_no_edge_says_nothing_the_card_says_so(n_classes, in_reach, warning, said):
    limits = {"n_classes": [n_classes], "in_reach": [in_reach], "warning": [warning]}
    tables = {
        "mechanism_correlations": relations([0.2, 0.3, 0.4]),
        "relation_test": pd.DataFrame(limits),
    }
    card = cards({"filters": FILTERS}, tables, model="ours", chance={})[2]
    assert card["verdict"].startswith("No pair is alike beyond chance.")
    assert card["verdict"].endswith(said)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.6, 0.8, "more alike"), (0.3, 0.45, "less alike"), (0.4, 0.8, "cannot be told")],
)
def test_known_pairs_are_told_only_where_the_interval_leaves_chance(low, high, said):
    known = {"model": ["ours"], "measure": "correlation", "n_pairs": 820, "n_related": 19}
    known = pd.DataFrame(known).assign(auroc=(low + high) / 2, auroc_low=low, auroc_high=high)
    card = cards({"filters": FILTERS, "known_relations": known}, {}, model="ours", chance={})[3]
    assert said in card["verdict"]
    assert card["verdict"].endswith("; 19 are known.")
    card = cards({"filters": FILTERS, "known_relations": known}, {}, model="lda", chance={})[3]
    assert card["verdict"] == "19 of 820 pairs are known; not compared."


def test_known_pairs_that_are_found_are_counted_whoever_is_the_subject():
    known = {"model": ["ours"], "measure": "correlation", "n_pairs": 3, "n_related": 2}
    known = pd.DataFrame(known).assign(auroc=0.7, auroc_low=0.6, auroc_high=0.8)
    pairs = {"class_a": ["b", "a", "b"], "class_b": ["a", "c", "c"]}
    pairs = pd.DataFrame(pairs).assign(outcome=["missed", "found", "new"])
    tables = {"filters": FILTERS, "known_relations": known, "known_pairs": pairs}
    mine = {"mechanism_correlations": relations([0.01, 0.2, 0.01])}
    card = cards(tables, mine, model="ours", chance={})[3]
    assert card["verdict"] == "Known pairs are more alike than others; 1 of 2 are beyond chance."


def test_probabilities_are_trusted_by_the_end_of_the_interval():
    def verdict(ece, high):
        row = pd.DataFrame({"model": ["ours"], "ece": ece, "ece_low": 0.0, "ece_high": high})
        tables = {"filters": FILTERS, "calibration": row}
        return cards(tables, {}, model="ours", chance={})[4]["verdict"]

    assert "close to the truth" in verdict(0.03, 0.04)
    assert "roughly right" in verdict(0.03, 0.2)
    assert "read them as ranks" in verdict(0.2, 0.3)
    assert "not known" in verdict(np.nan, np.nan)


def test_the_first_screen_is_short():
    summary = scores({f"model {i}": 0.4 for i in range(15)})
    row = pd.DataFrame({"model": ["model 0"], "ece": 0.03, "ece_low": 0.01, "ece_high": 0.04})
    known = {"model": ["model 0"], "measure": "correlation", "n_pairs": 820, "n_related": 19}
    known = pd.DataFrame(known).assign(auroc=0.7, auroc_low=0.6, auroc_high=0.8)
    tables = {"filters": FILTERS, "benchmark_summary": summary, "calibration": row}
    tables["known_relations"] = known
    pairs = relations([0.01] * 3).replace({"a": LONG, "b": f"another of {LONG}"})
    mine = {"mechanism_correlations": pairs}
    found = cards(tables, mine, model="model 0", chance={"mrr_micro": 0.1})
    texts = [" ".join((c["title"], c["verdict"], c["number"])) for c in found]
    assert len(" ".join(texts).split()) <= 100
    assert [c["key"] for c in found] == ["input", "benchmark", "relations", "known", "trust"]


def test_lists_name_the_first_few():
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
