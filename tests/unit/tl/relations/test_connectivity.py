"""Connectivity of classes is the median Spearman correlation between members."""

import anndata as ad
import numpy as np
import pandas as pd
from scipy import stats

from svqvae.tl.relations.connectivity import class_connectivity


def test_it_is_the_median_over_pairs_of_members_without_themselves():
    rng = np.random.default_rng(0)
    rows = [("a", "p1"), ("a", "p1"), ("a", "p2"), ("a", "p3"), ("b", "q1"), ("b", "q2")]
    rows += [("c", "r1"), ("c", "p1")]  # p1 is of two classes
    obs = pd.DataFrame(rows, columns=["class", "pert_id"], index=[f"s{i}" for i in range(8)])
    x = rng.standard_normal((8, 50)).astype(np.float32)
    found = class_connectivity(ad.AnnData(x, obs=obs), ["a", "b", "c"])
    members = {"a": [x[:2].mean(0), x[2], x[3]], "b": [x[4], x[5]], "c": [x[6], x[7]]}

    def spearman(one, other, skip=()):
        values = [
            stats.spearmanr(u, v).statistic
            for i, u in enumerate(members[one])
            for j, v in enumerate(members[other])
            if (i, j) not in skip
        ]
        return np.median(values)

    assert np.isclose(found[0, 1], spearman("a", "b"))
    assert np.isclose(found[1, 2], spearman("b", "c"))
    assert np.isclose(found[0, 2], spearman("a", "c", skip={(0, 1)}))
    np.testing.assert_array_equal(found, found.T)
