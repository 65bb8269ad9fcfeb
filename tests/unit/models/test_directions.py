"""Equations 1 to 3 for signatures of several classes, and what calibration sees of their lists."""

from dataclasses import replace

import numpy as np
import pytest

from svqvae import make_model
from svqvae.data.matrix import SignatureMatrix
from svqvae.data.membership import Membership
from svqvae.data.split import assign_parts
from svqvae.models.directions import DirectionSettings, solve
from svqvae.models.registry import load_model
from svqvae.models.whitening import unit_rows

CLASSES, GENES = 3, 20


@pytest.fixture(scope="module")
def several():
    """Signatures, the class each is scored by, and the matrix of all that it is listed with."""
    rng = np.random.default_rng(0)
    label = np.arange(60) % CLASSES
    matrix = np.eye(CLASSES, dtype=bool)[label] | (rng.random((60, CLASSES)) < 0.2)
    profiles = rng.normal(size=(CLASSES, GENES))
    x = (matrix @ profiles + rng.normal(size=(60, GENES))).astype(np.float32)
    return x, label, matrix


def membership(matrix):
    return Membership(*np.nonzero(matrix), matrix.shape)


def solved(several, **settings):
    x, label, matrix = several
    given = DirectionSettings(**settings)
    return solve(SignatureMatrix(x), label, membership(matrix), settings=given)


def test_codes_are_means_over_all_that_list_the_class(several):
    x, _, matrix = several
    found = solved(several)
    for directions, codes in ((found.latent, found.codes), (found.centred, found.codebook)):
        expected = unit_rows(matrix.T.astype(float) @ directions(x).astype(float))
        np.testing.assert_allclose(codes, expected, atol=1e-6)


def test_what_is_compared_is_centred_and_what_is_shown_is_not(several):
    x, _, _ = several
    found = solved(several)
    squashed = unit_rows(np.tanh(x.astype(float) / found.settings.squash))
    whitening = found.whitening.astype(float)
    np.testing.assert_allclose(found.latent(x), unit_rows(squashed @ whitening), atol=1e-5)
    middle = unit_rows((squashed - squashed.mean(0)) @ whitening)
    np.testing.assert_allclose(found.centred(x), middle, atol=1e-5)
    for one, other in zip(found.both(x), (found.latent(x), found.centred(x)), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_whitening_is_within_the_first_classes(several):
    x, label, _ = several
    single = Membership.single(label, CLASSES)
    alone = solve(SignatureMatrix(x), label, single, settings=DirectionSettings())
    found = solved(several)
    np.testing.assert_array_equal(found.whitening, alone.whitening)
    np.testing.assert_array_equal(found.centre, alone.centre)
    assert not np.allclose(found.codebook, alone.codebook)


def test_members_are_of_every_class_that_is_listed(several):
    x, _, matrix = several
    found = solved(several, members=1000, bandwidth=0.3)
    counts = np.bincount(found.member_class, minlength=CLASSES)
    np.testing.assert_array_equal(counts, matrix.sum(0))
    z = found.centred(x).astype(float)
    kernel = np.exp(z @ z.astype(np.float16).astype(float).T / 0.3)
    means = kernel @ (matrix / matrix.sum(0))
    expected = z @ found.codebook.T / 0.2 + np.log(means)
    np.testing.assert_allclose(found.evidence(x), expected, atol=1e-3)


def test_evidence_of_many_rows_is_that_of_each(several):
    x, _, _ = several
    found = solved(several)
    many = np.tile(x, (20, 1))
    np.testing.assert_allclose(found.evidence(many)[-60:], found.evidence(x), atol=1e-5)
    assert found.evidence(x[:0]).shape == (0, CLASSES)


def test_missing_values_take_their_mean_given_the_others(several):
    """Of the normal distribution about 0 whose covariance the model whitens."""
    x, _, _ = several
    found = solved(several, squash=3.0)
    known = np.ones((4, GENES), dtype=bool)
    known[0, ::3], known[1, 2:], known[2] = False, False, False
    whole = found.complete(x[:4], known)
    np.testing.assert_array_equal(whole[known], x[:4][known])
    np.testing.assert_array_equal(np.tanh(whole[2] / 3.0), 0)
    covariance = np.linalg.inv(found.whitening.astype(float) @ found.whitening)
    for row, has in zip((0, 1), known[:2], strict=True):
        q = np.tanh(x[row].astype(float) / 3.0)
        mix = covariance[np.ix_(~has, has)] @ np.linalg.inv(covariance[np.ix_(has, has)])
        expected = (mix @ q[has]).clip(-0.9999, 0.9999)
        np.testing.assert_allclose(np.tanh(whole[row, ~has] / 3.0), expected, atol=1e-4)


def test_arrays_of_different_models_are_refused(several):
    found = solved(several)
    for name, value in (
        ("centre", found.centre[1:]),
        ("member_class", found.member_class + CLASSES),
        ("member_class", found.member_class[1:]),
        ("whitening", found.whitening[1:]),
    ):
        with pytest.raises(ValueError, match="not of one model"):
            replace(found, **{name: value})


@pytest.fixture
def listed(simulated):
    """Every third compound is of another class too."""
    adata = simulated.copy()
    names = sorted(adata.obs["class"].unique())
    number = adata.obs["pert_id"].astype(str).factorize()[0]
    own = adata.obs["class"].astype(str).to_numpy()
    other = [names[(names.index(name) + 1) % len(names)] for name in own]
    adata.obs["listed_classes"] = [
        f"{a}|{b}|not kept" if n % 3 == 0 else a for a, b, n in zip(own, other, number, strict=True)
    ]
    return adata


def quick(adata, **options):
    return make_model(adata, preset="svqvae", epochs=1, hidden=4, **options).train_scores()


def test_a_model_is_trained_on_all_labels_of_the_list(listed, simulated, tmp_path):
    model, first = quick(listed), quick(simulated)
    assert model.class_names == first.class_names
    np.testing.assert_array_equal(model.n_signatures, first.n_signatures)
    extra = listed.obs["listed_classes"].str.contains("|", regex=False).sum()
    assert len(model._classes.row) == listed.n_obs + extra
    assert not np.allclose(model.codes, first.codes)
    model.save(tmp_path)
    x = np.asarray(listed.X)
    np.testing.assert_array_equal(load_model(tmp_path).scores(x), model.scores(x))


def test_the_list_is_of_the_class_and_of_no_other_column(listed):
    listed.obs["mechanism"] = listed.obs["class"]
    model = quick(listed, labels_key="mechanism")
    assert len(model._classes.row) == listed.n_obs


def test_labels_of_what_is_left_out_do_not_reach_its_evidence(listed):
    """Other labels of a part's compounds change nothing that the part is compared with."""
    one = make_model(listed, preset="svqvae")
    part = assign_parts(one._compound, one._y, parts=5, seed=0)
    changed = listed.copy()
    out = part == 0
    changed.obs.loc[out, "listed_classes"] = changed.obs.loc[out, "class"].astype(str)
    other = make_model(changed, preset="svqvae")
    models = [model.of_rows(~out).solved() for model in (one, other)]
    for name, value in models[0].arrays().items():
        np.testing.assert_array_equal(value, models[1].arrays()[name])
    evidence = [model.left_out_evidence(seed=0)[1][: out.sum()] for model in (one, other)]
    np.testing.assert_array_equal(*evidence)
