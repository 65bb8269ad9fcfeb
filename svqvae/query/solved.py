"""The preset svqvae without torch: what is solved of it, which is all that answers need.

Importing torch takes longer than an answer. Equations 1 to 4 of :mod:`svqvae.models.svqvae`, in
NumPy, from the arrays of a saved model.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from svqvae.models import registry, saved
from svqvae.models.base import ClassModel
from svqvae.models.store import read_card
from svqvae.models.svqvae import SVQVAE
from svqvae.models.whitening import unit_rows

#: Least mean of a class's kernel, as of the model.
_LEAST = 1e-30


class SolvedSVQVAE(SVQVAE):
    """A loaded S-VQ-VAE that scores and encodes; it has no decoder."""

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        self._whitening = state["whitening"]
        self._members = state["members"].astype(np.float32)
        self._codebook = unit_rows(state["codebook"])
        n = len(self._codebook)
        member = np.eye(n, dtype=np.float32)[state["member_class"]].reshape(-1, n)
        with np.errstate(invalid="ignore", divide="ignore"):
            self._share = member / member.sum(0)
        self.codes = state["_codes"]
        self.familiar = state.get("_familiar")

    @property
    def whitening(self) -> np.ndarray:
        """W of equation 1, genes x genes."""
        return self._whitening

    def latent(self, x: np.ndarray) -> np.ndarray:
        """Return the direction of each row, equation 1."""
        squashed = np.tanh(np.asarray(x, np.float32) / np.float32(self.settings.squash))
        return unit_rows(unit_rows(squashed) @ self._whitening)

    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        """Return signatures x classes, equation 3."""
        z = self.latent(x)
        found = z @ self._codebook.T / self.settings.temperature
        if len(self._members) == 0:
            return found
        similarity = z @ self._members.T / self.settings.bandwidth
        nearest = similarity.max(1, keepdims=True)
        mean = np.exp(similarity - nearest) @ self._share
        return found + nearest + np.log(np.maximum(mean, _LEAST))


def load_to_ask(folder: str | Path) -> ClassModel:
    """Load a saved model to query it; of the preset svqvae what is solved, else all of it.

    Raises
    ------
    SvqvaeError
        As :func:`svqvae.models.registry.load_model`.
    """
    card = read_card(folder)
    if card["settings"].get("preset") != "svqvae":
        return registry.load_model(folder)
    return saved.load(SolvedSVQVAE, folder, require=_require_scores)


def _require_scores(model: ClassModel, names: set[str]) -> None:
    """Raise ValueError unless a model scores signatures of its genes."""
    n_classes, n_genes = len(model.class_names), len(model.var_names)
    found = model.scores(np.zeros((1, n_genes), np.float32)).shape
    if found != (1, n_classes):
        raise ValueError(f"scores: {found}, expected {(1, n_classes)}")
