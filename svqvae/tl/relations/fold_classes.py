"""What the models of folds and seeds say of the classes: all that is kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.split import are_held_out_whole, perturbagens
from svqvae.errors import SvqvaeError
from svqvae.io.h5ad import write_anndata
from svqvae.io.own import open_h5ad
from svqvae.tl.relations.similarity import HeldOutSimilarity, held_out_similarity

if TYPE_CHECKING:
    from anndata import AnnData

    from svqvae.tl.evaluation.fold_models import FoldModel


@dataclass(frozen=True, kw_only=True)
class FoldClasses:
    """Codes and profiles of the classes by each model of the folds and seeds.

    Models of folds are as large as the model of all data, and there are as many as folds and
    seeds. Support, stability and relations need this of them, which is small.

    Attributes
    ----------
    classes, genes
        Names, the same for all models.
    fold, seed
        Of each model.
    codes
        Models x classes x dimensions.
    profiles
        Models x classes x genes: the decoded codes.
    held_out
        Similarity of held-out compounds to the classes, by models trained without them; None where
        compounds lie in several folds, and so are held out from no model.
    """

    classes: list[str]
    genes: list[str]
    fold: list[str]
    seed: list[int]
    codes: np.ndarray
    profiles: np.ndarray
    held_out: HeldOutSimilarity | None

    @classmethod
    def of(cls, models: Sequence[FoldModel], adata: AnnData) -> Self:
        """Take from models what is kept of them.

        Parameters
        ----------
        models
            All of the same classes, of each fold one for each seed.
        adata
            All signatures, with class and fold.
        """
        held_out = None
        if are_held_out_whole(adata.obs, perturbagens(adata)):
            held_out = held_out_similarity(((m.fold, m.model) for m in models), adata)
        return cls(
            classes=list(models[0].model.class_names),
            genes=list(models[0].model.var_names),
            fold=[m.fold for m in models],
            seed=[m.seed for m in models],
            codes=np.stack([m.model.codes for m in models]),
            profiles=np.stack([m.model.decode(m.model.codes) for m in models]),
            held_out=held_out,
        )

    @property
    def resamples(self) -> np.ndarray:
        """Mask of the models that each left out another part of the data.

        The model of a predefined test set is that of all other data, and no resample of it.
        """
        return np.array([fold != keys.TEST_FOLD for fold in self.fold], dtype=bool)

    def write(self, path: str | Path) -> None:
        """Write an h5ad file: a row for each model and class, the profile in X."""
        import anndata as ad

        n_models, n_classes, _ = self.codes.shape
        obs = pd.DataFrame(
            {
                keys.FOLD: np.repeat(self.fold, n_classes),
                keys.SEED: np.repeat(self.seed, n_classes),
                keys.CLASS: np.tile(self.classes, n_models),
            }
        )
        obs.index = obs.index.astype(str)
        rows = ad.AnnData(
            self.profiles.reshape(n_models * n_classes, -1),
            obs=obs,
            var=pd.DataFrame(index=self.genes),
            obsm={keys.X_CODE: self.codes.reshape(n_models * n_classes, -1)},
        )
        if self.held_out is not None:
            held_out = {k: v for k, v in vars(self.held_out).items() if v is not None}
            rows.uns[keys.HELD_OUT_SIMILARITY] = held_out
        write_anndata(path, rows)

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read what :meth:`write` wrote.

        Raises
        ------
        SvqvaeError
            If it is damaged, or another file.
        """
        rows = open_h5ad(path)
        try:
            return cls._of_rows(rows)
        except (LookupError, ValueError, TypeError, ZeroDivisionError) as error:
            raise SvqvaeError(
                f"{path}: not the classes of models of folds ({error!r}); delete it, and the run "
                "makes it again"
            ) from error

    @classmethod
    def _of_rows(cls, rows: AnnData) -> Self:
        models = rows.obs[[keys.FOLD, keys.SEED]].drop_duplicates()
        n_models = len(models)
        held_out = rows.uns.get(keys.HELD_OUT_SIMILARITY)
        return cls(
            classes=rows.obs[keys.CLASS].astype(str).tolist()[: len(rows) // n_models],
            genes=list(rows.var_names),
            fold=models[keys.FOLD].astype(str).tolist(),
            seed=models[keys.SEED].tolist(),
            codes=np.asarray(rows.obsm[keys.X_CODE]).reshape(n_models, len(rows) // n_models, -1),
            profiles=np.asarray(rows.X).reshape(n_models, len(rows) // n_models, -1),
            held_out=None if held_out is None else HeldOutSimilarity(**held_out),
        )
