"""A model takes a signature for one class, whoever asks: predict, reconstruct, the benchmark."""

from dataclasses import replace

import anndata as ad
import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from svqvae.models import presets
from svqvae.models.registry import load_model, make_model
from svqvae.tl.evaluation.evaluate import score_held_out

#: Presets that decode a latent, in which no class is decided on.
CLASSLESS = ("vae", "vqvae", "vae_logistic")
DECIDING = [p for p in presets.known() if not p.endswith("_image") and p not in CLASSLESS]


@pytest.fixture(scope="module")
def unbalanced(simulated):
    """From one compound a class to five, so that the prior of large classes decides."""
    names = sorted(simulated.obs["class"].unique())
    most = simulated.obs["class"].map({name: 1 + i % 5 for i, name in enumerate(names)})
    compound = simulated.obs.groupby("class")["pert_id"].transform(lambda p: p.factorize()[0])
    return simulated[(compound < most.astype(int)).to_numpy()].copy()


def quick(adata, preset, **overrides):
    if "epochs" in presets.known()[preset]:
        overrides = {"epochs": 2, "lr": 1e-3} | overrides
    return make_model(adata, preset=preset, **overrides).train()


def first(model, adata):
    named = model.predict(adata, top=1)["predicted_class"]
    return np.array([model.class_names.index(name) for name in named])


def composed(model, x, of_class):
    """What the decoder makes of a class's code with the rows' own residual and strength."""
    rows = torch.from_numpy(x)
    with torch.inference_mode():
        code = normalize(model.net.codebook)[torch.from_numpy(of_class)]
        own = [model.residual(rows)[0]]
        if model.preset == "svqvae":
            own.append(model.strength(rows))
        return model.compose(code, *own).numpy()


def test_reconstruct_decodes_the_class_that_predict_names(simulated, unbalanced, tmp_path):
    model = quick(unbalanced, "svqvae")
    x, named = np.asarray(simulated.X), first(model, simulated)
    raw = model.evidence_of(x).argmax(1)
    assert (raw != named).any()  # evidence alone would decide otherwise
    assert len(set(named)) > 4
    np.testing.assert_allclose(model.reconstruct(x), composed(model, x, named), atol=1e-5)
    np.testing.assert_array_equal(model.first_class(x), named)
    model.save(tmp_path)
    np.testing.assert_array_equal(load_model(tmp_path).reconstruct(x), model.reconstruct(x))


def squares(rng, label, brightest):
    """Images of a square, somewhere else in each class, some of them too faint to tell."""
    light = rng.uniform(0, brightest, len(label))
    x = -1 + 0.5 * rng.random((len(label), 28, 28))
    for of_class, at in enumerate((4, 10, 16)):
        mine = label == of_class
        x[mine, at : at + 7, at : at + 7] += light[mine, None, None]
    return x.reshape(-1, 784).clip(-1, 1).astype(np.float32)


def test_images_are_reconstructed_as_the_class_that_they_are_taken_for():
    rng = np.random.default_rng(0)
    label = np.repeat([0, 1, 2], [60, 20, 10])
    x = squares(rng, label, 1.0)
    images = ad.AnnData(x)
    images.obs["class"] = [f"c{i}" for i in label]
    images.uns["svqvae"] = {"image_shape": np.array([28, 28]), "clip": 1.0}
    model = quick(images, "svqvae", hidden=16, latent=3, direction=8, epochs=4, batch_size=16)
    assert model.preset == "svqvae_image"
    # A prior that overrules the evidence on rows that show little.
    model.calibration = replace(model.calibration, prior=3.0)
    raw, named = model.evidence_of(x).argmax(1), first(model, images)
    assert (raw != named).any()
    assert len(set(named)) > 1
    np.testing.assert_allclose(model.reconstruct(x), composed(model, x, named), atol=1e-4)


@pytest.mark.parametrize("preset", [p for p in DECIDING if p not in ("svqvae", "class_prior")])
def test_other_models_decode_the_code_of_the_class_that_they_name(preset, simulated, unbalanced):
    model = quick(unbalanced, preset, **({"trees": 20} if preset == "random_forest" else {}))
    # Few trees have little to say: the prior would give all signatures to one class.
    model.calibration = replace(model.calibration, prior=0.0)
    x, named = np.asarray(simulated.X), first(model, simulated)
    expected = model.decode(model.codes)[named]
    np.testing.assert_allclose(model.reconstruct(x), expected, rtol=1e-4, atol=1e-4)
    assert len(np.unique(expected, axis=0)) > 1


def test_the_benchmark_s_error_is_that_of_the_class_its_accuracy_counts(simulated, unbalanced):
    model = quick(unbalanced, "svqvae")
    predictions, scores = score_held_out(model, simulated, fold=0, seed=0)
    part = simulated[(simulated.obs["fold"] == 0).to_numpy()]
    best = predictions[predictions["rank"] == 1].set_index("sig_id")["predicted_class"]
    named = np.array([model.class_names.index(c) for c in best[part.obs["sig_id"]]])
    error = ((composed(model, np.asarray(part.X), named) - part.X) ** 2).mean(1)
    np.testing.assert_allclose(scores["reconstruction_mse"], error, rtol=1e-4)
    right = (best[part.obs["sig_id"]].to_numpy() == part.obs["class"]).to_numpy()
    np.testing.assert_array_equal(scores["true_rank"] == 1, right)


def test_balance_weighs_the_classes_in_calibration(unbalanced):
    """1 serves the mean over classes: less of the prior of large ones than 0 does."""
    priors = [quick(unbalanced, "svqvae", balance=b).calibration.prior for b in (0.0, 1.0)]
    assert priors[0] > priors[1]
