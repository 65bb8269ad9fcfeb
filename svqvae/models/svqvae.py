"""S-VQ-VAE, ours: codes compared by direction, individuals in a residual latent.

For a signature x of class y, ``u(v) = v / |v|``, s = squash, t = temperature, b = bandwidth::

  (1) encoder     z = u(W q),  q = u(tanh(x / s)),  centred z' = u(W (q - mean of q)),
                  W = C^(-1/2), C the covariance of q within classes, shrunk toward the identity
  (2) codes       e_c = u(mean of z over the signatures that list c),  e'_c of z' alike
  (3) evidence    g_c = z' . e'_c / t + log mean over members m' of c of exp(z' . m' / b)
  (4) scores      f_c = exp(a) g_c + p log(n_c / mean n),  probabilities softmax(k f) [calibration]
  (5) decoder     D(v, r) = scale tanh(B tanh(A v + R r)),
                  v = |x| / l e_c,  r ~ N(mu(x), sigma(x)^2)
  (6) objective   |D(v, r) - x|^2 / n + w KL(r || N(0, 1)) / n + |D(v, 0) - x|^2 / n
  (7) simulation  x' = x + |x| / l (profile of c - profile of x's class)   [donors]

On the unit sphere the published distance ``|z - e|^2`` is ``2 - 2 z . e``: strength no longer
counts, only direction. Classes are told apart by what is centred; what is not is shown, compared
between classes and decoded, for what two mechanisms share with most others may still be shared by
these. (1) to (3) stand in :mod:`svqvae.models.directions`. (2) is what minimises the published pull
``|sg(z) - e_y|^2``; it is solved, not approached (van den Oord 2017, A.1, approaches it by moving
averages). Gradient trains (5) alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from svqvae import keys
from svqvae.data.cells import cell_lines
from svqvae.data.matrix import BLOCK
from svqvae.data.membership import Membership
from svqvae.errors import SvqvaeError
from svqvae.models.base import Presets
from svqvae.models.cell_codes import are_better, can_help
from svqvae.models.directions import PREFIX, Directions, DirectionSettings, solve
from svqvae.models.donors import ExchangingModel
from svqvae.models.lazy import F, nn, torch
from svqvae.models.nn import losses
from svqvae.models.novelty import NoveltyModel
from svqvae.models.settings import choice, not_negative, positive, units
from svqvae.models.whitening import symmetric_whitening, triangular_whitening

if TYPE_CHECKING:
    from anndata import AnnData
    from torch import Tensor

#: Presets that are an S-VQ-VAE, which the name ``svqvae.SVQVAE`` makes and loads.
_FAMILY = ("svqvae", "svqvae_image", "paper", "paper_image")


@dataclass(frozen=True, kw_only=True)
class Settings(DirectionSettings):
    """docs/evidence.md says what each part is worth."""

    hidden: int = units(256)  # of residual encoder and decoder
    latent: int = units(32)  # dimensions of the residual r
    scale: float = positive(10.0)  # what the decoder reaches; data are clipped to it
    kl_weight: float = not_negative(1.0)  # w
    patience: int = positive(20)  # epochs without a better held-out loss
    schedule: str = choice("constant", "cosine")  # of the learning rate
    precision: str = choice("float32", "auto")  # auto: bf16 where the hardware multiplies it


class SVQVAE(ExchangingModel, NoveltyModel):
    """S-VQ-VAE for signatures.

    For images another set of parts takes its place (:class:`svqvae.models.svqvae_image`), and
    ``preset="paper"`` names the published model; both are made and loaded by this name too.

    Examples
    --------
    >>> model = svqvae.SVQVAE(adata, labels_key="class", epochs=2).train(seed=0)
    >>> model.predict(adata[:3], top=1)["rank"].tolist()
    [1, 1, 1]
    """

    settings_class = Settings
    settings: Settings
    presets: ClassVar[Presets] = {"svqvae": {}}
    #: What (1) to (3) are computed with.
    directions: Directions

    def __new__(
        cls, adata: AnnData | None = None, *, preset: str = "svqvae", **options: Any
    ) -> Any:
        from svqvae.models import registry

        kind = registry.class_of(preset, adata)
        # A subclass is itself.
        if kind is SVQVAE or cls is not SVQVAE:
            return super().__new__(cls)
        _require_family(preset)
        return kind(adata, preset=preset, **options)

    def __init__(self, adata: AnnData | None, *, preset: str = "svqvae", **options: Any) -> None:
        super().__init__(adata, preset=preset, **options)

    @classmethod
    def load(cls, folder: str | Path) -> Any:
        """Load a saved S-VQ-VAE, the published one too."""
        from svqvae.models import registry

        if cls is not SVQVAE:
            return super().load(folder)
        model = registry.load_model(folder)
        _require_family(model.preset)
        return model

    def build(self) -> nn.Module:
        """Return what gradient trains, and beside it what the decoder starts from, as buffers."""
        from svqvae.models.nn.networks import Scaled

        n_genes, n_codes = len(self.var_names), len(self.class_names)
        hidden, latent = self.settings.hidden, self.settings.latent
        net: Any = nn.Module()
        # Of the directions, which are saved by themselves.
        net.register_buffer("codebook", torch.zeros(n_codes, n_genes), persistent=False)
        net.register_buffer("mean_length", torch.ones(1), persistent=False)
        net.residual_encoder = nn.Sequential(nn.Linear(n_genes, hidden), nn.Tanh())
        net.mu = nn.Linear(hidden, latent)
        net.log_var = nn.Linear(hidden, latent)
        net.of_code = nn.Linear(n_genes, hidden, bias=False)
        net.of_residual = nn.Linear(latent, hidden)
        net.to_genes = nn.Sequential(
            nn.Tanh(), nn.Linear(hidden, n_genes), nn.Tanh(), Scaled(self.settings.scale)
        )
        return net

    # -- (1) to (3): solved from training signatures ---------------------------------------
    def encode(self, x: Tensor) -> Tensor:
        """Return the direction of each row, equation 1."""
        return torch.from_numpy(self.latent(x.numpy()))

    def evidence(self, x: Tensor) -> Tensor:
        """Return rows x classes, equation 3."""
        return torch.from_numpy(self.evidence_of(x.numpy()))

    def latent(self, x: np.ndarray) -> np.ndarray:
        return self.directions.latent(x)

    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        return self.directions.evidence(x)

    def complete(self, x: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Return signatures whose values that are not ``known`` have their mean given the others.

        Parameters
        ----------
        known
            Rows x genes.
        """
        return self.directions.complete(x, known)

    def evidence_in(self, x: np.ndarray, cell: np.ndarray | None) -> np.ndarray:
        return self.directions.evidence(x, cell)

    def solved(self, *, whitening: Callable[..., np.ndarray] = symmetric_whitening) -> Directions:
        """Return what is solved of the training signatures."""
        return solve(
            self._x,
            self._y,
            self._classes,
            settings=self.settings,
            cell=self._cell_lines,
            whitening=whitening,
        )

    def take_directions(self, directions: Directions) -> None:
        """Use these, and decode from their codes."""
        self.directions = directions
        self.net.codebook = torch.from_numpy(directions.codes)
        self.net.mean_length = torch.from_numpy(directions.mean_length)

    # -- (5) and (6): trained --------------------------------------------------------------
    def residual(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance of what is the row's own beside its class."""
        hidden = self.net.residual_encoder(x)
        return self.net.mu(hidden), self.net.log_var(hidden)

    def strength(self, x: Tensor) -> Tensor:
        """Return the length of each row relative to the mean, rows x 1."""
        return x.norm(dim=1, keepdim=True) / self.net.mean_length

    def compose(self, code: Tensor, residual: Tensor, strength: Tensor) -> Tensor:
        """Decode codes at a strength, with residuals: equation 5."""
        return self.net.to_genes(strength * self.net.of_code(code) + self.net.of_residual(residual))

    def generate(self, z: Tensor) -> Tensor:
        """Decode codes alone: no residual, mean strength."""
        residual = z.new_zeros(len(z), self.settings.latent)
        return self.compose(F.normalize(z), residual, z.new_ones(len(z), 1))

    def terms(self, x: Tensor, label: Tensor) -> dict[str, Tensor]:
        mu, log_var = self.residual(x)
        own = self.net.of_residual(losses.sample_gaussian(mu, log_var))
        # Codes are few: each is projected once, not once a signature. And one product decodes
        # both, with the residual and without.
        projected = self.net.of_code(F.normalize(self.net.codebook))
        code = self.strength(x) * losses.codes_of(label, projected)
        hidden = torch.cat([code + own, code + self.net.of_residual.bias])
        decoded, alone = self.net.to_genes(hidden).unflatten(0, (2, len(x))).unbind()
        divergence = self.settings.kl_weight * losses.gaussian_kl(mu, log_var).mean()
        return {
            "reconstruction": F.mse_loss(decoded, x),
            "kl": divergence / x.shape[1],
            # The published term: what the code alone decodes to, which keeps it interpretable.
            "class_profile": F.mse_loss(alone, x),
        }

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        """Decode the code of the class that :meth:`predict` names, with the row's own residual."""

        def of(rows: Tensor, of_class: Tensor) -> Tensor:
            code = F.normalize(self.net.codebook)[of_class]
            return self.compose(code, self.residual(rows)[0], self.strength(rows))

        return self.in_blocks(of, x, self.first_class(x))

    # -- from signatures to a model --------------------------------------------------------
    def _take(self, adata: AnnData) -> None:
        super()._take(adata)
        # The list is of these classes, not of another column's.
        listed = adata.obs if self.labels_key == keys.CLASS else adata.obs[[]]
        self._classes = Membership.of(listed, self._y, self.class_names)
        cell = cell_lines(adata.obs)
        self._cell_lines = cell if can_help(cell) else None

    def of_rows(self, known: np.ndarray) -> Self:
        part = super().of_rows(known)
        part._classes = self._classes.of_rows(known)
        part._cell_lines = None if self._cell_lines is None else self._cell_lines[known]
        return part

    def train(self, *, seed: int = 0, checkpoint: Path | None = None) -> Self:
        torch.manual_seed(seed)
        self.net = self.build()
        watched = self.watched(seed)
        # What early stopping watches is held out of all that it evaluates, codes included.
        seen = self if watched is None else self.of_rows(~watched)
        self.take_directions(seen.solved())
        self.history = self._fit(seed=seed, held_out=watched, checkpoint=checkpoint)
        if watched is not None:
            self.take_directions(self.solved())
        return self._complete(seed)

    def train_scores(self, *, seed: int = 0) -> Self:
        """Solve what scores and novelty need, (1) to (4), to the same values as :meth:`train`."""
        torch.manual_seed(seed)
        self.net = self.build()
        self.take_directions(self.solved())
        return self._complete(seed)

    def _complete(self, seed: int) -> Self:
        self._summarise_latent()
        self.codes = self.directions.codes.copy()
        self.calibrate(seed=seed)
        self.keep_donors(seed)
        return self

    def fit_evidence(self, *, seed: int) -> None:
        """Solve (1) to (3) by themselves, which is all that evidence depends on.

        It compares latents with latents of the same whitening, of which any will do.
        """
        # Of no use to it, but what is left out was trained on.
        self.net = self.build()
        self.directions = self.solved(whitening=triangular_whitening)

    def calibrate(self, *, seed: int) -> None:
        """Fit ranks and probabilities to what is left out, and decide by it about cell lines."""
        if self.directions.cells is None or self._cell_lines is None:
            super().calibrate(seed=seed)
            return
        rows, evidence = [np.array([], dtype=int)], [np.empty((2, 0, len(self.class_names)))]
        for part, model in self.without_parts(seed=seed):
            for start in range(0, len(part), BLOCK):
                at = part[start : start + BLOCK]
                by = model.directions.evidence_by
                evidence.append(by(self._x[at], None, self._cell_lines[at]))
                rows.append(at)
        at = np.concatenate(rows)
        label, compound = self._y[at], self._compound[at]
        plain, in_cells = np.concatenate(evidence, axis=1)
        without, with_cells = (self.log_likelihood(label, way) for way in (plain, in_cells))
        if are_better(with_cells, without, compound):
            self.take_left_out(label, in_cells, compound)
        else:
            self.directions = replace(self.directions, cells=None)
            self.take_left_out(label, plain, compound)

    # -- to its folder and back ------------------------------------------------------------
    def _state(self) -> dict[str, np.ndarray]:
        return super()._state() | self.directions.arrays()

    def _set_state(self, state: dict[str, np.ndarray]) -> None:
        directions = Directions.take(self.settings, state)
        super()._set_state(state)
        self.take_directions(directions)

    def modernise(self, state: dict[str, np.ndarray]) -> None:
        for old, name in (("whitening.matrix", "whitening"), ("strength_scale", "mean_length")):
            if old in state:  # of a card of format 1
                state[name] = state.pop(old)
        if "whitening" in state:  # to version 0.3, when directions were not centred
            state["centre"] = np.zeros(len(self.var_names), np.float32)
            for name in Directions.names():
                state[PREFIX + name] = state.pop(name)


def _require_family(preset: str) -> None:
    if preset not in _FAMILY:
        raise SvqvaeError(
            f"preset '{preset}' is no S-VQ-VAE; make it with svqvae.make_model, load it with "
            "svqvae.load_model"
        )
