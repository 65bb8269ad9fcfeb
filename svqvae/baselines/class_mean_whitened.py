"""Nearest class mean by whitened cosine: differences within classes removed, then direction."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np

from svqvae.base import ClassModel
from svqvae.matrix import group_sums

KIND = "class_mean_whitened"
ROLE = "baseline"
#: Least variance of unit rows in any direction: without residuals (one signature a class), or with
#: fewer of them than genes and no shrinkage, there would be nothing to divide by.
_FLOOR = 1e-9
PRESETS: dict[str, dict[str, Any]] = {"class_mean_whitened": {"kind": KIND, "shrinkage": 0.6}}


class WhitenedMean(ClassModel):
    """Class means of unit rows whitened by the shrunk covariance within classes.

    The covariance is ``(1 - shrinkage) S + shrinkage tr(S) / p I``, S pooled within classes.
    """

    def train(self, *, seed: int = 0, checkpoint: Path | None = None) -> Self:
        square = np.zeros((self._x.shape[1],) * 2)
        length = 0.0
        for x in self._x.blocks():
            rows = _unit(x).astype(np.float64)
            square += rows.T @ rows
            length += float(np.linalg.norm(x, axis=1).sum())
        n = self.n_signatures
        sums = group_sums(map(_unit, self._x.blocks()), self._y, len(n))
        within = (square - sums.T @ (sums / n[:, None])) / max(1, len(self._x) - len(n))
        target = max(np.trace(within) / len(within), _FLOOR)
        shrinkage = self.settings["shrinkage"]
        value, vector = np.linalg.eigh(
            (1 - shrinkage) * within + shrinkage * target * np.eye(len(within))
        )
        root = np.sqrt(np.maximum(value, _FLOOR) / target)
        self.whitening = ((vector / root) @ vector.T).astype(np.float32)
        # Rows have unit length twice; profiles get the mean length back.
        self.unwhitening = ((vector * root) @ vector.T * length / len(self._x)).astype(np.float32)
        self.codes = self._summarise_latent()
        self.provenance |= {"seed": seed}
        return self

    def latent(self, x: np.ndarray) -> np.ndarray:
        return _unit(_unit(x) @ self.whitening)

    def decode(self, z: np.ndarray) -> np.ndarray:
        return z @ self.unwhitening

    def scores(self, x: np.ndarray) -> np.ndarray:
        return self.latent(x) @ _unit(self.codes).T

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        return self.decode(self.codes)[self.scores(x).argmax(1)]

    def _state(self) -> dict[str, np.ndarray]:
        return {name: getattr(self, name) for name in ("codes", "whitening", "unwhitening")}

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        self.codes = state["codes"]
        self.whitening, self.unwhitening = state["whitening"], state["unwhitening"]


def _unit(x: np.ndarray) -> np.ndarray:
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)


MODEL = WhitenedMean
