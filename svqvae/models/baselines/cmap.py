"""Connectivity as CMap has it: weighted KS against the members of each class, and tau."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from svqvae.data.split import evenly
from svqvae.models.base import Presets
from svqvae.models.baselines._classifier import UnscaledClassifier
from svqvae.models.baselines._weighted_ks import Profiles, lists_of
from svqvae.models.settings import ModelSettings, positive, units

#: Of CMap: the quantiles of a class's members, the one further from 0 counting.
_QUANTILES = (0.67, 0.33)
#: Weight of the connectivity beside tau, which is 100 for every class of a clear signature.
_TIES = 1e-3
#: In place of the absolute score of a query of the class itself.
_OWN = -1
#: A connectivity that is no signal: what is normalised by the mean of none.
_LEAST = 1e-6


@dataclass(frozen=True, kw_only=True)
class Settings(ModelSettings):
    genes: int = units(50)  # of each list, up and down
    members: int = units(64)  # signatures of a class that lists are looked for in, at most
    reference: int = positive(300)  # training signatures that tau is a share of, at most


class Connectivity(UnscaledClassifier):
    """Classes by CMap's connectivity to their members (Subramanian et al. 2017).

    The genes that move most, up and down, are looked for in the training signatures:

    WTCS, the weighted connectivity score; normalised, divided by the mean of its own sign over all
    of them; of a class, of the quantiles 0.67 and 0.33 over its members the one further from 0.
    tau is the share of reference queries (training signatures of other classes) whose score for
    that class is nearer to 0, with the sign of the score, x 100.

    Notes
    -----
    CMap normalises within a cell line and takes the quantiles over cell lines first; here all
    members of a class are one set. Of classes with the same tau the one with the higher score
    comes first.
    """

    settings_class = Settings
    settings: Settings
    presets: ClassVar[Presets] = {"cmap": {}}
    role = "baseline"

    arrays = ("rows", "label", "reference")
    #: Members x genes, and the class of each.
    rows: np.ndarray
    label: np.ndarray
    #: Classes x queries, sorted: absolute scores of the queries of other classes; -1 for its own.
    reference: np.ndarray
    _profiles: Profiles | None = None

    def fit(self, x: np.ndarray, label: np.ndarray, *, seed: int) -> None:
        kept = evenly(label, self.settings.members)
        self.rows, self.label, self._profiles = x[kept], label[kept], None
        asked = evenly(np.zeros(len(x), dtype=int), self.settings.reference)
        found = np.abs(self._connectivity(x[asked])).T
        # A signature of the class is no chance finding.
        found[label[asked] == np.arange(len(found))[:, None]] = _OWN
        self.reference = np.sort(found, axis=1).astype(np.float32)

    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        """Return tau of each class, -100 to 100, ties parted by the connectivity."""
        found = self._connectivity(x)
        tau = np.empty_like(found)
        for of_class in range(len(self.class_names)):
            known = self.reference[of_class, self.reference[of_class] >= 0]
            below = np.searchsorted(known, np.abs(found[:, of_class]).astype(np.float32))
            tau[:, of_class] = 100 * below / max(len(known), 1)
        return np.sign(found) * tau + _TIES * found

    def _connectivity(self, x: np.ndarray) -> np.ndarray:
        """Return normalised connectivity of rows to classes, rows x classes."""
        if self._profiles is None:
            self._profiles = Profiles(self.rows)
        n = min(self.settings.genes, max(1, x.shape[1] // 2))
        lists = zip(*lists_of(x, n), strict=True)
        score = np.stack([self._profiles.connectivity(up, down) for up, down in lists])
        for sign in (1, -1):
            mine = score * sign > 0
            mean = np.where(mine, np.abs(score), 0).sum(1) / np.maximum(mine.sum(1), 1)
            score = np.where(mine, score / np.maximum(mean, _LEAST)[:, None], score)
        of_class = [score[:, self.label == c] for c in range(len(self.class_names))]
        high, low = np.stack([np.quantile(s, _QUANTILES, axis=1) for s in of_class], axis=-1)
        return np.where(np.abs(high) >= np.abs(low), high, low)
