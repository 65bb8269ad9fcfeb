"""``SVQVAE``: every network behind the interface of every model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch

from svqvae.data.matrix import BLOCK
from svqvae.data.split import deal_within
from svqvae.errors import SvqvaeError
from svqvae.models import training
from svqvae.models.base import ClassModel
from svqvae.models.calibration import Calibration, fit_calibration
from svqvae.models.donors import Donors
from svqvae.models.nn.catalogue import NETWORKS
from svqvae.models.nn.network import Network
from svqvae.models.nn.networks import IMAGE_SIDE

if TYPE_CHECKING:
    from anndata import AnnData

#: Parts that the training compounds are dealt into: each is judged once by the others.
_PARTS = 5
#: Early stopping watches one compound in so many.
_WATCHED = 10
#: Training signatures that a model keeps to simulate with.
_DONORS = 2000
#: Points kept of the distribution that novelty is told by.
_QUANTILES = 1001
#: Begins the names of their arrays in a saved model.
_DONOR = "_donors."


class SVQVAE(ClassModel):
    """S-VQ-VAE and its comparison models (``preset``: svqvae, paper, vqvae, vae).

    Examples
    --------
    >>> m = SVQVAE(adata, labels_key="class")  # doctest: +SKIP
    >>> m.train(seed=0).predict(new)  # doctest: +SKIP
    """

    module: Network
    calibration: Calibration | None = None
    #: Quantiles of the gap between first and second class, of left-out training compounds.
    familiar: np.ndarray | None = None
    donors: Donors | None = None

    def __init__(self, adata: AnnData | None, *, preset: str = "svqvae", **options: Any) -> None:
        super().__init__(adata, preset=preset, **options)
        if self.settings["kind"] not in NETWORKS:
            raise SvqvaeError(
                f"preset '{preset}' is a baseline, not a network; make it with "
                "svqvae.models.registry.make_model, load it with svqvae.models.registry.load_model"
            )

    def _build(self) -> Network:
        images = self.settings["kind"] == "directional_image" or (
            self.settings.get("net") == "image"
        )
        if images and len(self.var_names) != IMAGE_SIDE**2:
            raise SvqvaeError(
                f"net 'image' takes {IMAGE_SIDE} x {IMAGE_SIDE} = {IMAGE_SIDE**2} pixels, these "
                f"data have {len(self.var_names)} columns; choose net 'expression'"
            )
        kind = NETWORKS[self.settings["kind"]]
        return kind(len(self.var_names), len(self.class_names), self.settings)

    def train(self, *, seed: int = 0, checkpoint: Path | None = None) -> Self:
        torch.manual_seed(seed)
        self.module = self._build()
        watched = self._watched(seed) if "patience" in self.settings else None
        # What early stopping watches is held out of all that it judges, codes included.
        seen = np.ones(len(self._y), dtype=bool) if watched is None else ~watched
        self.module.solve(self._x.subset(seen), self._y[seen])
        self.history = training.fit(
            self.module,
            self._x,
            torch.from_numpy(self._y),
            settings=self.settings,
            seed=seed,
            held_out=watched,
            checkpoint=checkpoint,
        )
        if watched is not None:
            self.module.solve(self._x, self._y)
        self.module.conclude(self._x, self._y)
        self.provenance |= {"seed": seed, "torch": torch.__version__}
        means = self._summarise_latent()
        # Only a supervised codebook has one code per class; the others use latent means.
        supervised = self.settings["kind"] not in ("vqvae", "vae")
        self.codes = self.module.state_dict()["codebook"].numpy().copy() if supervised else means
        if self.module.gives_evidence:
            self._calibrate(seed, watched)
        if self.module.swaps_donors:
            self.donors = Donors.choose(
                self._x, self._y, cells=self._cells, most=_DONORS, seed=seed
            )
        return self

    def _watched(self, seed: int) -> np.ndarray | None:
        """Return the mask of training signatures that early stopping is told by, if any can be."""
        part = deal_within(self._compound, self._y, parts=_WATCHED, seed=seed)
        return part == 0 if (part == 0).any() else None

    def _calibrate(self, seed: int, watched: np.ndarray | None) -> None:
        """Fit ranks, probabilities and novelty to training compounds that were left out."""
        if self.module.is_solved:
            part = deal_within(self._compound, self._y, parts=_PARTS, seed=seed)
            label, evidence = self._left_out(part)
        else:
            # Trained on all but the watched signatures, so these are the ones left out.
            rows = np.flatnonzero(watched) if watched is not None else np.array([], dtype=int)
            label, evidence = self._y[rows], self._apply("evidence", self._x[rows])
        if len(label) == 0:
            return
        self.calibration = fit_calibration(
            evidence, label, self._log_size(), balance=self.settings["balance"]
        )
        gaps = _gap(self.calibration.scores(evidence, self._log_size()))
        self.familiar = np.quantile(gaps, np.linspace(0, 1, _QUANTILES))

    def _left_out(self, part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return labels and evidence of each part, by a network solved without it."""
        labels, evidence = [], []
        for one in range(_PARTS):
            rows = np.flatnonzero(part == one)
            if len(rows):
                module = self._build()
                module.solve(self._x.subset(part != one), self._y[part != one])
                labels.append(self._y[rows])
                blocks = self._x.subset(rows).blocks()
                evidence += [_apply(module.eval(), "evidence", block) for block in blocks]
        if not labels:
            return np.array([], dtype=int), np.empty((0, len(self.class_names)))
        return np.concatenate(labels), np.concatenate(evidence)

    def _log_size(self) -> np.ndarray:
        return np.log(self.n_signatures / self.n_signatures.mean())

    def _apply(self, name: str, x: np.ndarray) -> np.ndarray:
        return _apply(self.module, name, x)

    def scores(self, x: np.ndarray) -> np.ndarray:
        """Return signatures x classes, higher is nearer.

        Minus the squared Euclidean distance to the code, as published; where the network gives
        evidence, that with the classes' sizes taken into account.
        """
        if not self.module.gives_evidence:
            return super().scores(x)
        evidence = self._apply("evidence", x)
        if self.calibration is None:
            return evidence
        return self.calibration.scores(evidence, self._log_size())

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """Return probabilities, calibrated on training compounds left out of the fit.

        Without :attr:`calibration` (published networks; no class with two compounds) a softmax.
        """
        if self.calibration is None:
            return super().probabilities(scores)
        return self.calibration.probabilities(scores)

    def novelty(self, scores: np.ndarray) -> np.ndarray:
        """Return the share of left-out training signatures whose best class stood out more.

        Near 1: of the signatures of known classes hardly any had a first and a second class so
        close together. docs/model.md compares this with other statistics.
        """
        if self.familiar is None:
            return super().novelty(scores)
        return 1 - np.searchsorted(self.familiar, _gap(scores), side="right") / len(self.familiar)

    def _draw(self, at: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw with the individuality of real signatures, where the model keeps any."""
        if self.donors is not None:
            return self._draw_at(at, n, rng, strength=None, cell=None)
        if self.module.n_noise == 0:
            return super()._draw(at, n, rng)
        noise = rng.standard_normal((n, self.module.n_noise)).astype(np.float32)
        with torch.inference_mode():
            return self.module.draw(at, torch.from_numpy(noise)).numpy()

    def _draw_at(
        self,
        at: int,
        n: int,
        rng: np.random.Generator,
        *,
        strength: float | None,
        cell: str | None,
    ) -> np.ndarray:
        if self.donors is None:
            return super()._draw_at(at, n, rng, strength=strength, cell=cell)
        x = self.donors.draw(at, n, rng, strength=strength, cell=cell)
        return x if self.clip is None else np.clip(x, -self.clip, self.clip)

    def latent(self, x: np.ndarray) -> np.ndarray:
        return self._apply("encode", x)

    def decode(self, z: np.ndarray) -> np.ndarray:
        return self._apply("decode", z)

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        return _apply(self.module, "reconstruct", x, self.first_class(x))

    def _state(self) -> dict[str, np.ndarray]:
        state = {k: v.numpy() for k, v in self.module.state_dict().items()}
        state["_codes"] = self.codes
        if self.calibration is not None and self.familiar is not None:
            state |= {"_calibration": self.calibration.as_array(), "_familiar": self.familiar}
        if self.donors is not None:
            state |= {_DONOR + name: array for name, array in self.donors.arrays().items()}
        return state

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        self.codes = state.pop("_codes")
        if "_calibration" in state:
            # Both or neither: probabilities and novelty are fitted to the same signatures.
            self.calibration = Calibration.from_array(state.pop("_calibration"))
            self.familiar = state.pop("_familiar")
        donors = {k: state.pop(k) for k in list(state) if k.startswith(_DONOR)}
        if donors:
            self.donors = Donors(**{k.removeprefix(_DONOR): v for k, v in donors.items()})
            shape = (len(self.class_names), len(self.var_names))
            if self.donors.profile.shape != shape:
                raise ValueError(f"donors' profiles: {self.donors.profile.shape}, expected {shape}")
        self.module = self._build()
        self.module.load_arrays(state)
        self.module.eval()


def _gap(scores: np.ndarray) -> np.ndarray:
    """Return by how much the best class of each row is ahead of the second."""
    second, first = np.partition(scores, -2, axis=1)[:, -2:].T
    return first - second


def _apply(module: Network, name: str, x: np.ndarray, *of_rows: np.ndarray) -> np.ndarray:
    """Call a method of the network with rows, and what else there is of each row, in blocks."""
    function = getattr(module, name)
    rows = torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32))
    blocks = [t.split(BLOCK) for t in (rows, *map(torch.from_numpy, of_rows))]
    with torch.inference_mode():
        return torch.cat([function(*block) for block in zip(*blocks, strict=True)]).numpy()
