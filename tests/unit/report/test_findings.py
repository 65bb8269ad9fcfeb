"""The sentences say what the tables say, a winning baseline included."""

import numpy as np
import pandas as pd
import pytest

from svqvae.report import findings, mechanisms


def relations(q, support):
    return pd.DataFrame(
        {
            "class_a": ["a", "a", "b"],
            "class_b": ["b", "c", "c"],
            "correlation": [0.9, 0.5, 0.1],
            "corrected_correlation": [0.95, 0.6, 0.2],
            "corrected_low": 0.0,
            "corrected_high": 0.95,
            "p_value": q,
            "q_value": q,
            "edge_support": [0.4, 0.9, 0.0],
            "support": support,
            "mutual_nearest": [True, False, False],
        }
    )


def test_relations_are_counted_by_their_q_value():
    text = mechanisms.relations_sentence(relations([0.01, 0.2, 0.9], [1.0, 0.0, 0.0]))
    assert "1 of 3 pairs of classes resemble each other beyond chance" in text
    assert (
        "1 pairs are each other's nearest, 1 of them beyond chance, 1 so in at least 80 %" in text
    )
    surest = "a and b (q 0.01, found again in 40% of resamples; corrected correlation 0.95, 0.00 to"
    assert surest in text
    # Of pairs with one q-value the one that is found again is surer, and it says as much as it can.
    table = relations([0.01, 0.01, 0.9], 1.0).assign(corrected_correlation=np.nan)
    text = mechanisms.relations_sentence(table)
    assert "The surest: a and c (q 0.01, found again in 90% of resamples)." in text


def test_clusters_that_are_not_there_are_not_counted():
    table = pd.DataFrame(
        {"method": ["ward"], "n_clusters": 2, "stability": 0.9, "chosen": True, "agreement": np.nan}
    )
    text = mechanisms.clusters_sentence(table)
    assert text == "Clusters: 2 by Ward's tree (stability 0.90); none by Leiden's communities."


@pytest.mark.parametrize(
    ("p", "change", "said"),
    [
        (0.5, -0.1, "do not differ significantly"),
        (0.01, -0.1, "The model helps"),
        (0.01, 0.1, "worse than the signatures themselves"),
    ],
)
def test_targets_are_said_to_be_helped_only_beyond_chance(p, change, said):
    space = {"n_drugs": 9, "n_target_sets": 4, "ci_low": 0.0, "ci_high": 0.2, "chance": 0.5}
    rows = [
        {"space": "latent", "percentile": 0.1, "p_value": 0.01, **space},
        {"space": "raw", "percentile": 0.1 - change, "p_value": 0.01, **space},
        {"space": "difference", "percentile": change, "p_value": p},
    ]
    text = mechanisms.targets_sentence(pd.DataFrame(rows))
    assert "of 9 drugs with 4 sets of targets" in text
    assert said in text


def test_one_training_gives_no_certainty():
    text = mechanisms.relations_sentence(relations(np.nan, np.nan))
    assert "no interval or q-value" in text


def test_rivals_are_sorted_into_ahead_tied_and_behind():
    table = pd.DataFrame(
        {
            "subject": "ours",
            "rival": ["strong", "alike", "weak"],
            "metric": "mrr_micro",
            "difference": [-0.1, 0.01, 0.2],
            "ci_low": [-0.2, -0.1, 0.1],
            "ci_high": [-0.05, 0.1, 0.3],
        }
    )
    text = findings.comparison_sentences(table)
    assert text.startswith("By MRR, signatures alike, ours is behind: strong (-0.100); ") or (
        " By MRR, signatures alike, ours is behind: strong (-0.100); " in text
    )
    assert "no significant difference to: alike (+0.010); ahead of: weak" in text
    assert findings.comparison_sentences(table[:0]) == ""


def test_what_the_subject_is_behind_by_is_said_of_every_metric_that_is_drawn():
    row = {"subject": "ours", "rival": "strong", "role": "baseline"}
    ahead = {**row, "difference": 0.1, "ci_low": 0.05, "ci_high": 0.2}
    behind = {**row, "difference": -0.03, "ci_low": -0.05, "ci_high": -0.01}
    table = pd.DataFrame([{**ahead, "metric": "mrr_micro"}, {**behind, "metric": "balanced_top5"}])
    text = findings.comparison_sentences(table)
    assert "By balanced top-5, ours is behind: strong (-0.030)" in text
    assert "By MRR, signatures alike, ours is behind: none" in text


