"""What every model and baseline offers; adding one means one class and one preset."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from svqvae import __version__, keys, presets
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.atomic import atomic_path, write_table

if TYPE_CHECKING:
    from anndata import AnnData

_WEIGHTS = "model.safetensors"
_CARD = "model.json"


class ClassModel(ABC):
    """A model with one vector (code) per class and one (latent) per signature.

    Parameters
    ----------
    adata
        Training signatures, X float32. None only while loading.
    labels_key
        Column of ``adata.obs`` that holds the class.
    preset
        Name in :data:`svqvae.presets.PRESETS`; ``overrides`` replace its numbers.
    """

    def __init__(
        self,
        adata: AnnData | None,
        *,
        labels_key: str = keys.CLASS,
        preset: str = "paper",
        **overrides: Any,
    ) -> None:
        self.settings = presets.resolve(preset, overrides)
        self.labels_key = labels_key
        self.history = pd.DataFrame()
        self.provenance: dict[str, Any] = {"version": __version__}
        if adata is None:
            return
        if labels_key not in adata.obs:
            raise SvqvaeError(
                f"obs has no column '{labels_key}'{did_you_mean(labels_key, adata.obs.columns)}"
            )
        labels = adata.obs[labels_key].astype(str)
        self.class_names = sorted(labels.unique())
        if len(self.class_names) < 2:
            raise SvqvaeError(f"only one class in '{labels_key}'; at least two are needed")
        self.var_names = list(adata.var_names)
        self._x = np.asarray(adata.X, dtype=np.float32)
        self._y = pd.Index(self.class_names).get_indexer(labels).astype(np.int64)
        self.n_signatures = np.bincount(self._y, minlength=len(self.class_names))

    # -- what each model defines ---------------------------------------------------------
    @abstractmethod
    def train(self, *, seed: int = 0) -> Self:
        """Fit to the signatures given at construction."""

    @abstractmethod
    def latent(self, x: np.ndarray) -> np.ndarray:
        """Encode signatures x genes to signatures x dimensions."""

    @abstractmethod
    def decode(self, z: np.ndarray) -> np.ndarray:
        """Decode latent vectors to expression."""

    @abstractmethod
    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        """Return what the model makes of each signature, without its label."""

    @abstractmethod
    def _state(self) -> dict[str, np.ndarray]: ...

    @abstractmethod
    def _set_state(self, state: dict[str, np.ndarray]) -> None: ...

    def scores(self, x: np.ndarray) -> np.ndarray:
        """Return signatures x classes, higher is nearer: minus squared Euclidean distance."""
        z = self.latent(x)
        cross = z @ self.codes.T
        return 2 * cross - (z**2).sum(1)[:, None] - (self.codes**2).sum(1)[None]

    # -- what they share -----------------------------------------------------------------
    codes: np.ndarray
    latent_sd: np.ndarray

    def _summarise_latent(self, z: np.ndarray) -> np.ndarray:
        """Set the within-class spread used by ``simulate``; return class means of ``z``."""
        one_hot = np.eye(len(self.class_names), dtype=z.dtype)[self._y]
        count = self.n_signatures[:, None]
        mean = one_hot.T @ z / count
        self.latent_sd = np.sqrt(np.maximum(one_hot.T @ z**2 / count - mean**2, 0))
        return mean

    def _matrix(self, adata: AnnData) -> np.ndarray:
        missing = [g for g in self.var_names if g not in adata.var_names]
        if missing:
            raise SvqvaeError(f"signatures lack {len(missing)} genes of the model, first {missing[0]}")
        return np.asarray(adata[:, self.var_names].X, dtype=np.float32)

    def get_latent_representation(self, adata: AnnData) -> np.ndarray:
        """Return the representation of each signature (genes in any order)."""
        return self.latent(self._matrix(adata))

    def predict(self, adata: AnnData, *, top: int | None = None) -> pd.DataFrame:
        """Rank the classes of each signature.

        Returns
        -------
        DataFrame
            sig_id, rank (from 1), predicted_class, score, probability. The probability is a
            softmax of the scores and is not calibrated.
        """
        score = self.scores(self._matrix(adata)).astype(float)
        shifted = np.exp(score - score.max(1, keepdims=True))
        probability = shifted / shifted.sum(1, keepdims=True)
        top = min(top or score.shape[1], score.shape[1])
        order = np.argsort(-score, axis=1, kind="stable")[:, :top]
        return pd.DataFrame(
            {
                keys.SIG_ID: np.repeat(adata.obs_names.to_numpy(), top),
                "rank": np.tile(np.arange(1, top + 1), len(score)),
                "predicted_class": np.asarray(self.class_names)[order].ravel(),
                "score": np.take_along_axis(score, order, 1).ravel(),
                "probability": np.take_along_axis(probability, order, 1).ravel(),
            }
        )

    def classes(self) -> AnnData:
        """Return one row per class: decoded profile in X, code in ``obsm["X_code"]``."""
        import anndata as ad

        obs = pd.DataFrame({"n_signatures": self.n_signatures}, index=self.class_names)
        result = ad.AnnData(
            self.decode(self.codes).astype(np.float32),
            obs=obs,
            var=pd.DataFrame(index=self.var_names),
        )
        result.obsm[keys.X_CODE] = self.codes.astype(np.float32)
        return result

    def simulate(self, cls: str, n: int, *, seed: int = 0) -> AnnData:
        """Draw ``n`` signatures: a Gaussian around the code, within-class spread, decoded."""
        import anndata as ad

        if cls not in self.class_names:
            raise SvqvaeError(f"unknown class '{cls}'{did_you_mean(cls, self.class_names)}")
        at = self.class_names.index(cls)
        noise = np.random.default_rng(seed).standard_normal((n, self.codes.shape[1]))
        x = self.decode((self.codes[at] + noise * self.latent_sd[at]).astype(np.float32))
        obs = pd.DataFrame({keys.CLASS: cls}, index=[f"sim_{i}" for i in range(n)])
        return ad.AnnData(x.astype(np.float32), obs=obs, var=pd.DataFrame(index=self.var_names))

    def save(self, folder: str | Path) -> None:
        """Write ``model.safetensors``, ``model.json`` and ``history.tsv``; no pickles."""
        from safetensors.numpy import save_file

        folder = Path(folder)
        card = {
            "settings": self.settings,
            "labels_key": self.labels_key,
            "classes": self.class_names,
            "genes": self.var_names,
            "provenance": self.provenance,
        }
        state = {k: np.ascontiguousarray(v) for k, v in self._state().items()}
        state |= {"_latent_sd": self.latent_sd, "_n_signatures": self.n_signatures}
        with atomic_path(folder / _WEIGHTS) as temporary:
            save_file(state, temporary)
        write_table(self.history, folder / "history.tsv")
        with atomic_path(folder / _CARD) as temporary:
            temporary.write_text(json.dumps(card, indent=1))

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Load a saved model; needs neither the training data nor pickled code."""
        from safetensors.numpy import load_file

        card = json.loads((Path(folder) / _CARD).read_text())
        settings = dict(card["settings"])
        preset, _ = settings.pop("preset"), settings.pop("kind")
        overrides = {k: v for k, v in settings.items() if k in presets.PRESETS[preset]}
        model = cls(None, labels_key=card["labels_key"], preset=preset, **overrides)
        model.class_names, model.var_names = card["classes"], card["genes"]
        model.provenance = card["provenance"]
        state = load_file(Path(folder) / _WEIGHTS)
        model.latent_sd = state.pop("_latent_sd")
        model.n_signatures = state.pop("_n_signatures")
        model._set_state(state)
        return model
