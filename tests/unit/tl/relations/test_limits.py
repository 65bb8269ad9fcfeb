"""Where the test of relations cannot answer it says so, and where it can it does not."""

import numpy as np
import pandas as pd
import pytest

from svqvae.tl.relations.limits import ENOUGH_REACH, FEW_CLASSES, relation_limits
from svqvae.tl.relations.pair_scores import class_reach, pair_z
from svqvae.tl.relations.significance import p_values, q_values
from svqvae.tl.relations.similarity import HeldOutSimilarity

GENES, FOLDS, MEMBERS = 150, 3, 6


def planted(group, *, own=0.8, noise=2.0, seed=0):
    """Return held-out similarities of classes that have half of their response by group."""
    rng = np.random.default_rng(seed)
    n = len(group)
    basis = np.sqrt(GENES) * np.linalg.qr(rng.standard_normal((GENES, 2 * n)))[0].T
    profile = own * (basis[np.asarray(group)] + basis[n:])
    label = np.repeat(np.arange(n), MEMBERS)
    x = profile[label] + noise * rng.standard_normal((len(label), GENES))
    fold = np.tile(np.arange(MEMBERS) % FOLDS, n)
    value = np.empty((len(label), n))
    for one in range(FOLDS):
        kept = fold != one
        codes = np.array([x[kept & (label == c)].mean(0) for c in range(n)])
        value[~kept] = np.corrcoef(x[~kept], codes)[: (~kept).sum(), -n:]
    return HeldOutSimilarity(value, label[:, None] == np.arange(n), fold)


def outcome(held_out):
    """Return the q-values of all pairs, and what is said of them."""
    q = q_values(p_values(held_out, draws=60))[np.triu_indices(held_out.member.shape[1], 1)]
    return q, relation_limits(held_out, pd.Series(q)).iloc[0]


SIX, TWO, FIVE = np.arange(18) % 6, np.arange(18) % 2, np.array([0, 0, 1, 2, 3])


@pytest.mark.parametrize("seed", range(3))
def test_where_relations_are_found_nothing_is_warned_of(seed):
    q, limits = outcome(planted(SIX, seed=seed))
    same = (SIX[:, None] == SIX)[np.triu_indices(18, 1)]
    assert (q[same] <= 0.05).mean() > 0.5
    assert limits["warning"] == ""
    assert limits["edges"] == (q <= 0.05).sum()
    assert (limits["n_classes"], limits["n_pairs"]) == (18, 153)
    assert limits["reach"] >= ENOUGH_REACH
    assert 2 * limits["in_reach"] >= 18


@pytest.mark.parametrize("seed", range(3))
def test_two_groups_are_not_found_and_it_is_said(seed):
    """Half of all pairs are related: the typical pair is far off, and none exceeds it."""
    q, limits = outcome(planted(TWO, seed=seed))
    same = (TWO[:, None] == TWO)[np.triu_indices(18, 1)]
    assert (q[same] <= 0.05).mean() < 0.2
    assert limits["reach"] < ENOUGH_REACH < outcome(planted(SIX, seed=seed))[1]["reach"]
    assert limits["warning"].endswith("may well be missed.")
    out = 18 - limits["in_reach"]
    assert f"For {out} of 18 classes" in limits["warning"]


def test_five_classes_are_too_few():
    _, limits = outcome(planted(FIVE))
    assert limits["warning"].startswith(
        f"Only 5 classes could be tested. With fewer than {FEW_CLASSES}"
    )


def test_compounds_unlike_their_own_class_leave_nothing_to_find():
    _, limits = outcome(planted(SIX, own=0.1))
    assert limits["in_reach"] == 0
    assert "For 18 of 18 classes a missing edge says little" in limits["warning"]


def test_what_was_not_held_out_was_not_tested():
    limits = relation_limits(None, pd.Series([np.nan] * 3)).iloc[0]
    assert limits["warning"] == "No compounds were held out: no pair was tested."
    assert (limits["n_classes"], limits["n_pairs"], limits["edges"]) == (0, 0, 0)
    assert np.isnan(limits["reach"])


def test_a_class_without_held_out_compounds_is_not_counted():
    whole = planted(SIX)
    kept = ~whole.member[:, 0]
    part = HeldOutSimilarity(whole.value[kept], whole.member[kept], whole.fold[kept])
    assert relation_limits(part, pd.Series([0.5]))["n_classes"].item() == 17


def test_two_classes_have_no_reach():
    limits = relation_limits(planted([0, 1]), pd.Series([np.nan])).iloc[0]
    assert np.isnan(limits["reach"])
    assert limits["warning"].startswith("Only 2 classes")


def test_a_class_and_its_copy_have_the_z_score_that_reach_says():
    """Class 1 is class 0 again, with other noise: their pair is as alike as each is to itself."""
    values = []
    for seed in range(6):
        group = np.arange(14)
        held_out = planted(group, seed=seed, noise=1.0)
        value = held_out.value.copy()
        # Members of one are to the other what they are to their own.
        a, b = held_out.member[:, 0], held_out.member[:, 1]
        value[b, 0], value[a, 1] = value[b, 1], value[a, 0]
        copy = HeldOutSimilarity(value, held_out.member, held_out.fold)
        values.append((pair_z(copy)[0, 1], class_reach(copy)[:2].mean()))
    z, reach = np.mean(values, axis=0)
    assert z == pytest.approx(reach, rel=0.2)
