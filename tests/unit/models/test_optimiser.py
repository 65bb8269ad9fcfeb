"""Our Adam is torch's, without its compiler."""

import subprocess
import sys

import pytest
import torch
from torch.nn import functional as F

from svqvae.models.optimiser import Adam

SHAPES = ((5, 3), (5,), (2, 5), ())


def parameters():
    torch.manual_seed(0)
    return [torch.randn(shape, requires_grad=True) for shape in SHAPES]


def gradients(step):
    torch.manual_seed(step + 1)
    # Smaller and smaller, so that the largest second moment is not the last one.
    return [torch.randn(shape) / (step + 1) for shape in SHAPES]


def steps_of(optimiser, own, steps):
    for step in steps:
        for parameter, gradient in zip(own, gradients(step), strict=True):
            parameter.grad = gradient
        optimiser.step()


def test_steps_are_those_of_torch_with_amsgrad():
    ours, theirs = parameters(), parameters()
    steps_of(Adam(ours, lr=0.1), ours, range(8))
    steps_of(torch.optim.Adam(theirs, lr=0.1, amsgrad=True, fused=True), theirs, range(8))
    assert all(map(torch.equal, ours, theirs))
    plain = parameters()
    steps_of(torch.optim.Adam(plain, lr=0.1), plain, range(8))
    assert not torch.allclose(ours[0], plain[0])


def test_a_parameter_without_gradient_stays():
    ours = parameters()
    before = [p.detach().clone() for p in ours]
    optimiser = Adam(ours, lr=0.1)
    F.mse_loss(ours[1], torch.ones(5)).backward()
    optimiser.step()
    assert [torch.equal(p, b) for p, b in zip(ours, before, strict=True)] == [
        True,
        False,
        *[True] * 2,
    ]
    optimiser.forget_gradients()
    assert all(p.grad is None for p in ours)


def test_a_saved_state_goes_on_to_the_same_bits():
    whole, halves = parameters(), parameters()
    steps_of(Adam(whole, lr=0.1), whole, range(6))
    first, second = Adam(halves, lr=0.1), Adam(halves, lr=0.1)
    steps_of(first, halves, range(3))
    second.load_state_dict(first.state_dict())
    steps_of(second, halves, range(3, 6))
    assert all(map(torch.equal, whole, halves))


def test_the_state_of_other_parameters_is_refused():
    optimiser = Adam(parameters(), lr=0.1)
    with pytest.raises(ValueError, match="of another network"):
        optimiser.load_state_dict(Adam(parameters()[:2], lr=0.1).state_dict())
    with pytest.raises(ValueError, match="of another network"):
        optimiser.load_state_dict(Adam(parameters()[::-1], lr=0.1).state_dict())


def test_training_does_not_import_torchs_compiler(repository):
    script = (
        f"import sys; sys.path[:0] = [{str(repository)!r}, {str(repository / 'tests')!r}]\n"
        "import numpy as np, torch\n"
        "from untrained import untrained\n"
        "from svqvae.data.matrix import SignatureMatrix\n"
        "from svqvae.models import training\n"
        "model = untrained('paper', 6, 3, hidden=4, epochs=1)\n"
        "x = SignatureMatrix(np.ones((9, 6), np.float32))\n"
        "training.fit(model, x, torch.arange(9) % 3, seed=0)\n"
        "assert 'torch._dynamo' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
