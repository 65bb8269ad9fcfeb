"""What early stopping and calibration are told by comes from compounds that were left out whole."""

import logging

import anndata as ad
import numpy as np
import pytest
import torch

from svqvae.data.matrix import SignatureMatrix
from svqvae.data.membership import Membership
from svqvae.data.split import assign_parts
from svqvae.models import calibrated, presets
from svqvae.models import training as train
from svqvae.models.calibration import fit_calibration
from svqvae.models.directions import solve
from svqvae.models.registry import make_model
from svqvae.models.whitening import triangular_whitening


@pytest.fixture
def watching(monkeypatch):
    """Every call of train.fit, with the network and what it decodes from as they stood then."""
    calls = []
    original = train.fit

    def fit(model, x, label, **options):
        buffers = dict(model.net.named_buffers())
        state = {k: v.clone() for k, v in (model.net.state_dict() | buffers).items()}
        calls.append({"net": state, **options})
        return original(model, x, label, **options)

    monkeypatch.setattr(train, "fit", fit)
    return calls


def quick(adata, **overrides):
    return make_model(adata, preset="svqvae", epochs=2, hidden=8, latent=2, **overrides)


def test_early_stopping_watches_whole_compounds_of_a_tenth(simulated, watching):
    quick(simulated).train(seed=3)
    watched = watching[0]["held_out"]
    compound = simulated.obs["pert_id"].to_numpy()
    assert 0.02 < watched.mean() < 0.3
    assert not set(compound[watched]) & set(compound[~watched])
    # Every class keeps something to be trained on.
    assert set(simulated.obs["class"]) == set(simulated.obs["class"][~watched])


def test_the_network_that_is_judged_was_solved_without_what_is_watched(simulated, watching):
    model = quick(simulated).train(seed=3)
    watched = watching[0]["held_out"]
    garbled = simulated.copy()
    garbled.X[watched] = np.random.default_rng(0).uniform(-9, 9, garbled.X[watched].shape)
    quick(garbled).train(seed=3)
    before, after = (call["net"] for call in watching)
    assert all(torch.equal(before[name], after[name]) for name in before)
    # What is published is solved on all of them, whatever was watched.
    for name, value in model.solved().arrays().items():
        np.testing.assert_array_equal(model.directions.arrays()[name], value, err_msg=name)
    np.testing.assert_array_equal(model.net.codebook.numpy(), model.directions.codes)


def test_garbled_watched_compounds_change_no_weights_before_the_choice(simulated, watching):
    """Training itself sees nothing of them: its losses are the same."""
    one = quick(simulated).train(seed=3).history
    garbled = simulated.copy()
    watched = watching[0]["held_out"]
    garbled.X[watched] *= -1
    other = quick(garbled).train(seed=3).history
    np.testing.assert_array_equal(one["loss"], other["loss"])
    assert (one["held_out_loss"] != other["held_out_loss"]).all()


def test_calibration_is_fitted_to_evidence_that_never_saw_the_compound(simulated, monkeypatch):
    seen = []

    def fit(evidence, label, log_size, *, balance):
        seen.append((evidence, label))
        return fit_calibration(evidence, label, log_size, balance=balance)

    monkeypatch.setattr(calibrated, "fit_calibration", fit)
    model = quick(simulated).train(seed=0)
    evidence, label = seen[0]
    assert len(label) == simulated.n_obs  # each is left out once
    # By hand: without all signatures of the compounds of one part, the first that is reported.
    x, y = np.asarray(simulated.X), model._y
    part = assign_parts(model._compound, y, parts=5, seed=0)
    out = part == 0
    names = simulated.obs["pert_id"].to_numpy()
    assert not set(names[out]) & set(names[~out])
    # By the same whitening: members, in half precision, are rounded alike.
    without = solve(
        SignatureMatrix(x[~out]),
        y[~out],
        Membership.single(y[~out], len(model.class_names)),
        settings=model.settings,
        whitening=triangular_whitening,
    )
    expected = without.evidence(x[out])
    np.testing.assert_array_equal(label[: out.sum()], y[out])
    np.testing.assert_allclose(evidence[: out.sum()], expected, atol=1e-4)


@pytest.mark.parametrize("preset", [p for p in presets.known() if not p.endswith("_image")])
def test_of_noise_no_model_is_sure(simulated, preset):
    """Evidence of compounds that were seen is sure of them, and would call noise clear."""
    noise = simulated.copy()
    rng = np.random.default_rng(0)
    of_compound = rng.standard_normal((40, noise.n_vars))[noise.obs["pert_id"].factorize()[0]]
    noise.X = (of_compound + 0.3 * rng.standard_normal(noise.shape)).astype(np.float32)
    few = {"epochs": 20, "lr": 1e-3} if presets.is_trained(preset) else {}
    model = make_model(noise, preset=preset, **few).train(seed=0)
    new = rng.standard_normal((200, noise.n_vars)).astype(np.float32)
    confidence = model.probabilities(model.scores(new)).max(1)
    assert confidence.mean() < 0.3  # by chance 0.125


def test_images_are_calibrated_on_what_early_stopping_watched(simulated, watching, monkeypatch):
    rng = np.random.default_rng(0)

    x = np.tanh(rng.standard_normal((simulated.n_obs, 784))).astype(np.float32)
    images = ad.AnnData(x, obs=simulated.obs.copy())
    images.uns["svqvae"] = {"image_shape": np.array([28, 28]), "clip": 1.0, "group": "pert_id"}
    seen = []

    def fit(evidence, label, log_size, *, balance):
        seen.append(label)
        return fit_calibration(evidence, label, log_size, balance=balance)

    monkeypatch.setattr(calibrated, "fit_calibration", fit)
    model = make_model(images, preset="svqvae", epochs=1, hidden=8, latent=2, direction=4)
    model.train(seed=1)
    watched = watching[0]["held_out"]
    np.testing.assert_array_equal(seen[0], model._y[watched])
    compound = images.obs["pert_id"].to_numpy()
    assert not set(compound[watched]) & set(compound[~watched])


def test_without_a_second_compound_nothing_is_watched_nor_calibrated(simulated, caplog):
    one = simulated[
        simulated.obs.groupby("class")["pert_id"].transform(lambda p: p.factorize()[0]).to_numpy()
        == 0
    ].copy()
    with caplog.at_level(logging.INFO, "svqvae"):
        model = quick(one).train()
    assert model.calibration is None
    assert "held_out_loss" not in model.history
    scores = model.scores(np.asarray(one.X))
    assert np.isnan(model.novelty(scores)).all()
    np.testing.assert_allclose(model.probabilities(scores).sum(1), 1, rtol=1e-5)
