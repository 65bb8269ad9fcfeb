"""Our own model: its equations against plain computations, and its name."""

import numpy as np
import pytest
import torch
from untrained import untrained

from svqvae import SVQVAE, load_model, make_model
from svqvae.data.matrix import SignatureMatrix
from svqvae.data.membership import Membership
from svqvae.data.split import evenly
from svqvae.errors import SvqvaeError
from svqvae.models import store
from svqvae.models.directions import solve
from svqvae.models.published import PublishedSVQVAE
from svqvae.query.solved import load_to_ask

GENES, CLASSES = 30, 4


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(0)
    label = np.repeat(np.arange(CLASSES), 25)
    nuisance = rng.standard_normal((100, 2)) @ rng.standard_normal((2, GENES)) * 2
    x = rng.standard_normal((CLASSES, GENES))[label] + nuisance + rng.standard_normal((100, GENES))
    return x.astype(np.float32), label


def solved(drawn, **overrides):
    x, label = drawn
    small = {"hidden": 16, "latent": 3, "squash": 1.0}
    model = untrained("svqvae", GENES, CLASSES, **{**small, **overrides})
    classes = Membership.single(label, CLASSES)
    model.take_directions(solve(SignatureMatrix(x), label, classes, settings=model.settings))
    model.net.eval()
    return model


def unit(v):
    return v / np.linalg.norm(v, axis=1, keepdims=True)


def test_the_whitening_is_that_of_the_shrunk_covariance_within_classes(drawn):
    x, label = drawn
    model = solved(drawn, shrinkage=0.3)
    rows = unit(np.tanh(x.astype(float)))
    within = rows - np.array([rows[label == c].mean(0) for c in range(CLASSES)])[label]
    covariance = within.T @ within / (len(x) - CLASSES)
    target = np.trace(covariance) / GENES
    shrunk = 0.7 * covariance + 0.3 * target * np.eye(GENES)
    w = model.directions.whitening
    np.testing.assert_allclose(w @ shrunk @ w / target, np.eye(GENES), atol=2e-3)
    np.testing.assert_allclose(model.latent(x), unit(rows @ w), atol=1e-5)
    np.testing.assert_allclose(model.directions.centre, rows.mean(0), atol=1e-6)
    centred = unit((rows - rows.mean(0)) @ w)
    np.testing.assert_allclose(model.directions.centred(x), centred, atol=1e-5)


def test_full_shrinkage_is_no_whitening(drawn):
    x, _ = drawn
    model = solved(drawn, shrinkage=1.0, squash=1e4)
    np.testing.assert_allclose(model.latent(x), unit(x), atol=1e-4)
    centred = unit(unit(x) - unit(x).mean(0))
    np.testing.assert_allclose(model.directions.centred(x), centred, atol=1e-4)


def test_codes_are_the_mean_directions_which_minimise_the_published_pull(drawn):
    x, label = drawn
    model = solved(drawn)
    z = model.encode(torch.from_numpy(x))
    means = torch.stack([z[label == c].mean(0) for c in range(CLASSES)])
    codes = torch.nn.functional.normalize(means)
    torch.testing.assert_close(model.net.codebook, codes, atol=1e-5, rtol=0)
    pull = ((z - model.net.codebook[label]) ** 2).sum()
    other = torch.nn.functional.normalize(codes + 0.05 * torch.randn_like(codes))
    assert pull < ((z - other[label]) ** 2).sum()


def test_strength_does_not_change_direction_of_small_values(drawn):
    x, _ = drawn
    model = solved(drawn, squash=1e4)
    z = model.encode(torch.from_numpy(x))
    torch.testing.assert_close(model.encode(torch.from_numpy(x * 3)), z, atol=1e-4, rtol=0)
    torch.testing.assert_close(z.norm(dim=1), torch.ones(len(x)))


def test_a_signature_of_zeros_has_no_direction(drawn):
    model = solved(drawn)
    nothing = np.zeros((1, GENES), np.float32)
    assert not model.latent(nothing).any()
    # No class is nearer than another, but for the sizes of kernels.
    assert np.ptp(model.evidence_of(nothing)) < 1e-4


def test_evidence_is_cosine_over_temperature_and_the_members_kernel(drawn):
    x, label = drawn
    model = solved(drawn, members=7)
    z = model.directions.centred(x).astype(float)
    kept = evenly(label, 7)
    members = z[kept].astype(np.float16).astype(float)  # as they are kept
    kernel = np.exp(z @ members.T / model.settings.bandwidth)
    means = np.array([kernel[:, label[kept] == c].mean(1) for c in range(CLASSES)]).T
    expected = z @ model.directions.codebook.T / model.settings.temperature + np.log(means)
    np.testing.assert_allclose(model.evidence(torch.from_numpy(x)), expected, atol=1e-3)
    alone = solved(drawn, members=0).evidence(torch.from_numpy(x))
    np.testing.assert_allclose(alone, expected - np.log(means), atol=1e-3)


