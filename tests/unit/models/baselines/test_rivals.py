"""CMap's connectivity and DrSim's similarity are the plain computations."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from svqvae.models.baselines._weighted_ks import Profiles, lists_of
from svqvae.models.registry import make_model


def running_sum(profile, genes):
    """The enrichment score, gene by gene."""
    total, furthest = 0.0, 0.0
    weight = np.abs(profile[genes]).sum()
    for gene in np.argsort(-profile, kind="stable"):
        if gene in genes:
            total += abs(profile[gene]) / weight
        else:
            total -= 1 / (len(profile) - len(genes))
        if abs(total) > abs(furthest) + 1e-12:
            furthest = total
    return furthest


def test_enrichment_is_the_running_sum():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((20, 60)).astype(np.float32)
    genes = rng.choice(60, 9, replace=False)
    expected = [running_sum(row.astype(float), genes) for row in x]
    np.testing.assert_allclose(Profiles(x).enrichment(genes), expected, atol=1e-5)


def test_connectivity_of_a_signature_with_itself_and_its_opposite():
    x = np.random.default_rng(1).standard_normal((1, 80)).astype(np.float32)
    up, down = (genes[0] for genes in lists_of(x, 10))
    assert x[0, up].min() > np.sort(x[0])[-11]
    assert x[0, down].max() < np.sort(x[0])[10]
    np.testing.assert_allclose(Profiles(np.vstack([x, -x])).connectivity(up, down), [1, -1])


def test_enrichment_of_one_sign_is_no_connectivity():
    x = np.arange(40.0)[None] + 1
    assert Profiles(x).connectivity(np.array([38, 39]), np.array([36, 37])) == 0


def test_clear_signatures_are_told_by_connectivity(simulated):
    clear = simulated.copy()
    rng = np.random.default_rng(0)
    label = clear.obs["class"].astype("category").cat.codes.to_numpy()
    pattern = rng.standard_normal((label.max() + 1, clear.n_vars))
    clear.X = (3 * pattern[label] + rng.standard_normal(clear.shape)).astype(np.float32)
    model = make_model(clear, preset="cmap", genes=10, members=5, reference=50).train()
    assert np.bincount(model.label).tolist() == [5] * len(model.class_names)
    # Of each class, the queries of other classes alone are its reference.
    assert ((model.reference >= 0).sum(1) < 50).all()
    own = (np.arange(len(label)), label)
    scores = model.evidence_of(clear.X)
    assert (scores.argmax(1) == label).all()
    assert np.abs(scores).max() < 101
    assert np.median(scores[own]) > 100
    # Upside down it is the opposite of its class.
    assert np.median(model.evidence_of(-clear.X)[own]) < -100


@pytest.mark.parametrize("dimensions", [4, 50])
def test_drsim_is_the_pipeline(simulated, dimensions):
    model = make_model(simulated, preset="drsim", variance=0.8, dimensions=dimensions).train()
    x, label = np.asarray(simulated.X, np.float32), model._y
    pca = PCA(0.8, svd_solver="full").fit(x)
    n = min(dimensions, len(model.class_names) - 1)
    lda = LinearDiscriminantAnalysis(solver="svd", n_components=n).fit(pca.transform(x), label)
    z = lda.transform(pca.transform(x))
    median = np.stack([np.median(z[label == c], axis=0) for c in range(len(model.class_names))])
    cosine = (z / np.linalg.norm(z, axis=1, keepdims=True)) @ (
        median / np.linalg.norm(median, axis=1, keepdims=True)
    ).T
    np.testing.assert_allclose(model.evidence_of(x), cosine, atol=1e-4)
