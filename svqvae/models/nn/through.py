"""Decoding the codes of a batch, with the gradient straight through to the latents."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from svqvae.models.nn.losses import codes_of, straight_through


def decode_codes(decoder: nn.Sequential, z: Tensor, codebook: Tensor, index: Tensor) -> Tensor:
    """Return ``decoder(codebook[index])``, trained as if each code were its row of ``z``.

    The codebook gets no gradient by it. Where codes are fewer than rows, the decoder's first layer,
    if it is linear, is applied to each code once.
    """
    first = decoder[0]
    if isinstance(first, nn.Linear) and len(codebook) < len(z):
        hidden = _LinearOfCodes.apply(z, codebook.detach(), index, first.weight, first.bias)
        return decoder[1:](hidden)
    return decoder(straight_through(z, codes_of(index, codebook)))


class _LinearOfCodes(torch.autograd.Function):
    """``linear(codebook[index])``; the gradient of its input goes to ``z``."""

    @staticmethod
    def forward(
        ctx: Any, z: Tensor, codebook: Tensor, index: Tensor, weight: Tensor, bias: Tensor
    ) -> Tensor:
        ctx.save_for_backward(codebook, index, weight)
        return F.linear(codebook, weight, bias).index_select(0, index)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        codebook, index, weight = ctx.saved_tensors
        # Of the gradient's precision, which may be bf16.
        codebook, weight = (t.to(gradient.dtype) for t in (codebook, weight))
        # Rows of one code have one input: their gradients are summed first.
        of_codes = F.one_hot(index, len(codebook)).to(gradient.dtype).T @ gradient
        return gradient @ weight, None, None, of_codes.T @ codebook, of_codes.sum(0)
