"""S-VQ-VAE, ours: codes compared by direction, individuals in a residual latent.

For a signature x of class y, ``u(v) = v / |v|``, s = squash, t = temperature, b = bandwidth::

  (1) encoder     z = u(W u(tanh(x / s))),  W = C^(-1/2), C the covariance of u(tanh(x / s))
                  within classes, shrunk toward the identity
  (2) codes       e_c = u(mean of z over the signatures of c)
  (3) evidence    g_c = z . e_c / t + log mean over members m of c of exp(z . m / b)
  (4) scores      f_c = exp(a) g_c + p log(n_c / mean n),  probabilities softmax(k f) [calibration]
  (5) decoder     D(v, r) = scale tanh(B tanh(A v + R r)),
                  v = |x| / l e_c,  r ~ N(mu(x), sigma(x)^2)
  (6) objective   |D(v, r) - x|^2 / n + w KL(r || N(0, 1)) / n + |D(v, 0) - x|^2 / n
  (7) simulation  x' = x + |x| / l (profile of c - profile of x's class)   [donors]

On the unit sphere the published distance ``|z - e|^2`` is ``2 - 2 z . e``: strength no longer
counts, only direction. (2) is what minimises the published pull ``|sg(z) - e_y|^2``; it is solved,
not approached (van den Oord 2017, A.1, approaches it by moving averages). Gradient trains (5)
alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from svqvae.data.matrix import BLOCK, SignatureMatrix
from svqvae.data.split import evenly
from svqvae.errors import SvqvaeError
from svqvae.models.base import Presets
from svqvae.models.donors import ExchangingModel
from svqvae.models.lazy import F, nn, torch
from svqvae.models.nn import losses
from svqvae.models.novelty import NoveltyModel
from svqvae.models.settings import (
    NetworkSettings,
    choice,
    not_negative,
    positive,
    share,
    units,
)
from svqvae.models.whitening import (
    conditional_mean,
    symmetric_whitening,
    triangular_whitening,
)

if TYPE_CHECKING:
    from anndata import AnnData
    from torch import Tensor

#: Largest squashed value that a gene which is not known is taken to have.
_NEAR_ONE = 0.9999
#: Presets that are an S-VQ-VAE, which the name ``svqvae.SVQVAE`` makes and loads.
_FAMILY = ("svqvae", "svqvae_image", "paper", "paper_image")
#: Least mean of a class's kernel, relative to the nearest member of all.
_LEAST = 1e-30


@dataclass(frozen=True, kw_only=True)
class Settings(NetworkSettings):
    """docs/evidence.md says what each part is worth."""

    squash: float = positive(2.0, least=1e-6)  # s: z-scores beyond it hardly add to a direction
    shrinkage: float = share(0.6)  # of C toward the identity
    temperature: float = positive(0.2, least=1e-6)  # t
    members: int = not_negative(64)  # signatures of a class kept as further codes, at most
    bandwidth: float = positive(0.1, least=1e-6)  # b, of the members' kernel
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
        """Return what is solved, as buffers, and what gradient trains."""
        from svqvae.models.nn.networks import Scaled

        n_genes, n_codes = len(self.var_names), len(self.class_names)
        hidden, latent = self.settings.hidden, self.settings.latent
        net: Any = nn.Module()
        net.register_buffer("whitening", torch.eye(n_genes))
        net.register_buffer("codebook", torch.zeros(n_codes, n_genes))
        net.register_buffer("mean_length", torch.ones(()))
        # Unit rows in half precision: they are the larger part of a model, and three digits do.
        net.register_buffer("members", torch.zeros(0, n_genes, dtype=torch.float16))
        net.register_buffer("member_class", torch.zeros(0, dtype=torch.int64))
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
    def _squashed(self, x: Tensor) -> Tensor:
        return F.normalize((x / self.settings.squash).tanh())

    def encode(self, x: Tensor) -> Tensor:
        """Return the direction of each row, equation 1."""
        return F.normalize(self._squashed(x) @ self.net.whitening)

    @property
    def whitening(self) -> np.ndarray:
        """W of equation 1, genes x genes."""
        return self.net.whitening.numpy()

    def complete(self, x: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Return signatures whose values that are not ``known`` have their mean given the others.

        Parameters
        ----------
        known
            Rows x genes.
        """
        squashed = np.tanh(x.astype(np.float64) / self.settings.squash)
        filled = conditional_mean(self.whitening, squashed, known)
        guess = np.clip(filled[~known], -_NEAR_ONE, _NEAR_ONE)
        whole = x.astype(np.float32)
        whole[~known] = self.settings.squash * np.arctanh(guess)
        return whole

    def solve(
        self,
        x: SignatureMatrix,
        label: np.ndarray,
        *,
        whitening: Callable[..., np.ndarray] = symmetric_whitening,
    ) -> None:
        """Set whitening, codes and members, in two passes over the signatures.

        Parameters
        ----------
        label
            Class of each signature, every class at least once.
        whitening
            Of :mod:`svqvae.models.whitening`.
        """
        with torch.no_grad():
            self._solve_whitening(x, label, whitening)
            labels = torch.from_numpy(label)
            sums = torch.zeros(self.net.codebook.shape, dtype=torch.float64)
            for block, y in zip(_tensors(x), labels.split(BLOCK), strict=True):
                sums.index_add_(0, y, self.encode(block).double())
            counts = torch.bincount(labels, minlength=len(sums)).double()
            self.net.codebook.copy_(F.normalize(sums / counts[:, None]))
            kept = evenly(label, self.settings.members)
            self.net.members = self.encode(torch.from_numpy(x[kept])).half()
            self.net.member_class = labels[kept]

    def _solve_whitening(
        self, x: SignatureMatrix, label: np.ndarray, whitening: Callable[..., np.ndarray]
    ) -> None:
        labels, n_codes = torch.from_numpy(label), len(self.net.codebook)
        square = torch.zeros(x.shape[1], x.shape[1], dtype=torch.float64)
        sums = torch.zeros(n_codes, x.shape[1], dtype=torch.float64)
        length = 0.0
        for block, y in zip(_tensors(x), labels.split(BLOCK), strict=True):
            rows = self._squashed(block)
            square += (rows.T @ rows).double()
            sums.index_add_(0, y, rows.double())
            length += float(block.norm(dim=1).double().sum())
        counts = np.bincount(label, minlength=n_codes).astype(float)
        matrix = whitening(square.numpy(), sums.numpy(), counts, shrinkage=self.settings.shrinkage)
        self.net.whitening.copy_(torch.from_numpy(matrix))
        self.net.mean_length.fill_(max(length / len(x), 1e-6))

    def evidence(self, x: Tensor) -> Tensor:
        """Return rows x classes, equation 3."""
        z = self.encode(x)
        found = z @ F.normalize(self.net.codebook).T / self.settings.temperature
        if len(self.net.members) == 0:
            return found
        similarity = z @ self.net.members.to(z.dtype).T / self.settings.bandwidth
        # Relative to the nearest member: a narrow kernel would overflow, or leave no class any.
        nearest = similarity.amax(1, keepdim=True)
        member = F.one_hot(self.net.member_class, len(self.net.codebook)).to(z.dtype)
        mean = (similarity - nearest).exp() @ (member / member.sum(0))
        return found + nearest + mean.clamp_min(_LEAST).log()

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
    def train(self, *, seed: int = 0, checkpoint: Path | None = None) -> Self:
        torch.manual_seed(seed)
        self.net = self.build()
        watched = self.watched(seed)
        # What early stopping watches is held out of all that it evaluates, codes included.
        seen = np.ones(len(self._y), dtype=bool) if watched is None else ~watched
        self.solve(self._x.subset(seen), self._y[seen])
        self.history = self._fit(seed=seed, held_out=watched, checkpoint=checkpoint)
        if watched is not None:
            self.solve(self._x, self._y)
        return self._complete(seed)

    def train_scores(self, *, seed: int = 0) -> Self:
        """Solve what scores and novelty need, (1) to (4), to the same values as :meth:`train`."""
        torch.manual_seed(seed)
        self.net = self.build()
        self.solve(self._x, self._y)
        return self._complete(seed)

    def _complete(self, seed: int) -> Self:
        self._summarise_latent()
        self.codes = self.net.codebook.numpy().copy()
        self.calibrate(seed=seed)
        self.keep_donors(seed)
        return self

    def fit_evidence(self, *, seed: int) -> None:
        """Solve (1) to (3) by themselves, which is all that evidence depends on.

        It compares latents with latents of the same whitening, of which any will do.
        """
        self.net = self.build()
        self.solve(self._x, self._y, whitening=triangular_whitening)

    def modernise(self, state: dict[str, np.ndarray]) -> None:
        for old, name in (("whitening.matrix", "whitening"), ("strength_scale", "mean_length")):
            if old in state:  # of a card of format 1
                state[name] = state.pop(old)


def _require_family(preset: str) -> None:
    if preset not in _FAMILY:
        raise SvqvaeError(
            f"preset '{preset}' is no S-VQ-VAE; make it with svqvae.make_model, load it with "
            "svqvae.load_model"
        )


def _tensors(x: SignatureMatrix) -> Iterator[Tensor]:
    """Yield the signatures in blocks."""
    return map(torch.from_numpy, x.blocks())
