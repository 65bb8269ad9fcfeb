"""Images turned, stretched and shifted a little, so that pixels are not learned by heart.

How much of this helps depends on the images: handwriting is turned and stretched in nature,
photographs of clothes lie straight, and a net that only sees them askew reads them worse. So each
image is warped by a strength of its own, from hardly at all to the most.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from svqvae.models.lazy import F, torch
from svqvae.models.network import IMAGE_SIDE

if TYPE_CHECKING:
    from torch import Tensor

#: What a warp of strength 1 is at most: a turn in degrees, a stretch or shear as a share, a shift
#: in pixels.
TURN, STRETCH, SHIFT = 10.0, 0.1, 1.0
#: What lies beyond the edge: the background of images in [-1, 1].
_BACKGROUND = -1.0


def warped(images: Tensor, size: float) -> Tensor:
    """Return each image under an affine map of its own, drawn uniformly up to its strength.

    The strength of an image is itself drawn uniformly, up to ``size``.

    Parameters
    ----------
    images
        Images x pixels, in [-1, 1].
    """
    n = len(images)
    strength = size * torch.rand(n, device=images.device)
    drawn = 2 * torch.rand(5, n, device=images.device) - 1
    turn, stretch, shear, across, down = drawn * strength
    angle, scale = turn * math.radians(TURN), 1 + stretch * STRETCH
    cos, sin = angle.cos() * scale, angle.sin()
    # Coordinates run from -1 to 1 over the side.
    shift = SHIFT * 2 / IMAGE_SIDE
    rows = [
        torch.stack([cos, shear * STRETCH - sin, across * shift], dim=1),
        torch.stack([sin, cos, down * shift], dim=1),
    ]
    shape = (n, 1, IMAGE_SIDE, IMAGE_SIDE)
    grid = F.affine_grid(torch.stack(rows, dim=1), list(shape), align_corners=False)
    # grid_sample fills with 0.
    moved = F.grid_sample(images.reshape(shape) - _BACKGROUND, grid, align_corners=False)
    return (moved + _BACKGROUND).reshape(n, -1)