def known(rows):
    columns = ["model", "measure", "n_pairs", "n_related", "auroc", "average_precision"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(auroc_low=table["auroc"] - 0.1, auroc_high=table["auroc"] + 0.1)


def test_a_model_that_tells_known_relations_better_is_named():
    table = known(
        [
            ("svqvae", "correlation", 820, 19, 0.7, 0.1),
            ("mean", "correlation", 820, 19, 0.8, 0.2),
            ("mean", "specific_correlation", 820, 19, 0.9, 0.2),
        ]
    )
    text = mechanisms.known_relations_sentence(table, "svqvae")
    assert "Of 820 pairs of classes 19 are known to be related" in text
    assert "AUROC of 0.700 (0.600 to 0.800)" in text
    assert text.endswith("Higher values, differences not tested: mean (0.800).")
    text = mechanisms.known_relations_sentence(table, "mean")
    assert text.endswith("No other has a higher value; next is svqvae (0.700).")
    rival = known([("pcl_connectivity", "median_rank_similarity", 820, 19, 0.85, 0.3)])
    text = mechanisms.known_relations_sentence(pd.concat([table, rival]), "svqvae")
    assert text.endswith(
        "Higher values, differences not tested: pcl_connectivity (0.850), mean (0.800)."
    )
    none = known([("svqvae", "correlation", 3, 0, np.nan, np.nan)])
    assert "nothing to compare" in mechanisms.known_relations_sentence(none, "svqvae")


def test_novelty_is_said_with_its_interval():
    table = pd.DataFrame({"class": ["all"], "auroc": 0.7, "ci_low": 0.6, "ci_high": 0.8})
    assert "AUROC of 0.700 (0.600 to 0.800)" in findings.novelty_sentence(table, "svqvae")
    assert findings.novelty_sentence(table.head(0), "svqvae") == ""


def test_neighbours_of_the_own_class_are_counted_beside_chance():
    """By chance: each class is named as often as it is, whatever the signature."""
    first = pd.DataFrame(
        {
            "rank": 1,
            "true_class": ["a", "a", "a", "b"],
            "nearest_class": ["a", "a", "b", "b"],
            "same_class": [True, True, False, True],
        }
    )
    # Of further neighbours nothing is counted.
    table = pd.concat([first, first.assign(rank=2, same_class=False)])
    said = findings.neighbours_sentence(table)
    assert said.startswith("Of 4 held-out signatures 75% have a nearest")
    assert said.endswith("by chance it would be 50%.")
    assert findings.neighbours_sentence(table.head(0)) == ""


def test_what_is_said_of_compounds_and_of_what_is_sure():
    table = pd.DataFrame(
        {"model": ["ours", "lda"], "metric": "accuracy", "value": [0.85, 0.8], "ci_low": 0.75}
        | {"ci_high": 0.9, "by_signature": 0.6, "n_compounds": 108, "signatures_per_compound": 9.0}
    )
    said = findings.by_compound_sentence(table, "ours")
    assert "of 108, a median of 9 signatures each" in said
    assert "85.0% (75.0% to 90.0%); by signature of 60.0%" in said
    assert findings.by_compound_sentence(table.head(0), "ours") == ""
    curves = pd.DataFrame(
        [
            (m, c, 0.9 - c / 2 + a)
            for m, a in (("ours", 0), ("lda", 0.1))
            for c in (0.1, 0.2, 0.5, 1)
        ],
        columns=["model", "coverage", "accuracy"],
    ).assign(unit="signature", ci_low=0.2, ci_high=1.0)
    curves["difference_low"] = np.where(curves["model"] == "lda", 0.05, 0)
    said = findings.selective_sentence(curves, "ours")
    assert "20% of signatures 80.0% (20.0% to 100.0%)" in said
    assert said.endswith("Ahead of it at 20 %: lda.")
    level = curves.assign(difference_low=-0.1)
    assert "no model is ahead" in findings.selective_sentence(level, "ours")


@pytest.mark.parametrize(
    ("auroc", "low", "said"),
    [(0.55, 0.48, "do not use it"), (0.58, 0.55, "hardly helps"), (0.8, 0.7, "a reason to doubt")],
)
def test_novelty_is_recommended_only_where_it_helps(auroc, low, said):
    table = pd.DataFrame([{"class": "all", "auroc": auroc, "ci_low": low, "ci_high": 0.9}])
    assert said in findings.novelty_sentence(table, "ours")
