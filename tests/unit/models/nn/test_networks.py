"""The published sizes, initialisation, optimiser and hyper-parameters."""

import numpy as np
import pytest
import torch
from untrained import untrained

from svqvae.data.matrix import SignatureMatrix
from svqvae.errors import SvqvaeError
from svqvae.models import presets
from svqvae.models import training as train


def shapes(module):
    return [tuple(p.shape) for p in module.parameters()]


def test_expression_nets_have_the_published_sizes():
    model = untrained("paper", 978, 75)
    assert shapes(model.net.encoder) == [(1000, 978), (1000,)]
    assert shapes(model.net.decoder) == [(978, 1000), (978,)]
    assert model.net.codebook.shape == (75, 1000)
    out = model.generate(torch.full((1, 1000), 1e6)).detach()
    assert out.abs().max() == pytest.approx(10)


def test_image_nets_have_the_published_sizes():
    model = untrained("paper_image", 784, 10)
    assert shapes(model.net.encoder) == [(20, 1, 5, 5), (20,), (50, 20, 5, 5), (50,)]
    assert shapes(model.net.decoder) == [(50, 20, 3, 3), (20,), (20, 1, 5, 5), (1,)]
    z = model.encode(torch.randn(2, 784))
    assert z.shape == (2, 3200)
    assert z.abs().max() <= 1
    assert model.generate(z).shape == (2, 784)
    assert model.net.encoder[1].stride == (2, 2)
    assert model.net.decoder[1].stride == (3, 3)


def test_vae_has_the_published_sizes():
    model = untrained("vae", 978, 75)
    assert shapes(model.net.encoder) == [(1000, 978), (1000,), (1000, 1000), (1000,)]
    assert model.net.mu.out_features == model.net.log_var.out_features == 100
    assert shapes(model.net.decoder)[::2] == [(1000, 100), (1000, 1000), (978, 1000)]


def test_codes_start_uniform_within_one_over_k():
    codes = untrained("paper", 978, 40).net.codebook.detach()
    assert codes.abs().max() <= 1 / 40
    # Uniform on +-1/K: standard deviation 1 / (K sqrt 3), and no lump at the ends.
    assert codes.std() == pytest.approx(1 / (40 * 3**0.5), rel=0.02)


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("paper", {"epochs": 900, "batch_size": 256, "lr": 1e-4, "beta": 0.25, "gamma": 0.1}),
        ("paper_image", {"epochs": 25, "batch_size": 256, "lr": 1e-3, "beta": 0.25, "gamma": 0.1}),
        ("vqvae", {"epochs": 900, "batch_size": 256, "lr": 1e-4, "beta": 0.25}),
        ("vae", {"epochs": 300, "batch_size": 512, "lr": 1e-3, "latent": 100}),
    ],
)
def test_presets_keep_the_papers_numbers(preset, expected):
    settings = presets.resolve(preset)
    assert {k: settings[k] for k in expected} == expected


def test_training_is_adam_with_amsgrad_at_the_papers_rate():
    x, label = torch.randn(8, 6), torch.arange(8) % 3
    ours, plain = (untrained("paper", 6, 3, hidden=4, epochs=5, batch_size=8) for _ in range(2))
    plain.net.load_state_dict(ours.net.state_dict())
    train.fit(ours, SignatureMatrix(x.numpy()), label, seed=0)
    optimiser = torch.optim.Adam(plain.net.parameters(), lr=1e-4, amsgrad=True)
    for _ in range(5):
        optimiser.zero_grad()
        sum(plain.terms(x, label).values()).backward()
        optimiser.step()
    for one, other in zip(ours.net.parameters(), plain.net.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_training_stops_on_a_loss_that_is_not_finite():
    model = untrained("paper", 6, 3, hidden=4, epochs=1, batch_size=4)
    x = SignatureMatrix(np.full((8, 6), np.nan, np.float32))
    with pytest.raises(SvqvaeError, match="epoch 1; lower lr"):
        train.fit(model, x, torch.arange(8) % 3, seed=0)
