"""Gene sets that are planted are found by both methods, others are not, and errors are named."""

import numpy as np
import pytest
from scipy import stats

from svqvae.errors import SvqvaeError
from svqvae.tl.genes.enrichment import class_enrichment
from svqvae.tl.genes.markers import Contrasts

N_GENES = 200


@pytest.fixture
def contrasts():
    """Class a moves genes 0-11 up and 20-31 down, class b nothing."""
    rng = np.random.default_rng(0)
    score = rng.standard_normal((2, N_GENES))
    score[0, :12] += 4
    score[0, 20:32] -= 4
    q = np.full(score.shape, 0.9)
    q[0, np.abs(score[0]) > 3] = 0.001
    ids = np.array([str(1000 + i) for i in range(N_GENES)])
    symbols = np.array([f"G{i}" for i in range(N_GENES)])
    return Contrasts(np.array(["a", "b"]), ids, symbols, score, score, q)


@pytest.fixture
def gene_sets():
    rng = np.random.default_rng(1)
    drawn = {
        f"random {i}": [f"G{g}" for g in rng.choice(N_GENES, 12, replace=False)] for i in range(20)
    }
    return {
        "up": [f"G{i}" for i in range(12)] + ["not there"],
        "down": [str(1000 + i) for i in range(20, 32)],  # by Entrez id
        "small": ["G1", "G2"],
        **drawn,
    }


def test_planted_sets_are_found_by_both_methods(contrasts, gene_sets):
    table = class_enrichment(contrasts, gene_sets)
    found = table[table["q_value"] < 0.05]
    assert set(zip(found["class"], found["method"], found["gene_set"], strict=True)) == {
        ("a", method, name) for method in ("over_representation", "rank") for name in ("up", "down")
    }
    assert (found["gene_set"] == found["direction"]).all()
    assert (found["n_genes"] == 12).all()
    assert "small" not in set(table["gene_set"])
    assert (table["p_value"] <= 0.05).all()
    row = found[found["method"] == "over_representation"].set_index("gene_set").loc["down"]
    assert set(row["genes"].split("|")) <= {f"G{i}" for i in range(20, 32)}
    assert row["n_found"] == len(row["genes"].split("|"))


def test_over_representation_is_fishers_test(contrasts, gene_sets):
    table = class_enrichment(contrasts, gene_sets)
    row = table[(table["method"] == "over_representation") & (table["gene_set"] == "up")].iloc[0]
    marked = (contrasts.q_value[0] <= 0.05) & (contrasts.score[0] > 0)
    inside = np.arange(N_GENES) < 12
    field = [[(marked & inside).sum(), (~marked & inside).sum()]]
    field += [[(marked & ~inside).sum(), (~marked & ~inside).sum()]]
    expected = stats.fisher_exact(field, alternative="greater").pvalue
    assert row["p_value"] == pytest.approx(expected)
    assert row["score"] > 10


def test_the_same_seed_gives_the_same_table(contrasts, gene_sets):
    one, two = (class_enrichment(contrasts, gene_sets, seed=3) for _ in range(2))
    assert one.equals(two)


def test_sets_of_other_genes_are_refused_with_the_nearest(contrasts):
    with pytest.raises(SvqvaeError, match="none of 1 sets .* first gene 'g17'; did you mean 'G17'"):
        class_enrichment(contrasts, {"x": ["g17", "H2", "H3", "H4", "H5"]})
