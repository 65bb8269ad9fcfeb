"""What every model and baseline offers; adding one means one class and its presets."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd

from svqvae import __version__, keys
from svqvae.data.cells import cell_lines
from svqvae.data.checks import require_labels
from svqvae.data.matrix import SignatureMatrix, group_sums
from svqvae.data.split import perturbagens
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.models import saved
from svqvae.models.calibrated import CalibratedModel
from svqvae.models.combined import predict_groups
from svqvae.models.ranking import rank, ranking_table
from svqvae.models.settings import ModelSettings, make
from svqvae.models.simulator import Simulator

if TYPE_CHECKING:
    from anndata import AnnData

#: Settings that differ from the defaults, by the name of the preset.
Presets = dict[str, dict[str, Any]]

#: Largest value taken: the squared length of signatures of such values is within float32.
_LARGEST = 1e15


def _require_squares(largest: float) -> None:
    """Raise if values are so large that distances would overflow to infinity."""
    if largest > _LARGEST:
        raise SvqvaeError(
            f"the signatures have values up to {largest:.3g}, expected {_LARGEST:g} at most, and "
            "of z-scores about 10; check their unit, or set clip"
        )


class ClassModel(CalibratedModel, Simulator):
    """A model with one vector (code) per class and one (latent) per signature.

    Parameters
    ----------
    adata
        Training signatures, X float32. None only while loading.
    labels_key
        Column of ``adata.obs`` that holds the class.
    preset
        A name in :attr:`presets`; ``overrides`` replace its numbers. Image data
        (``uns["svqvae"]["image_shape"]``) takes the preset's image variant.

    Raises
    ------
    SvqvaeError
        If the preset, a setting or the column is unknown, a signature has no class, there is
        one class only, or X is not finite.
    """

    presets: ClassVar[Presets]
    settings_class: ClassVar[type[ModelSettings]] = ModelSettings
    #: model or baseline, as benchmark.tsv has it.
    role: ClassVar[str] = "model"

    def __init__(
        self,
        adata: AnnData | None,
        *,
        labels_key: str = keys.CLASS,
        preset: str,
        **overrides: Any,
    ) -> None:
        parameters = {} if adata is None else adata.uns.get(keys.UNS, {})
        if keys.IMAGE_SHAPE in parameters and f"{preset}_image" in self.presets:
            preset = f"{preset}_image"
        if preset not in self.presets:
            raise SvqvaeError(
                f"{type(self).__name__} has no preset '{preset}'"
                f"{did_you_mean(preset, self.presets)}; svqvae.make_model makes those of any model"
            )
        self.preset = preset
        self.settings: Any = make(self.settings_class, preset, self.presets[preset], overrides)
        self.labels_key = labels_key
        self.history = pd.DataFrame()
        self.provenance: dict[str, Any] = {"version": __version__}
        #: How genes are called by people, by id, where the training data say it.
        self.symbols: dict[str, str] = {}
        limit = parameters.get(keys.CLIP, self._reach())
        self.clip = None if limit is None else float(limit)
        if adata is not None:
            self._take(adata)

    def _reach(self) -> float | None:
        """Return what values are clipped to, +-, where the data do not say; None: they are not."""
        return None

    def _take(self, adata: AnnData) -> None:
        """Keep matrix, class indices and counts of the training signatures."""
        labels = require_labels(adata.obs, self.labels_key)
        self.class_names = sorted(labels.unique())
        self.var_names = list(adata.var_names)
        if keys.GENE_SYMBOL in adata.var:
            named = adata.var[keys.GENE_SYMBOL].dropna().astype(str)
            self.symbols = {str(gene): symbol for gene, symbol in named.items()}
        self._x = self.signatures(adata, trained_on=True)
        self._y = pd.Index(self.class_names).get_indexer(labels).astype(np.int64)
        self.n_signatures = np.bincount(self._y, minlength=len(self.class_names))
        self._cells = adata.obs[keys.CELL_ID].to_numpy() if keys.CELL_ID in adata.obs else None
        compounds = perturbagens(adata)
        self._compound = pd.factorize(compounds)[0]
        by_class = pd.Series(compounds).groupby(labels.to_numpy())
        self.n_perturbagens = by_class.nunique().loc[self.class_names].to_numpy()

    # -- what each model defines, beside fit_evidence() and evidence_of() -------------------
    def train(self, *, seed: int = 0, checkpoint: Path | None = None) -> Self:
        """Fit to the signatures given at construction.

        Parameters
        ----------
        checkpoint
            File that a long training keeps its state in, to go on from when it was killed;
            methods without epochs have no use for it.
        """
        self.fit_evidence(seed=seed)
        self.calibrate(seed=seed)
        self.provenance |= {"seed": seed}
        return self

    def train_scores(self, *, seed: int = 0) -> Self:
        """Fit what :meth:`scores` and :meth:`novelty` need; the rest may be left untrained."""
        return self.train(seed=seed)

    @classmethod
    def begins_with(cls, settings: dict[str, Any]) -> dict[str, Any] | None:
        """Return preset and settings of the model that training begins with, if it does with one.

        Where that model is trained on the same signatures by the same seed, :meth:`begin_with`
        takes it, to the same result.
        """
        return None

    def begin_with(self, model: ClassModel) -> None:
        """Take the trained model that :meth:`begins_with` names, instead of training it again."""
        raise SvqvaeError(f"preset '{self.preset}' begins with no other model")

    @abstractmethod
    def latent(self, x: np.ndarray) -> np.ndarray:
        """Encode signatures x genes to signatures x dimensions."""

    @abstractmethod
    def decode(self, z: np.ndarray) -> np.ndarray:
        """Decode latent vectors to expression."""

    @abstractmethod
    def _state(self) -> dict[str, np.ndarray]: ...

    def modernise(self, state: dict[str, np.ndarray]) -> None:
        """Bring, in place, the arrays of a model that an older version saved to today's."""

    @abstractmethod
    def _set_state(self, state: dict[str, np.ndarray]) -> None: ...

    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        """Return signatures x classes, higher is nearer: minus squared Euclidean distance."""
        z = self.latent(x)
        cross = z @ self.codes.T
        return 2 * cross - (z**2).sum(1)[:, None] - (self.codes**2).sum(1)[None]

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        """Return what the model makes of each signature, without its label.

        By default the decoded code of the class that :meth:`predict` ranks first. Models that
        add what is the signature's own do so to that same class; those that decode a latent
        without a class (``vae``, ``vqvae``) decide on none.
        """
        return self.decode(self.codes)[self.first_class(x)]

    def novelty(self, scores: np.ndarray) -> np.ndarray:
        """Return how unlike every class each signature is, 0 to 1; by default not known, NaN."""
        return np.full(len(scores), np.nan)

    #: Names of the models that are part of this one; each is saved in a folder of that name.
    part_names: ClassVar[tuple[str, ...]] = ()
    #: Where the model was loaded from.
    saved_in: saved.SavedIn | None = None

    def parts(self) -> dict[str, ClassModel]:
        """Return the models that are part of this one, by name."""
        return {name: getattr(self, name) for name in self.part_names}

    def take_part(self, name: str, part: ClassModel) -> None:
        """Take a part that was loaded."""
        if name not in self.part_names:
            raise SvqvaeError(f"a model of preset '{self.preset}' has no part '{name}'")
        setattr(self, name, part)

    # -- what they share -----------------------------------------------------------------
    latent_sd: np.ndarray
    _codes: np.ndarray | None = None

    @property
    def codes(self) -> np.ndarray:
        """Global representations, classes x dimensions."""
        self._require_trained()
        assert self._codes is not None
        return self._codes

    @codes.setter
    def codes(self, value: np.ndarray) -> None:
        self._codes = value

    def _require_trained(self) -> None:
        if self._codes is None:
            raise SvqvaeError("the model is not trained yet; call train() first")

    def _summarise_latent(self) -> np.ndarray:
        """Set the within-class spread used by ``simulate``; return the classes' mean latents."""
        latents = map(self.latent, self._x.blocks())
        sums = group_sums((np.hstack([z, z**2]) for z in latents), self._y, len(self.class_names))
        mean, square = np.hsplit(sums / self.n_signatures[:, None], 2)
        self.latent_sd = np.sqrt(np.maximum(square - mean**2, 0)).astype(np.float32)
        return mean.astype(np.float32)

    def signatures(self, adata: AnnData, *, trained_on: bool = False) -> SignatureMatrix:
        """Return the model's genes of ``adata``, clipped as the training data was.

        Signatures backed by a file (``anndata.read_h5ad(path, backed="r")``) stay there. Of those
        that are ``trained_on`` more is asked: :class:`svqvae.data.checks.SignCheck`.
        """
        x = SignatureMatrix.of(adata, self.var_names, clip=self.clip, trained_on=trained_on)
        if self.clip is None:
            _require_squares(x.largest)
        return x

    def get_latent_representation(self, adata: AnnData) -> np.ndarray:
        """Return the representation of each signature (genes in any order)."""
        self._require_trained()
        return np.concatenate([self.latent(x) for x in self.signatures(adata).blocks()])

    def scored(self, adata: AnnData) -> Iterator[np.ndarray]:
        """Yield the scores of signatures (genes in any order), block by block, in float64.

        Their cell lines count where ``obs["cell_id"]`` has them and the model knows them.
        """
        cell, start = cell_lines(adata.obs), 0
        for x in self.signatures(adata).blocks():
            of_rows = None if cell is None else cell[start : start + len(x)]
            yield self.scores(x, of_rows).astype(float)
            start += len(x)

    def predict(
        self, adata: AnnData, *, top: int | None = None, by: str | None = None
    ) -> pd.DataFrame:
        """Rank the classes of each signature (genes in any order).

        Parameters
        ----------
        by
            Column of ``adata.obs`` whose values are ranked instead, such as ``pert_id``: by the
            evidence of all their signatures (:class:`svqvae.models.combined.Combination`). That
            column then takes the place of sig_id, ``n_signatures`` follows it, the score is the
            log of the probability, and novelty, which is of signatures, is not there.

        Returns
        -------
        DataFrame
            sig_id, rank (from 1), predicted_class, score, probability; ``top`` rows a
            signature, all classes by default. :meth:`probabilities` says whether the model's
            are calibrated. Where the model has it, ``novelty`` too: :meth:`novelty`.

        Examples
        --------
        >>> model = svqvae.make_model(adata, preset="class_mean_cosine").train()
        >>> model.predict(adata[:2], top=2)[["rank", "predicted_class"]].shape
        (4, 2)
        >>> model.predict(adata, top=1, by="pert_id")["n_signatures"].unique().tolist()
        [4]
        """
        self._require_trained()
        if by is not None:
            return predict_groups(self, adata, by=by, top=top)
        ranked = []
        for scores in self.scored(adata):
            best = rank(scores, self.probabilities(scores), top=top)
            ranked.append((*best, self.novelty(scores)))
        columns = (np.concatenate(part) for part in zip(*ranked, strict=True))
        return ranking_table(adata.obs_names.to_numpy(), self.class_names, *columns)

    def query(self, source: Any = None, **options: Any) -> Any:
        """Answer for one's own experiment: :func:`svqvae.query.ask.ask` of this model."""
        # Named by text: what is computed of queries changes no training.
        return import_module("svqvae.query.ask").ask(self, source, **options)

    def classes(self) -> AnnData:
        """Return one row per class: decoded profile in X, code in ``obsm["X_code"]``."""
        import anndata as ad

        obs = pd.DataFrame(
            {keys.N_SIGNATURES: self.n_signatures, keys.N_PERTURBAGENS: self.n_perturbagens},
            index=self.class_names,
        )
        result = ad.AnnData(
            self.decode(self.codes).astype(np.float32),
            obs=obs,
            var=pd.DataFrame(index=self.var_names),
        )
        result.obsm[keys.X_CODE] = self.codes.astype(np.float32)
        return result

    def save(self, folder: str | Path) -> None:
        """Write the model as safetensors, JSON and a table; no pickles."""
        self._require_trained()
        saved.save(self, folder)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Load a saved model; needs neither the training data nor pickled code.

        Raises
        ------
        SvqvaeError
            If a file is missing or damaged, the files do not belong together, or the model is of
            another class.
        """
        return saved.load(cls, folder)


class PredictionsOnly(ClassModel):
    """A model that is there to be scored: its classes are not clustered, correlated or decoded."""
