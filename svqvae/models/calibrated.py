"""What ranks the classes of every model: evidence, calibrated on training compounds left out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import softmax

from svqvae.data.matrix import SignatureMatrix
from svqvae.data.split import assign_parts
from svqvae.models.calibration import Calibration, fit_calibration
from svqvae.models.combined import REPEATED, fit_repeated
from svqvae.models.ranking import first

#: Parts of the training compounds: calibration sees each as held out from the other parts.
PARTS = 5
#: Signatures after which no further part is left out: a handful of numbers is fitted to them. And
#: signatures before which further parts are, also where one is to be enough.
ENOUGH, FEWEST = 5000, 60
#: Probabilities below it are taken for it where their logarithms are compared.
_LEAST = 1e-12


class CalibratedModel(ABC):
    """Scores and probabilities from evidence, and what calibration is fitted to.

    Without two compounds in any class nothing can be held out: then the scores are the evidence,
    and probabilities their softmax.
    """

    settings: Any
    class_names: list[str]
    n_signatures: np.ndarray
    #: Of the parts, how many are left out in turn; costly methods leave out one alone, where it is
    #: large enough.
    parts_left_out: ClassVar[int] = PARTS
    calibration: Calibration | None = None
    #: The training signatures, and the class and compound of each.
    _x: SignatureMatrix
    _y: np.ndarray
    _compound: np.ndarray

    @abstractmethod
    def evidence_of(self, x: np.ndarray) -> np.ndarray:
        """Return the evidence for each class, signatures x classes; higher is nearer.

        What the method itself ranks by, before the classes' sizes are taken into account.
        """

    @abstractmethod
    def fit_evidence(self, *, seed: int) -> None:
        """Fit what :meth:`evidence_of` computes with to the training signatures."""

    @property
    def log_size(self) -> np.ndarray:
        """Log of each class's training signatures over the mean of classes."""
        return np.log(self.n_signatures / self.n_signatures.mean())

    # -- fitted -------------------------------------------------------------------------
    def calibrate(self, *, seed: int) -> None:
        """Fit ranks and probabilities to compounds that the evidence did not see."""
        self.take_left_out(*self.left_out_evidence(seed=seed))

    def take_left_out(self, label: np.ndarray, evidence: np.ndarray, compound: np.ndarray) -> None:
        """Fit ranks and probabilities to evidence of compounds that were left out of it.

        Parameters
        ----------
        label, evidence, compound
            Index of the true class, signatures x classes, and a code for each compound; without
            any nothing is fitted.
        """
        if len(label):
            self.calibration = self._calibrated(label, evidence)
            probability = self.probabilities(self.calibration.scores(evidence, self.log_size))
            repeated = fit_repeated(probability, self.log_prior(), label, compound)
            self.calibration = replace(self.calibration, repeated=repeated)

    def _calibrated(self, label: np.ndarray, evidence: np.ndarray) -> Calibration:
        return fit_calibration(evidence, label, self.log_size, balance=self.settings.balance)

    def log_likelihood(self, label: np.ndarray, evidence: np.ndarray) -> np.ndarray:
        """Return the log of each true class's probability, calibrated on these very signatures."""
        if not len(label):
            return np.empty(0)
        found = self._calibrated(label, evidence)
        likely = found.probabilities(found.scores(evidence, self.log_size))
        return np.asarray(np.log(np.maximum(likely[np.arange(len(label)), label], _LEAST)))

    def left_out_evidence(self, *, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return labels, evidence and compounds of each part, fitted without it."""
        left_out, evidence = [np.array([], dtype=int)], [np.empty((0, len(self.class_names)))]
        for rows, without in self.without_parts(seed=seed):
            left_out.append(rows)
            evidence += map(without.evidence_of, self._x.subset(rows).blocks())
        at = np.concatenate(left_out)
        return self._y[at], np.concatenate(evidence), self._compound[at]

    def without_parts(self, *, seed: int) -> Iterator[tuple[np.ndarray, Self]]:
        """Yield positions of the signatures of each part, and the model fitted without them."""
        part = assign_parts(self._compound, self._y, parts=PARTS, seed=seed)
        for one in self._parts(part):
            without = self.of_rows(part != one)
            without.fit_evidence(seed=seed)
            yield np.flatnonzero(part == one), without

    def _parts(self, part: np.ndarray) -> list[int]:
        """Return the parts to leave out: the largest ones, as many as are wanted."""
        size = np.bincount(part[part >= 0], minlength=PARTS)
        # What remains has a class of two signatures: some methods need a spread within classes.
        size[len(part) - size <= len(self.class_names)] = 0
        by_size = np.argsort(-size, kind="stable")
        before = np.cumsum(size[by_size]) - size[by_size]
        wanted = (np.arange(PARTS) < self.parts_left_out) | (before < FEWEST)
        return sorted(by_size[wanted & (size[by_size] > 0) & (before < ENOUGH)].tolist())

    def of_rows(self, known: np.ndarray) -> Self:
        """Return the model with these training signatures alone, all else shared with this one."""
        part = copy(self)
        part._x, part._y = self._x.subset(known), self._y[known]
        part._compound = self._compound[known]
        part.n_signatures = np.bincount(part._y, minlength=len(self.class_names))
        return part

    # -- used ---------------------------------------------------------------------------
    def evidence_in(self, x: np.ndarray, cell: np.ndarray | None) -> np.ndarray:
        """Return the evidence of signatures whose cell lines may be known.

        To most methods it is the same.

        Parameters
        ----------
        cell
            Name of each signature's cell line, "" where it is not known; None of none.
        """
        return self.evidence_of(x)

    def scores(self, x: np.ndarray, cell: np.ndarray | None = None) -> np.ndarray:
        """Return signatures x classes: evidence, with the classes' sizes taken into account.

        Parameters
        ----------
        cell
            As of :meth:`evidence_in`.
        """
        evidence = self.evidence_in(x, cell)
        if self.calibration is None:
            return evidence
        return self.calibration.scores(evidence, self.log_size)

    def first_class(self, x: np.ndarray) -> np.ndarray:
        """Return the index of the class that each signature is taken for."""
        return first(self.scores(x))

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """Return the classes' probabilities, calibrated on training compounds left out."""
        if self.calibration is None:
            return softmax(scores, axis=1)
        return self.calibration.probabilities(scores)

    def log_prior(self) -> np.ndarray:
        """Return what the scores owe to the classes' sizes; nothing without calibration."""
        if self.calibration is None:
            return np.zeros(len(self.class_names))
        return self.calibration.prior * self.log_size

    @property
    def repeated(self) -> float:
        """How far a compound's signatures repeat each other: r of ``combined.Combination``."""
        return REPEATED if self.calibration is None else self.calibration.repeated

    def scores_at_ends(self, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the scores that a ``balance`` of 0 and one of 1 would rank by, to a factor."""
        if self.calibration is None:
            return scores, scores
        return self.calibration.at_ends(scores, self.log_size)

    def calibration_state(self) -> dict[str, np.ndarray]:
        """Return the arrays of the calibration, if there is one, to be saved."""
        found = self.calibration
        return {} if found is None else {"_calibration": found.as_array()}

    def take_calibration(self, state: dict[str, np.ndarray]) -> None:
        """Take the calibration out of the arrays of a saved model, if it has one."""
        found = state.pop("_calibration", None)
        self.calibration = None if found is None else Calibration.from_array(found)
