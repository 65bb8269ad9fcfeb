"""Our own model for images: its objective, and what it draws."""

import numpy as np
import pytest
import torch
from untrained import untrained

from svqvae.data.matrix import SignatureMatrix


@pytest.fixture
def model():
    return untrained("svqvae_image", 784, 3, hidden=16, latent=3, direction=8)


def test_images_learn_codes_by_a_bounded_term(model):
    x, label = torch.randn(20, 784).clamp(-1, 1), torch.arange(20) % 3
    terms = model.terms(x, label)
    assert set(terms) == {"reconstruction", "kl", "class_profile", "supervision"}
    assert all(value >= 0 for value in terms.values())
    sum(terms.values()).backward()
    assert model.net.codebook.grad.abs().sum() > 0
    assert model.generate(model.net.codebook.detach()).shape == (3, 784)
    torch.testing.assert_close(model.encode(x).norm(dim=1), torch.ones(20))


def test_drawn_images_have_the_spread_of_their_class_s_residuals(model):
    model.net.eval()
    x, label = torch.randn(300, 784).clamp(-1, 1), torch.arange(300) % 3
    x[label == 1] += 0.5
    model._x, model._y = SignatureMatrix(x.numpy()), label.numpy()
    model._keep_residuals()
    seen = {}

    def compose(code, residual):
        seen.update(code=code, residual=residual)
        return model.net.decoder(torch.cat([code, residual], dim=1))

    model.compose = compose
    assert model._draw(1, 5000, np.random.default_rng(0)).shape == (5000, 784)
    residuals = model.residual(x[label == 1])[0].detach()
    spread = torch.cov(residuals.T, correction=0)
    sd = float(spread.diagonal().max().sqrt())
    torch.testing.assert_close(
        seen["residual"].mean(0), residuals.mean(0), atol=0.1 * sd, rtol=0.05
    )
    torch.testing.assert_close(torch.cov(seen["residual"].T), spread, atol=0.1 * sd**2, rtol=0.1)
    unit_code = torch.nn.functional.normalize(model.net.codebook.detach()[1:2])
    torch.testing.assert_close(seen["code"].detach(), unit_code.expand(5000, -1))


def test_only_training_images_are_warped(model):
    model.net.eval()
    x, label = torch.rand(8, 784) * 2 - 1, torch.arange(8) % 3
    with torch.no_grad():
        torch.manual_seed(1)
        one = model.terms(x, label)["supervision"]
        torch.manual_seed(2)
        assert model.terms(x, label)["supervision"] == one


def test_codes_alone_are_held_against_images_as_they_are(model):
    model.net.train()
    x, label = torch.rand(8, 784) * 2 - 1, torch.arange(8) % 3
    with torch.no_grad():
        terms = model.terms(x, label)
        decoded = model.generate(model.net.codebook)[label]
    assert terms["class_profile"] == torch.nn.functional.mse_loss(decoded, x)
