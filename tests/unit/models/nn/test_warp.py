"""Warps move images a little, each in its own way, and leave the background alone."""

import torch

from svqvae.models.nn.networks import IMAGE_SIDE
from svqvae.models.nn.warp import warped


def blank(n):
    return torch.full((n, IMAGE_SIDE, IMAGE_SIDE), -1.0)


def test_no_size_is_no_warp():
    images = (torch.rand(5, 784) * 2 - 1).float()
    torch.testing.assert_close(warped(images, 0.0), images, atol=1e-5, rtol=0)


def test_the_background_stays():
    torch.manual_seed(0)
    torch.testing.assert_close(warped(blank(4).reshape(4, -1), 1.0), blank(4).reshape(4, -1))


def test_a_spot_moves_by_about_as_much_as_allowed_and_keeps_its_mass():
    torch.manual_seed(0)
    images = blank(400)
    images[:, 12:16, 12:16] = 1
    moved = warped(images.reshape(400, -1), 1.0).reshape(400, IMAGE_SIDE, IMAGE_SIDE) + 1
    at = torch.arange(IMAGE_SIDE).float()
    mass = moved.sum((1, 2))
    across = (moved.sum(1) * at).sum(1) / mass
    assert len(set(across.tolist())) == 400
    # The spot is at the centre, which turns and stretches leave where it is.
    assert (across - 13.5).abs().max() <= 1.25  # a pixel, and a stretch of that
    assert (across - 13.5).abs().max() > 0.8
    # Half of all draws of one strength would be beyond 0.5, of their product with it beyond 0.19.
    assert 0.1 < (across - 13.5).abs().median() < 0.3
    assert (mass / 32 - 1).abs().max() < 0.3


def test_a_seed_gives_the_same_warp():
    images = torch.rand(3, 784) * 2 - 1
    torch.manual_seed(5)
    one = warped(images, 1.0)
    torch.manual_seed(5)
    torch.testing.assert_close(warped(images, 1.0), one, atol=0, rtol=0)
