"""Relations between classes: p-values against labels that mean nothing, intervals against truth."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from svqvae.data.split import are_held_out_whole, held_out_rows, training_rows
from svqvae.models.registry import make_model
from svqvae.tl.relations import significance
from svqvae.tl.relations.attenuation import corrected_correlations
from svqvae.tl.relations.pair_scores import directed_z, pair_z
from svqvae.tl.relations.significance import p_values, permutation_null, resampling_support
from svqvae.tl.relations.similarity import HeldOutSimilarity, held_out_similarity

GENES, FOLDS = 200, 5


def drawn(rng, sizes, *, groups=None, own=1.0, shared=0.0, noise=3.0, label=None):
    """Compounds of classes (related within a group), held out in folds from means of the others.

    ``shared``: a response that every compound carries, classes in unequal measure.
    """
    n_classes = len(sizes)
    group = np.arange(n_classes) if groups is None else np.asarray(groups)
    # Orthogonal to each other and to a constant: unrelated is exactly that.
    start = np.c_[np.ones(GENES), rng.standard_normal((GENES, 2 * n_classes + 1))]
    basis = np.sqrt(GENES) * np.linalg.qr(start)[0].T[1:]
    profile = own * (basis[group] + 0.7 * basis[n_classes : 2 * n_classes])
    true = np.repeat(np.arange(n_classes), sizes)
    load = shared * rng.lognormal(0, 0.7, n_classes)[true] * rng.lognormal(0, 0.5, len(true))
    x = profile[true] + load[:, None] * basis[-1]
    x += noise * rng.standard_normal(x.shape)
    label = true if label is None else label(true)
    order = np.argsort(label, kind="stable")
    fold = np.empty(len(label), dtype=int)
    fold[order] = np.arange(len(label)) % FOLDS
    return similarity(x, label, fold, n_classes), profile


def similarity(x, label, fold, n_classes):
    x = x - x.mean(1, keepdims=True)
    value = np.zeros((len(x), n_classes))
    for one in range(FOLDS):
        known = fold != one
        codes = np.array([x[known & (label == c)].mean(0) for c in range(n_classes)])
        value[fold == one] = np.corrcoef(x[fold == one], codes)[: (fold == one).sum(), -n_classes:]
    return HeldOutSimilarity(value, label[:, None] == np.arange(n_classes), fold)


def pairs_of(matrix):
    return matrix[np.triu_indices(len(matrix), 1)]


EQUAL, UNEQUAL = [6] * 14, [5, 5, 5, 6, 6, 7, 8, 8, 10, 12, 20, 40, 60, 100]


@pytest.mark.parametrize("sizes", [EQUAL, UNEQUAL], ids=["equal", "unequal"])
@pytest.mark.parametrize("shared", [0.0, 4.0])
def test_labels_that_mean_nothing_give_uniform_p_values(sizes, shared):
    p, any_found = [], []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        held_out, _ = drawn(rng, sizes, shared=shared, label=rng.permutation)
        p.append(pairs_of(p_values(held_out, draws=50)))
        any_found.append((multipletests(p[-1], method="fdr_bh")[1] <= 0.05).any())
    p = np.concatenate(p)
    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert (p <= 0.05).mean() < 0.065
    assert np.mean(any_found) <= 0.2


@pytest.mark.parametrize("sizes", [EQUAL, UNEQUAL], ids=["equal", "unequal"])
@pytest.mark.parametrize("shared", [0.0, 4.0])
def test_unrelated_classes_are_not_taken_for_related(sizes, shared):
    """Real classes, each with its own profile, and hubs that carry much of a shared response."""
    found = [
        multipletests(pairs_of(p_values(d, draws=50)), method="fdr_bh")[1] <= 0.05
        for d in (drawn(np.random.default_rng(s), sizes, shared=shared)[0] for s in range(8))
    ]
    # In 40 sets each: any at all in 3 to 13 % of sets.
    assert np.mean([f.any() for f in found]) <= 0.25
    assert np.mean(found) <= 0.005


@pytest.mark.parametrize("shared", [0.0, 4.0])
def test_related_pairs_are_found_and_few_others(shared):
    groups = np.repeat(np.arange(7), 2)
    same = pairs_of(groups[:, None] == groups)
    power, false = [], []
    for seed in range(10):
        held_out, _ = drawn(np.random.default_rng(seed), EQUAL, groups=groups, shared=shared)
        found = multipletests(pairs_of(p_values(held_out, draws=50)), method="fdr_bh")[1] <= 0.05
        power.append((found & same).sum() / same.sum())
        false.append((found & ~same).sum() / max(1, found.sum()))
    # In 40 other sets each: 0.94 and, below a shared response far stronger than their own, 0.78.
    assert np.mean(power) >= 0.8
    assert np.mean(false) <= 0.05


def test_classes_of_two_compounds_are_tested_too():
    value = np.random.default_rng(0).normal(size=(30, 6))
    member = np.repeat(np.arange(6), [2, 2, 2, 4, 10, 10])[:, None] == np.arange(6)
    value[member[:, 0], 1] += 6
    value[member[:, 1], 0] += 6
    p = p_values(HeldOutSimilarity(value, member, np.zeros(len(value), dtype=int)))
    assert pairs_of(p).argmin() == 0
    assert p[0, 1] < 0.02


def test_labels_are_permuted_within_a_fold():
    """In a fold of one class a permutation changes nothing: the null is what was found."""
    label = np.repeat(np.arange(5), 6)
    member = label[:, None] == np.arange(5)
    value = np.random.default_rng(0).normal(size=member.shape)
    found = directed_z(HeldOutSimilarity(value, member, label), ~member)
    chance = permutation_null(HeldOutSimilarity(value, member, label), draws=3)
    expected = np.sort(np.tile([*pairs_of(found), *pairs_of(found.T)], 3))
    np.testing.assert_allclose(np.sort(np.concatenate(chance.drawn)), expected, atol=1e-12)
    # In one fold of all classes the same labels are permuted.
    permuted = permutation_null(HeldOutSimilarity(value, member, np.zeros(30, dtype=int)), draws=3)
    assert len(np.unique(permuted.drawn[0])) == 3 * 20


def test_the_order_of_classes_and_the_scale_of_similarity_do_not_matter():
    held_out, _ = drawn(np.random.default_rng(0), EQUAL)
    z = pair_z(held_out)
    np.testing.assert_array_equal(z, z.T)
    order = np.random.default_rng(1).permutation(14)
    again = pair_z(
        HeldOutSimilarity(0.3 * held_out.value[:, order], held_out.member[:, order], held_out.fold)
    )
    np.testing.assert_allclose(again, z[np.ix_(order, order)], atol=1e-9)


def test_intervals_cover_the_correlation_of_the_true_profiles():
    groups = np.repeat(np.arange(7), 2)
    covered, related = [], []
    same = pairs_of(groups[:, None] == groups)
    for seed in range(40):
        held_out, profile = drawn(np.random.default_rng(seed), EQUAL, groups=groups)
        truth = pairs_of(np.corrcoef(profile))
        corrected, low, high = (pairs_of(m) for m in corrected_correlations(held_out))
        covered.append((low <= truth) & (truth <= high))
        related.append(corrected[same] - truth[same])
    assert np.mean(covered) >= 0.9
    assert np.mean([c[same] for c in covered]) >= 0.9
    assert abs(np.nanmean(related)) < 0.04


def test_seeds_of_training_that_disagree_widen_intervals():
    one, _ = drawn(np.random.default_rng(0), EQUAL)
    shift = np.random.default_rng(1).normal(0, 0.05, one.value.shape[1])
    several = np.stack([one.value - shift, one.value + shift])
    corrected, low, high = (pairs_of(m) for m in corrected_correlations(one))
    again, low_2, high_2 = (
        pairs_of(m)
        for m in corrected_correlations(HeldOutSimilarity(one.value, one.member, one.fold, several))
    )
    np.testing.assert_allclose(again, corrected)
    assert ((high_2 - low_2) > (high - low))[high < 1].all()
    same = HeldOutSimilarity(one.value, one.member, one.fold, np.stack([one.value] * 2))
    np.testing.assert_allclose(pairs_of(corrected_correlations(same)[2]), high)


def test_members_unlike_their_own_class_leave_all_open():
    value = np.random.default_rng(0).normal(size=(20, 4))
    member = (np.arange(20) % 4)[:, None] == np.arange(4)
    value[member] = np.abs(value[member])
    value[member[:, 2], 2] *= -1
    corrected, low, high = corrected_correlations(
        HeldOutSimilarity(value, member, np.zeros(len(value), dtype=int))
    )
    assert np.isnan(corrected[2]).all()
    assert (low[2] == -1).all()
    assert (high[2] == 1).all()


def test_members_that_may_be_unlike_their_own_class_leave_all_open():
    rng = np.random.default_rng(0)
    member = (np.arange(24) % 4)[:, None] == np.arange(4)
    value = rng.normal(0.5, 0.1, (24, 4))
    value[member[:, 2], 2] = [-0.5, 0.6, -0.4, 0.5, -0.5, 0.6]  # 0.05 on average, by luck above 0
    one_fold = np.zeros(len(value), dtype=int)
    corrected, low, high = corrected_correlations(HeldOutSimilarity(value, member, one_fold))
    assert np.isnan(corrected[2]).all()
    assert (low[2] == -1).all()
    assert (high[2] == 1).all()
    others = [0, 1, 3]
    assert np.isfinite(corrected[np.ix_(others, others)]).all()
    # Beyond 1 is cut off, and the interval has a width still.
    value[:, 0] += 2 * ~member[:, 0]
    corrected, low, high = corrected_correlations(HeldOutSimilarity(value, member, one_fold))
    assert corrected[0, 1] == 1
    assert low[0, 1] < high[0, 1] == 1


def test_compounds_in_several_folds_are_not_held_out_whole():
    compound = np.array(["p", "p", "q"])
    assert are_held_out_whole(pd.DataFrame({"fold": [0, 0, 1]}), compound)
    assert not are_held_out_whole(pd.DataFrame({"fold": [0, 1, 1]}), compound)


def test_similarity_is_of_compounds_to_codes_that_never_saw_them(simulated):
    models = [
        (
            fold,
            make_model(simulated[training_rows(simulated.obs, fold)], preset="class_mean").train(),
        )
        for fold in range(5)
    ]
    found = held_out_similarity([*models, *models], simulated)  # two seeds that say the same
    compounds = sorted(simulated.obs["pert_id"].unique())
    names = sorted(simulated.obs["class"].unique())
    assert found.value.shape == (len(compounds), len(names))
    label = simulated.obs.groupby("pert_id", observed=True)["class"].first()
    np.testing.assert_array_equal(
        found.member, label.loc[compounds].to_numpy()[:, None] == np.array(names)
    )
    fold, model = models[3]
    part = simulated[held_out_rows(simulated.obs, fold)]
    one = part.obs["pert_id"].iloc[0]
    x = np.asarray(part[(part.obs["pert_id"] == one).to_numpy()].X)
    expected = np.corrcoef(x, model.codes)[: len(x), len(x) :].mean(0)
    np.testing.assert_allclose(found.value[compounds.index(one)], expected, atol=1e-6)
    assert found.by_seed.shape == (2, *found.value.shape)
    np.testing.assert_allclose(found.by_seed[0], found.by_seed[1])
    assert held_out_similarity(models, simulated).by_seed is None
    with pytest.raises(ValueError, match="different numbers of models"):
        held_out_similarity([*models, models[0]], simulated)


def test_edge_support_leaves_a_fifth_of_every_class_out(monkeypatch):
    held_out, _ = drawn(np.random.default_rng(0), UNEQUAL)
    chance, sizes, kept = permutation_null(held_out, draws=5), [], []

    def seen(part):
        sizes.append(part.member.sum(0))
        kept.append({row.tobytes() for row in part.value})
        return pair_z(part)

    monkeypatch.setattr(significance, "pair_z", seen)
    resampling_support(held_out, chance, draws=8)
    expected = [n - (max(1, round(n / 5)) if n > 2 else 0) for n in UNEQUAL]
    assert len(sizes) == 8
    np.testing.assert_array_equal(sizes, [expected] * 8)
    # Others each time.
    assert len({frozenset(rows) for rows in kept}) == 8


def test_edge_support_is_a_share_where_compounds_that_are_left_out_matter():
    """With nothing left out every resample would say the same: 0 or 1."""
    rng = np.random.default_rng(3)
    member = np.repeat(np.arange(10), 5)[:, None] == np.arange(10)
    value = rng.normal(size=member.shape)
    value[member[:, 0], 1] += 5
    value[member[:, 1], 0] += 5
    held_out = HeldOutSimilarity(value, member, np.zeros(len(value), dtype=int))
    support = resampling_support(held_out, permutation_null(held_out), draws=40)
    assert 0.7 < support[0, 1] < 1
    assert np.delete(pairs_of(support), 0).max() < 0.2
    np.testing.assert_array_equal(support, support.T)
    again = resampling_support(held_out, permutation_null(held_out), draws=40)
    np.testing.assert_array_equal(support, again)


def test_a_p_value_is_a_rank_among_the_null_and_never_zero():
    """(1 + draws as large) / (1 + draws), Phipson and Smyth 2010."""
    z = np.array([[0.0, 9.0, 2.0], [9.0, 0.0, -9.0], [2.0, -9.0, 0.0]])
    chance = significance.PermutationNull([np.array([0, 1, 2])], [np.array([-1.0, 0.0, 2.0, 3.0])])
    p = chance.p_values(z)
    assert p[0, 1] == p[1, 0] == 1 / 5
    assert p[0, 2] == 3 / 5
    assert p[1, 2] == 1
    np.testing.assert_array_equal(np.diag(p), 1)
