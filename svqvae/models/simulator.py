"""New signatures of a class, drawn from a model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean

if TYPE_CHECKING:
    from anndata import AnnData


class Simulator(ABC):
    """What draws signatures from codes, the spread around them, and a decoder.

    Models that draw otherwise override :meth:`_draw`; those that can do so at a strength, or for a
    cell line, :meth:`_draw_at`.
    """

    preset: str
    class_names: list[str]
    var_names: list[str]
    #: Spread of the latents within each class, classes x dimensions.
    latent_sd: np.ndarray

    @property
    @abstractmethod
    def codes(self) -> np.ndarray:
        """Global representations, classes x dimensions."""

    @abstractmethod
    def decode(self, z: np.ndarray) -> np.ndarray:
        """Decode latent vectors to expression."""

    def simulate(
        self,
        cls: str,
        n: int,
        *,
        seed: int = 0,
        strength: float | None = None,
        cell: str | None = None,
    ) -> AnnData:
        """Draw ``n`` signatures of a class, the same ones for the same seed.

        Parameters
        ----------
        strength
            Length of the signatures, in mean lengths of the training signatures.
        cell
            Cell line that they are to be of.

        Raises
        ------
        SvqvaeError
            If class or cell line are unknown, or the model cannot draw at a strength or for a cell
            line: only ``preset: svqvae`` can, trained on data with cell lines.

        Examples
        --------
        >>> model = svqvae.make_model(adata, preset="gaussian").train()
        >>> model.simulate("mechanism A1", 3, seed=0).shape
        (3, 120)
        """
        import anndata as ad

        cls = str(cls)
        if cls not in self.class_names:
            raise SvqvaeError(f"unknown class '{cls}'{did_you_mean(cls, self.class_names)}")
        if n < 1:
            raise SvqvaeError(f"n is {n}, expected at least 1")
        if strength is not None and strength <= 0:
            raise SvqvaeError(f"strength is {strength}, expected a number above 0")
        at, rng = self.class_names.index(cls), np.random.default_rng(seed)
        if strength is None and cell is None:
            x = self._draw(at, n, rng)
        else:
            x = self._draw_at(at, n, rng, strength=strength, cell=cell)
        obs = pd.DataFrame({keys.CLASS: cls}, index=[f"sim_{i}" for i in range(n)])
        return ad.AnnData(x.astype(np.float32), obs=obs, var=pd.DataFrame(index=self.var_names))

    def _draw(self, at: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw from a Gaussian around the code, with the within-class spread, and decode."""
        noise = rng.standard_normal((n, self.codes.shape[1]))
        return self.decode((self.codes[at] + noise * self.latent_sd[at]).astype(np.float32))

    def _draw_at(
        self,
        at: int,
        n: int,
        rng: np.random.Generator,
        *,
        strength: float | None,
        cell: str | None,
    ) -> np.ndarray:
        """Draw at a strength or for a cell line; by default a model cannot."""
        raise SvqvaeError(
            f"preset '{self.preset}' cannot simulate at a strength or for a cell line; "
            "preset 'svqvae' can"
        )
