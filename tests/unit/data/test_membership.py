"""All classes of a signature's list count, where the list is of its class."""

import numpy as np
import pandas as pd
import pytest

from svqvae.data.membership import Membership

NAMES = ["a", "b", "c"]


def pairs(found):
    return list(zip(found.row.tolist(), found.of_class.tolist(), strict=True))


def listed(*lists):
    return pd.DataFrame({"listed_classes": list(lists)})


def test_every_kept_class_of_a_list_counts_once():
    found = Membership.of(listed("a|c", "b", "c|other|a|c"), np.array([0, 1, 2]), NAMES)
    assert pairs(found) == [(0, 0), (0, 2), (1, 1), (2, 0), (2, 2)]
    assert found.shape == (3, 3)


def test_without_a_list_the_class_counts_alone():
    label = np.array([2, 0, 1, 1])
    single = Membership.single(label, 3)
    for obs in (pd.DataFrame(index=range(4)), listed(*"cabb"), listed("c", None, "b", np.nan)):
        found = Membership.of(obs, label, NAMES)
        np.testing.assert_array_equal(found.row, single.row)
        np.testing.assert_array_equal(found.of_class, single.of_class)
        assert found.of_class.dtype == label.dtype


def test_a_list_that_does_not_name_the_class_is_of_something_else():
    found = Membership.of(listed("a|c", "a|b"), np.array([1, 1]), NAMES)
    assert pairs(found) == [(0, 1), (1, 0), (1, 1)]


@pytest.mark.parametrize("as_category", [False, True])
def test_a_subset_is_that_of_the_subset_of_the_table(as_category):
    rng = np.random.default_rng(0)
    obs = listed(*rng.choice(["a", "a|b", "b|c|a", "c|d", "b"], 50))
    label = np.array([NAMES.index(text[0]) for text in obs["listed_classes"]])
    if as_category:
        obs = obs.astype("category")
    known = rng.random(50) < 0.6
    part = Membership.of(obs, label, NAMES).of_rows(known)
    whole = Membership.of(obs[known], label[known], NAMES)
    assert pairs(part) == pairs(whole)
    assert part.shape == whole.shape


def test_sums_of_blocks_are_those_of_the_matrix():
    rng = np.random.default_rng(1)
    obs = listed(*rng.choice(["a", "a|b", "b|c|a", "c"], 30))
    label = np.array([NAMES.index(text[0]) for text in obs["listed_classes"]])
    found, x = Membership.of(obs, label, NAMES), rng.normal(size=(30, 4)).astype(np.float32)
    matrix = np.zeros((30, 3))
    matrix[found.row, found.of_class] = 1
    blocks = sum(found.sums(x[at : at + 7], start=at) for at in range(0, 30, 7))
    np.testing.assert_allclose(blocks, matrix.T @ x.astype(float))
