"""Scores of pairs of classes: what a single compound can do to them."""

import numpy as np
import pytest

from svqvae.tl.relations.pair_scores import directed_z, pair_z
from svqvae.tl.relations.similarity import HeldOutSimilarity

#: Members of each of three classes: too few classes for a shared response to be taken off.
MEMBERS = 9


def with_one_compound_at(spreads):
    """Return similarities of which one, of a member of class 1 to class 0, lies far from the rest.

    The similarities of others to class 0 are -8.5, -7.5, ..., 8.5: their median is 0, and the
    median of their sizes 4.5, which is 0.6745 standard deviations of a normal distribution.
    """
    member = np.repeat(np.arange(3), MEMBERS)[:, None] == np.arange(3)
    rng = np.random.default_rng(0)
    value = rng.normal(size=member.shape)
    ladder = rng.permutation(np.arange(-8.5, 9))
    # The one that is moved is the largest already, so that neither median changes.
    at = int(ladder.argmax())
    ladder[[0, at]] = ladder[[at, 0]]
    value[~member[:, 0], 0] = ladder
    value[MEMBERS, 0] = spreads * 4.5 / 0.6744897501960817
    return HeldOutSimilarity(value, member, np.zeros(len(value), dtype=int))


@pytest.mark.parametrize("score", [pair_z, lambda h: directed_z(h, ~h.member)])
def test_a_compound_counts_no_more_than_six_standard_deviations(score):
    """However far off it is, so that no single compound makes a relation."""
    at_the_limit = score(with_one_compound_at(6.0))
    for spreads in (6.5, 100.0, 1e6):
        np.testing.assert_allclose(score(with_one_compound_at(spreads)), at_the_limit, atol=1e-9)
    # Up to there it counts.
    assert np.abs(score(with_one_compound_at(5.5)) - at_the_limit).max() > 0.01
