"""Each term of the objective, and where its gradient flows, against NumPy."""

import numpy as np
import pytest
import torch
from untrained import untrained

from svqvae.models.nn import losses

BATCH, DIMENSIONS, CLASSES, GENES = 7, 5, 4, 6
BETA, GAMMA = 0.25, 0.1


@pytest.fixture
def drawn():
    rng = np.random.default_rng(3)
    z = rng.standard_normal((BATCH, DIMENSIONS))
    codebook = rng.standard_normal((CLASSES, DIMENSIONS))
    label = np.array([0, 1, 2, 3, 0, 1, 2])
    distance = ((z[:, None] - codebook[None]) ** 2).sum(2)
    nearest = distance.argmin(1)
    # Both cases of the indicator must occur, or the test would not see it.
    assert 0 < (nearest != label).sum() < BATCH
    return z, codebook, label, nearest


def numpy_terms(z, codebook, label, nearest):
    """The four codebook terms, written out row by row."""
    size = z.size
    terms = {"code": 0.0, "commitment": 0.0, "repulsion": 0.0, "divergence": 0.0}
    for i in range(len(z)):
        own = ((z[i] - codebook[label[i]]) ** 2).sum() / size
        terms["code"] += own
        terms["commitment"] += BETA * own
        if nearest[i] != label[i]:
            other = ((z[i] - codebook[nearest[i]]) ** 2).sum() / size
            terms["repulsion"] -= other
            terms["divergence"] -= GAMMA * other
    return terms


def numpy_gradients(z, codebook, label, nearest):
    """Analytic gradient of each term for z and for the codebook, with stop-gradients."""
    size = z.size
    zero = {
        k: (np.zeros_like(z), np.zeros_like(codebook))
        for k in numpy_terms(*[z, codebook, label, nearest])
    }
    for i in range(len(z)):
        own = 2 * (z[i] - codebook[label[i]]) / size
        zero["code"][1][label[i]] -= own
        zero["commitment"][0][i] += BETA * own
        if nearest[i] != label[i]:
            other = 2 * (z[i] - codebook[nearest[i]]) / size
            zero["repulsion"][1][nearest[i]] += other
            zero["divergence"][0][i] -= GAMMA * other
    return zero


def as_tensors(z, codebook, label):
    return (
        torch.tensor(z, requires_grad=True),
        torch.tensor(codebook, requires_grad=True),
        torch.tensor(label),
    )


def test_each_term_equals_numpy(drawn):
    z, codebook, label = as_tensors(*drawn[:3])
    found = losses.supervised_vq_terms(z, codebook, label, beta=BETA, gamma=GAMMA)
    expected = numpy_terms(*drawn)
    assert set(found) == set(expected)
    for name, value in expected.items():
        assert float(found[name].detach()) == pytest.approx(value, rel=1e-12), name


@pytest.mark.parametrize("term", ["code", "commitment", "repulsion", "divergence"])
def test_each_gradient_flows_where_the_paper_says(drawn, term):
    z, codebook, label = as_tensors(*drawn[:3])
    found = losses.supervised_vq_terms(z, codebook, label, beta=BETA, gamma=GAMMA)[term]
    to_z, to_codebook = torch.autograd.grad(found, (z, codebook), allow_unused=True)
    expected_z, expected_codebook = numpy_gradients(*drawn)[term]
    for gradient, expected in ((to_z, expected_z), (to_codebook, expected_codebook)):
        gradient = np.zeros_like(expected) if gradient is None else gradient.numpy()
        np.testing.assert_allclose(gradient, expected, atol=1e-12)


def test_distances_to_codes_are_not_rounded_to_bf16():
    """Latents and codes far from 0, close to each other."""
    torch.manual_seed(0)
    codebook = 1 + 0.1 * torch.randn(CLASSES, DIMENSIONS)
    z, label = codebook.repeat(2, 1) + 0.01 * torch.randn(8, DIMENSIONS), torch.arange(8) % CLASSES
    given = {"beta": BETA, "gamma": GAMMA}
    exact = losses.supervised_vq_terms(z.double(), codebook.double(), label, **given)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = losses.supervised_vq_terms(z, codebook, label, **given)
    assert losses.nearest_code(z, codebook).tolist() == label.tolist()
    for name in ("code", "commitment"):
        assert float(found[name]) == pytest.approx(float(exact[name]), rel=0.01), name


