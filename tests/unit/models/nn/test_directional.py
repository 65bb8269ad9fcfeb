"""The parts of our own model, against plain computations."""

import numpy as np
import pytest
import torch

from svqvae.data.matrix import SignatureMatrix
from svqvae.models import presets
from svqvae.models.nn.directional import ExpressionDirectional, evenly
from svqvae.models.nn.directional_image import ImageDirectional

GENES, CLASSES = 30, 4


def settings(preset="svqvae", **overrides):
    return presets.resolve(preset, {"hidden": 16, "latent": 3, **overrides})


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(0)
    label = np.repeat(np.arange(CLASSES), 25)
    nuisance = rng.standard_normal((100, 2)) @ rng.standard_normal((2, GENES)) * 2
    x = rng.standard_normal((CLASSES, GENES))[label] + nuisance + rng.standard_normal((100, GENES))
    return x.astype(np.float32), label


def solved(drawn, **overrides):
    x, label = drawn
    chosen = settings(**{"squash": 1.0, **overrides})
    network = ExpressionDirectional(GENES, CLASSES, chosen)
    network.solve(SignatureMatrix(x), label)
    return network.eval()


def unit(v):
    return v / np.linalg.norm(v, axis=1, keepdims=True)


def test_the_whitening_is_that_of_the_shrunk_covariance_within_classes(drawn):
    x, label = drawn
    network = solved(drawn, shrinkage=0.3)
    rows = unit(np.tanh(x.astype(float)))
    within = rows - np.array([rows[label == c].mean(0) for c in range(CLASSES)])[label]
    covariance = within.T @ within / (len(x) - CLASSES)
    target = np.trace(covariance) / GENES
    shrunk = 0.7 * covariance + 0.3 * target * np.eye(GENES)
    w = network.whitening.matrix.numpy()
    np.testing.assert_allclose(w @ shrunk @ w / target, np.eye(GENES), atol=2e-3)
    z = network.encode(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(z, unit(rows @ w), atol=1e-5)


def test_full_shrinkage_is_no_whitening(drawn):
    x, _ = drawn
    network = solved(drawn, shrinkage=1.0, squash=1e4)
    z = network.encode(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(z, unit(x), atol=1e-4)


def test_codes_are_the_mean_directions_which_minimise_the_published_pull(drawn):
    x, label = drawn
    network = solved(drawn)
    z = network.encode(torch.from_numpy(x))
    means = torch.stack([z[label == c].mean(0) for c in range(CLASSES)])
    codes = torch.nn.functional.normalize(means)
    torch.testing.assert_close(network.codebook, codes, atol=1e-5, rtol=0)
    pull = ((z - network.codebook[label]) ** 2).sum()
    other = torch.nn.functional.normalize(codes + 0.05 * torch.randn_like(codes))
    assert pull < ((z - other[label]) ** 2).sum()


def test_strength_does_not_change_direction_of_small_values(drawn):
    x, _ = drawn
    network = solved(drawn, squash=1e4)
    z = network.encode(torch.from_numpy(x))
    torch.testing.assert_close(network.encode(torch.from_numpy(x * 3)), z, atol=1e-4, rtol=0)
    torch.testing.assert_close(z.norm(dim=1), torch.ones(len(x)))


def test_evidence_is_cosine_over_temperature_and_the_members_kernel(drawn):
    x, label = drawn
    network = solved(drawn, members=7)
    z = network.encode(torch.from_numpy(x)).numpy().astype(float)
    kept = evenly(label, 7)
    kernel = np.exp(z @ z[kept].T / network.bandwidth)
    means = np.array([kernel[:, label[kept] == c].mean(1) for c in range(CLASSES)]).T
    expected = z @ network.codebook.numpy().T / network.temperature + np.log(means)
    np.testing.assert_allclose(network.evidence(torch.from_numpy(x)), expected, atol=1e-3)
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
    network = solved(drawn)
    rows, labels = torch.from_numpy(x), torch.from_numpy(label)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    for _ in range(200):
        loss = sum(network.terms(rows, labels).values())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        individual = ((network.reconstruct(rows, labels) - rows) ** 2).mean()
    class_means = np.array([x[label == c].mean(0) for c in range(CLASSES)])
    assert individual < 0.6 * ((x - class_means[label]) ** 2).mean()
    # What is solved is not trained.
    assert "codebook" not in dict(network.named_parameters())


def test_images_learn_codes_by_a_bounded_term():
    torch.manual_seed(0)
    network = ImageDirectional(784, 3, settings("svqvae_image", direction=8))
    x, label = torch.randn(20, 784).clamp(-1, 1), torch.arange(20) % 3
    terms = network.terms(x, label)
    assert set(terms) == {"reconstruction", "kl", "class_profile", "supervision"}
    assert all(value >= 0 for value in terms.values())
    sum(terms.values()).backward()
    assert network.codebook.grad.abs().sum() > 0
    assert network.decode(network.codebook.detach()).shape == (3, 784)
    torch.testing.assert_close(network.encode(x).norm(dim=1), torch.ones(20))


def test_drawn_images_have_the_spread_of_their_class_s_residuals():
    torch.manual_seed(0)
    network = ImageDirectional(784, 3, settings("svqvae_image", direction=8)).eval()
    x, label = torch.randn(300, 784).clamp(-1, 1), torch.arange(300) % 3
    x[label == 1] += 0.5
    network.conclude(SignatureMatrix(x.numpy()), label.numpy())
    seen = {}

    def compose(code, residual, strength):
        seen.update(code=code, residual=residual)
        return network.decoder(torch.cat([strength * code, residual], dim=1))

    network.compose = compose
    assert network.draw(1, torch.randn(5000, network.n_noise)).shape == (5000, 784)
    residuals = network.residual(x[label == 1])[0].detach()
    spread = torch.cov(residuals.T, correction=0)
    sd = float(spread.diagonal().max().sqrt())
    torch.testing.assert_close(
        seen["residual"].mean(0), residuals.mean(0), atol=0.1 * sd, rtol=0.05
    )
    torch.testing.assert_close(torch.cov(seen["residual"].T), spread, atol=0.1 * sd**2, rtol=0.1)
    unit_code = torch.nn.functional.normalize(network.codebook.detach()[1:2])
    torch.testing.assert_close(seen["code"].detach(), unit_code.expand(5000, -1))


def test_only_training_images_are_warped():
    torch.manual_seed(0)
    network = ImageDirectional(784, 3, settings("svqvae_image", direction=8)).eval()
    x, label = torch.rand(8, 784) * 2 - 1, torch.arange(8) % 3
    with torch.no_grad():
        torch.manual_seed(1)
        one = network.terms(x, label)["supervision"]
        torch.manual_seed(2)
        assert network.terms(x, label)["supervision"] == one
