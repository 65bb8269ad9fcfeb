"""Several signatures as one, such as a compound's doses and cell lines: their evidence is added."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import log_softmax

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.models.ranking import rank, ranking_table

if TYPE_CHECKING:
    from anndata import AnnData

    from svqvae.models.base import ClassModel

#: How far the signatures of one compound repeat each other, 0 to 1: what is wrong in one (another
#: target, a toxic dose) is wrong in the next. Taken where too few compounds can tell;
#: docs/evidence.md says how it was chosen.
REPEATED = 0.4
#: Values that are tried, and the least number of compounds of several signatures to choose by.
_TRIED, _ENOUGH = np.linspace(0, 1, 41), 50
#: Probabilities below it are one that a model cannot write.
_LEAST = 1e-300


class Combination:
    """Log evidence of groups of signatures, to be added up block by block.

    log P(c | x_1 ... x_n) = log prior_c + sum_i (log P(c | x_i) - log prior_c) / (1 + (n - 1) r),
    up to a constant: each signature counts by what it says beyond the prior, the prior counts once,
    and n signatures that repeat each other by r are worth n / (1 + (n - 1) r).

    Parameters
    ----------
    group
        Of each signature, as codes from 0.
    log_prior
        Of each class, as in the probabilities: :meth:`svqvae.models.base.ClassModel.log_prior`.
    repeated
        r, as :func:`fit_repeated` finds it.
    """

    def __init__(
        self, group: np.ndarray, log_prior: np.ndarray, *, repeated: float = REPEATED
    ) -> None:
        self.group = np.asarray(group)
        self.log_prior = log_prior
        self.repeated = repeated
        #: Signatures of each group.
        self.n_signatures = np.bincount(self.group)
        self._sums = np.zeros((len(self.n_signatures), len(log_prior)))

    def add(self, at: slice, probability: np.ndarray) -> None:
        """Add the signatures of some rows, by their probabilities (rows x classes)."""
        evidence = np.log(np.maximum(probability, _LEAST)) - self.log_prior
        np.add.at(self._sums, self.group[at], evidence)

    @classmethod
    def of(cls, model: ClassModel, adata: AnnData, group: np.ndarray) -> Combination:
        """Return the evidence of signatures by a trained model."""
        together = cls(group, model.log_prior(), repeated=model.repeated)
        start = 0
        for scores in model.scored(adata):
            at = slice(start, start + len(scores))
            together.add(at, model.probabilities(scores))
            start += len(scores)
        return together

    def log_probability(self) -> np.ndarray:
        """Return groups x classes, of what was added so far."""
        return self._by(self.repeated)

    def _by(self, repeated: float) -> np.ndarray:
        worth = 1 + (self.n_signatures - 1) * repeated
        return np.asarray(log_softmax(self.log_prior + self._sums / worth[:, None], axis=1))

    def likeliest_repeated(self, label: np.ndarray) -> float:
        """Return the r under which the true classes of the groups are likeliest.

        Parameters
        ----------
        label
            Index of the true class of each group.
        """
        at = np.arange(len(label))
        surprise = [-self._by(r)[at, label].mean() for r in _TRIED]
        return float(_TRIED[int(np.argmin(surprise))])


def fit_repeated(
    probability: np.ndarray, log_prior: np.ndarray, label: np.ndarray, compound: np.ndarray
) -> float:
    """Return how far signatures of one compound repeat each other, by maximum likelihood.

    Parameters
    ----------
    probability
        Signatures x classes, of compounds that the model did not see.
    label, compound
        Of each signature: index of the true class, and the compound as a code.

    Returns
    -------
    float
        0 to 1; :data:`REPEATED` where fewer than 50 compounds have several signatures.
    """
    pair, group = np.unique(np.stack([compound, label]), axis=1, return_inverse=True)
    together = Combination(group.ravel(), log_prior)
    if (together.n_signatures > 1).sum() < _ENOUGH:
        return REPEATED
    together.add(slice(None), probability)
    return together.likeliest_repeated(pair[1])


def groups_of(obs: pd.DataFrame, by: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the group of each signature, as codes from 0, and the names of the groups.

    Raises
    ------
    SvqvaeError
        If there is no such column, or some signatures have no value in it.
    """
    if by not in obs:
        raise SvqvaeError(
            f"the signatures have no column '{by}' to be combined by{did_you_mean(by, obs.columns)}"
            + (f"; there are {', '.join(map(str, obs.columns[:12]))}" if len(obs.columns) else "")
        )
    column = obs[by].astype(object)
    if lost := int(column.isna().sum()):
        raise SvqvaeError(
            f"{lost} of {len(obs)} signatures have no value of '{by}', first "
            f"'{obs.index[column.isna().to_numpy()][0]}'; leave them out"
        )
    codes, names = pd.factorize(column.astype(str))
    return codes, np.asarray(names, dtype=object)


def predict_groups(
    model: ClassModel, adata: AnnData, *, by: str, top: int | None = None
) -> pd.DataFrame:
    """Rank the classes of each group of signatures: see :meth:`ClassModel.predict`."""
    codes, names = groups_of(adata.obs, by)
    together = Combination.of(model, adata, codes)
    score = together.log_probability()
    best = rank(score, np.exp(score), top=top)
    unknown = np.full(len(names), np.nan)
    table = ranking_table(names, model.class_names, *best, unknown)
    n = together.n_signatures.repeat(best[0].shape[1])
    table.insert(1, keys.N_SIGNATURES, n)
    return table.rename(columns={keys.SIG_ID: by})