def small(preset):
    model = untrained(preset, GENES, CLASSES, hidden=DIMENSIONS)
    model.net.double()
    return model


def test_reconstruction_decodes_the_labels_code_and_skips_the_codebook():
    model = small("paper")
    rng = np.random.default_rng(0)
    x, label = (
        torch.tensor(rng.standard_normal((BATCH, GENES))),
        torch.tensor([0, 1, 2, 3, 0, 1, 2]),
    )
    term = model.terms(x, label)["reconstruction"]
    decoder = model.net.decoder[0]
    weight, bias = (p.detach().numpy() for p in (decoder.weight, decoder.bias))
    codes = model.net.codebook.detach().numpy()[label.numpy()]
    decoded = 10 * np.tanh(codes @ weight.T + bias)
    assert float(term.detach()) == pytest.approx(((decoded - x.numpy()) ** 2).mean(), rel=1e-10)

    encoder_weight = model.net.encoder[0].weight
    to_codebook, to_encoder, to_decoder = torch.autograd.grad(
        term, (model.net.codebook, encoder_weight, model.net.decoder[0].weight), allow_unused=True
    )
    assert to_codebook is None or not to_codebook.any()
    # Straight through: the gradient at the decoder's input goes to z as it is.
    at_input = (2 * (decoded - x.numpy()) / x.numel()) * 10 * (1 - (decoded / 10) ** 2) @ weight
    z = model.encode(x).detach().numpy()
    expected = (at_input * (1 - z**2)).T @ x.numpy()
    np.testing.assert_allclose(to_encoder.numpy(), expected, atol=1e-12)
    assert to_decoder.abs().sum() > 0


def test_loss_of_the_module_is_the_sum_of_its_terms_with_nearest_by_distance():
    model = small("paper")
    rng = np.random.default_rng(1)
    x, label = (
        torch.tensor(rng.standard_normal((BATCH, GENES))),
        torch.tensor([3, 2, 1, 0, 3, 2, 1]),
    )
    terms = {k: float(v.detach()) for k, v in model.terms(x, label).items()}
    z, codebook = model.encode(x).detach().numpy(), model.net.codebook.detach().numpy()
    nearest = ((z[:, None] - codebook[None]) ** 2).sum(2).argmin(1)
    for name, value in numpy_terms(z, codebook, label.numpy(), nearest).items():
        assert terms[name] == pytest.approx(value, rel=1e-9), name
    assert set(terms) == {"reconstruction", "code", "commitment", "repulsion", "divergence"}


def test_vqvae_uses_the_nearest_code_and_no_label():
    model = small("vqvae")
    rng = np.random.default_rng(2)
    x = torch.tensor(rng.standard_normal((BATCH, GENES)))
    one = model.terms(x, torch.zeros(BATCH, dtype=torch.long))
    other = model.terms(x, torch.full((BATCH,), CLASSES - 1))
    assert all(torch.equal(one[k], other[k]) for k in one)
    z, codebook = model.encode(x).detach().numpy(), model.net.codebook.detach().numpy()
    own = codebook[((z[:, None] - codebook[None]) ** 2).sum(2).argmin(1)]
    assert float(one["code"].detach()) == pytest.approx(((z - own) ** 2).mean(), rel=1e-10)
    assert float(one["commitment"].detach()) == pytest.approx(0.25 * ((z - own) ** 2).mean())


def test_kl_equals_torch_distributions():
    mu, log_var = torch.randn(5, 3), torch.randn(5, 3)
    posterior = torch.distributions.Normal(mu, (0.5 * log_var).exp())
    prior = torch.distributions.Normal(torch.zeros(5, 3), torch.ones(5, 3))
    expected = torch.distributions.kl_divergence(posterior, prior).sum(1)
    torch.testing.assert_close(losses.gaussian_kl(mu, log_var), expected)