@pytest.mark.parametrize("most", [1, 3, 25, 40])
def test_members_are_spread_over_each_class(most):
    label = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [5, 25, 40]))
    counts = np.bincount(label[evenly(label, most)], minlength=3)
    np.testing.assert_array_equal(counts, np.minimum([5, 25, 40], most))
    assert len(np.unique(evenly(label, most))) == counts.sum()


def test_the_residual_lets_the_decoder_tell_individuals_apart(drawn):
    x, label = drawn
    torch.manual_seed(0)
    model = solved(drawn)
    rows, labels = torch.from_numpy(x), torch.from_numpy(label)
    optimiser = torch.optim.Adam(model.net.parameters(), lr=1e-2)
    for _ in range(200):
        loss = sum(model.terms(rows, labels).values())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        code, own = model.net.codebook[labels], model.residual(rows)[0]
        individual = ((model.compose(code, own, model.strength(rows)) - rows) ** 2).mean()
    class_means = np.array([x[label == c].mean(0) for c in range(CLASSES)])
    assert individual < 0.6 * ((x - class_means[label]) ** 2).mean()
    # What is solved is not trained.
    assert "codebook" not in dict(model.net.named_parameters())
    assert not {"codebook", "mean_length"} & set(model.net.state_dict())


def test_the_name_makes_and_loads_the_published_model_and_no_other(simulated, tmp_path):
    model = SVQVAE(simulated, preset="paper", epochs=1, hidden=4).train()
    assert model.preset == "paper"
    model.save(tmp_path)
    assert type(SVQVAE.load(tmp_path)) is type(model) is type(load_model(tmp_path))
    for preset in ("vae", "lda"):
        with pytest.raises(SvqvaeError, match=f"'{preset}' is no S-VQ-VAE; make it with"):
            SVQVAE(simulated, preset=preset)
    make_model(simulated, preset="lda").train().save(tmp_path / "lda")
    with pytest.raises(SvqvaeError, match="'lda' is no S-VQ-VAE; make it with"):
        SVQVAE.load(tmp_path / "lda")
    with pytest.raises(SvqvaeError, match="unknown preset 'papr'; did you mean 'paper'"):
        SVQVAE(simulated, preset="papr")


def as_of_version_0_3(folder, **names):
    """Give the arrays of a saved model the names of old, and leave out what there was none of."""
    card, arrays, history = store.load(folder)
    arrays.pop("directions.centre")
    for name in [name for name in arrays if name.startswith("directions.")]:
        old = name.removeprefix("directions.")
        arrays[names.get(old, old)] = arrays.pop(name)
    store.save(folder, card=card, arrays=arrays, history=history)


@pytest.mark.parametrize(
    "names", [{}, {"whitening": "whitening.matrix", "mean_length": "strength_scale"}]
)
def test_directions_to_version_0_3_are_not_centred(names, simulated, tmp_path):
    model = SVQVAE(simulated, epochs=1, hidden=4).train()
    model.save(tmp_path)
    as_of_version_0_3(tmp_path, **names)
    again, x = load_model(tmp_path), np.asarray(simulated.X)
    uncentred = unit(unit(np.tanh(x.astype(float) / 2)) @ model.directions.whitening)
    np.testing.assert_allclose(again.latent(x), uncentred, atol=1e-5)
    np.testing.assert_allclose(load_to_ask(tmp_path).latent(x), uncentred, atol=1e-5)
    np.testing.assert_array_equal(again.codes, model.codes)
    of_class = again.first_class(x)
    assert again.reconstruct(x).shape == x.shape
    # Decoded as ever: of one class the two say the same.
    same = of_class == model.first_class(x)
    np.testing.assert_array_equal(again.reconstruct(x)[same], model.reconstruct(x)[same])


def test_scores_and_novelty_need_no_gradient(simulated):
    x = np.asarray(simulated.X)[::3]
    whole = SVQVAE(simulated, epochs=2, hidden=4).train(seed=1)
    solved = SVQVAE(simulated, epochs=2, hidden=4).train_scores(seed=1)
    np.testing.assert_array_equal(solved.scores(x), whole.scores(x))
    np.testing.assert_array_equal(solved.novelty(solved.scores(x)), whole.novelty(whole.scores(x)))
    assert len(solved.history) == 0


def test_a_subclass_is_itself(simulated, tmp_path):
    class Mine(SVQVAE):
        pass

    model = Mine(simulated, epochs=1, hidden=4).train()
    assert type(model) is Mine
    model.save(tmp_path)
    assert type(Mine.load(tmp_path)) is Mine
    PublishedSVQVAE(simulated, preset="paper", epochs=1, hidden=4).train().save(tmp_path / "paper")
    with pytest.raises(SvqvaeError, match="'paper' is of another class than Mine"):
        Mine.load(tmp_path / "paper")
