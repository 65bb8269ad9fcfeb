"""Where networks are trained: what is asked for, or a sentence that says what there is."""

import numpy as np
import pytest
import torch

from svqvae.errors import SvqvaeError
from svqvae.models import device, registry
from svqvae.models.device import chosen, training_on


def test_the_cpu_is_always_there():
    with training_on("cpu"):
        assert chosen() == torch.device("cpu")


def test_auto_takes_a_gpu_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert chosen().type == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert chosen().type == "cuda"
    # What is chosen in a context ends with it.
    with training_on("cpu"):
        assert chosen().type == "cpu"
    assert chosen().type == "cuda"


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_refused_with_those_that_are(name, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(SvqvaeError, match=rf"device '{name}': PyTorch .* only: cpu"):
        with training_on(name):
            pass


def test_a_misspelt_device_has_a_hint():
    with pytest.raises(SvqvaeError, match="device 'cud'; did you mean 'cuda'"):
        chosen("cud")


def test_a_network_is_trained_where_the_context_says(simulated, monkeypatch):
    asked = []
    monkeypatch.setattr(device.torch.cuda, "is_available", lambda: asked.append(1) or False)
    model = registry.make_model(
        simulated, labels_key="class", preset="paper", epochs=1, hidden=4, batch_size=64
    )
    with training_on("cpu"):
        asked.clear()
        model.train(seed=0)
    assert next(model.net.parameters()).device.type == "cpu"


@pytest.mark.gpu
@pytest.mark.parametrize("preset", ["svqvae", "paper", "vae"])
def test_a_gpu_comes_to_the_conclusions_of_a_cpu(simulated, preset):
    """The same classes for nearly all signatures; last digits differ."""
    found = {}
    for name in ("cpu", "cuda"):
        model = registry.make_model(
            simulated, labels_key="class", preset=preset, epochs=60, hidden=64
        )
        with training_on(name):
            model.train(seed=0)
        first = model.predict(simulated, top=1)["predicted_class"]
        found[name] = np.mean(first.to_numpy() == simulated.obs["class"].to_numpy())
    assert abs(found["cpu"] - found["cuda"]) < 0.05
    assert found["cpu"] > 0.5


@pytest.mark.gpu
def test_a_gpu_trains_to_the_same_bits_twice(simulated):
    def weights():
        model = registry.make_model(
            simulated, labels_key="class", preset="paper", epochs=5, hidden=32
        )
        with training_on("cuda"):
            model.train(seed=3)
        return torch.cat([p.detach().ravel() for p in model.net.parameters()])

    assert torch.equal(weights(), weights())
