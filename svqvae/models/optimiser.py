"""Adam with amsgrad, which all networks are trained by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim.adam import adam

_BETAS = (0.9, 0.999)
_EPSILON = 1e-8
_MOMENTS = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")


class Adam:
    """Adam (Kingma and Ba 2015) with amsgrad (Reddi et al. 2018), fused: one pass over all moments.

    Its steps are those of ``torch.optim.Adam``, by the function that this calls too. To make one of
    torch's imports its compiler, which takes longer than many a training.

    Parameters
    ----------
    parameters
        Those without a gradient stay as they are.
    lr
        Learning rate; may be set anew before each step.
    """

    def __init__(self, parameters: Iterable[Tensor], *, lr: float) -> None:
        self.parameters, self.lr = list(parameters), lr
        self._state = [
            {
                "step": torch.zeros((), device=parameter.device),
                **{name: torch.zeros_like(parameter, requires_grad=False) for name in _MOMENTS},
            }
            for parameter in self.parameters
        ]

    def forget_gradients(self) -> None:
        """Let go of all gradients, so that the next backward pass writes them and adds nothing."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move each parameter by its gradient."""
        moved = [
            (parameter, parameter.grad, state)
            for parameter, state in zip(self.parameters, self._state, strict=True)
            if parameter.grad is not None
        ]
        parameters, gradients, states = map(list, zip(*moved, strict=True))
        mean, square, largest = ([state[name] for state in states] for name in _MOMENTS)
        adam(
            parameters,
            gradients,
            mean,
            square,
            largest,
            [state["step"] for state in states],
            fused=True,
            amsgrad=True,
            beta1=_BETAS[0],
            beta2=_BETAS[1],
            lr=self.lr,
            weight_decay=0.0,
            eps=_EPSILON,
            maximize=False,
        )

    def state_dict(self) -> dict[str, Any]:
        """Return steps and moments of each parameter, by its position."""
        return {"state": dict(enumerate(self._state))}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Take over saved steps and moments.

        Raises
        ------
        LookupError, TypeError, ValueError
            If they are not of these parameters; what was taken by then has to be undone.
        """
        if len(saved["state"]) != len(self._state):
            raise ValueError("its moments are of another network")
        for at, own in enumerate(self._state):
            for name, tensor in own.items():
                if saved["state"][at][name].shape != tensor.shape:
                    raise ValueError("its moments are of another network")
                tensor.copy_(saved["state"][at][name])
