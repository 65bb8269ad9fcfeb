"""Equations 1 to 3 of the preset svqvae: directions, codes and members, and evidence by them.

Where the cell line counts, :mod:`svqvae.models.cell_codes` has its codes and weights.

In NumPy, once, for training and for answers: importing torch takes longer than an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from svqvae.data.matrix import SignatureMatrix
from svqvae.data.membership import Membership
from svqvae.data.split import evenly
from svqvae.models.cell_codes import CellCodes, CellSums
from svqvae.models.settings import NetworkSettings, not_negative, positive, share
from svqvae.models.whitening import conditional_mean, symmetric_whitening, unit_rows

#: Begins the names of the arrays in a saved model.
PREFIX = "directions."
#: Largest squashed value that a gene which is not known is taken to have.
_NEAR_ONE = 0.9999
#: Least mean of a class's kernel, relative to the nearest member of all.
_LEAST = 1e-30
#: Signatures compared with all members at a time.
_ROWS = 512


@dataclass(frozen=True, kw_only=True)
class DirectionSettings(NetworkSettings):
    """What the equations are solved and used with."""

    squash: float = positive(2.0, least=1e-6)  # s: z-scores beyond it hardly add to a direction
    shrinkage: float = share(0.6)  # of C toward the identity
    temperature: float = positive(0.2, least=1e-6)  # t
    members: int = not_negative(64)  # signatures of a class kept as further codes, at most
    bandwidth: float = positive(0.1, least=1e-6)  # b, of the members' kernel


@dataclass(frozen=True, kw_only=True)
class Directions:
    """What is solved of training signatures, and what it makes of others.

    Attributes
    ----------
    whitening, centre
        W and m of equation 1: genes x genes, and genes.
    codes
        Classes x genes, unit rows: equation 2, the global representations.
    codebook
        The same of centred directions, which signatures are compared with.
    members, member_class
        Rows x genes in half precision, which are the larger part of a model and whose three digits
        do, and the class of each; a signature of several classes is there for each.
    mean_length
        Of the training signatures, which strength is relative to; one value.
    cells
        Codes that know the cell line; None where it does not count.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.
    """

    settings: DirectionSettings
    whitening: np.ndarray
    centre: np.ndarray
    codes: np.ndarray
    codebook: np.ndarray
    members: np.ndarray
    member_class: np.ndarray
    mean_length: np.ndarray
    cells: CellCodes | None = None

    def __post_init__(self) -> None:
        n_classes, n_genes = self.codebook.shape
        of = self.member_class
        fits = (
            self.whitening.shape == (n_genes, n_genes)
            and self.centre.shape == (n_genes,)
            and self.codes.shape == self.codebook.shape
            and self.members.shape == (len(of), n_genes)
            and of.ndim == 1
            and self.mean_length.shape == (1,)
            and (len(of) == 0 or 0 <= of.min() <= of.max() < n_classes)
        )
        if self.cells is not None:
            fits &= self.cells.codes.shape[1] == n_genes
            fits &= self.cells.member_cell.shape == of.shape
            fits &= bool((self.cells.of_class < n_classes).all())
        if not fits:
            raise ValueError("whitening, codes and members are not of one model")

    # -- as it is saved --------------------------------------------------------------------
    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the arrays that there always are, but for the model's codes."""
        others = ("settings", "codes", "cells")
        return tuple(one.name for one in fields(cls) if one.name not in others)

    @classmethod
    def take(cls, settings: DirectionSettings, state: dict[str, Any]) -> Self:
        """Take its arrays out of those of a saved model, all but the codes, which are its own."""
        arrays = {name: state.pop(PREFIX + name) for name in cls.names()}
        codes = state["_codes"]
        return cls(settings=settings, codes=codes, cells=CellCodes.take(state), **arrays)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays by name, to be saved with a model."""
        of_cells = {} if self.cells is None else self.cells.arrays()
        return {PREFIX + name: getattr(self, name) for name in self.names()} | of_cells

    # -- as it is used ---------------------------------------------------------------------
    def latent(self, x: np.ndarray) -> np.ndarray:
        """Return the direction of each row, equation 1."""
        return unit_rows(self._whitened(x))

    def centred(self, x: np.ndarray) -> np.ndarray:
        """Return the centred direction of each row; a row of zeros has none and stays so."""
        return self._centred(self._whitened(x))

    def _whitened(self, x: np.ndarray) -> np.ndarray:
        return _squashed(x, self.settings) @ self.whitening

    def _centred(self, whitened: np.ndarray) -> np.ndarray:
        return unit_rows(whitened - self._shift * whitened.any(axis=1, keepdims=True))

    def both(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the directions of rows, as they are and centred."""
        whitened = self._whitened(x)
        return unit_rows(whitened), self._centred(whitened)

    @cached_property
    def _shift(self) -> np.ndarray:
        return np.asarray(self.centre @ self.whitening)

    def evidence(self, x: np.ndarray, cell: np.ndarray | None = None) -> np.ndarray:
        """Return rows x classes, equation 3.

        Parameters
        ----------
        cell
            Cell line of each row by name, where it is known and counts.
        """
        return self.evidence_by(x, cell)[0]

    def evidence_by(self, x: np.ndarray, *ways: np.ndarray | None) -> np.ndarray:
        """Return ways x rows x classes: the evidence by several statements of the cell lines.

        Signatures are compared with members once, whatever they are weighed by.
        """
        cells = np.array([self._numbers(cell, len(x)) for cell in ways])
        found = np.empty((*cells.shape, len(self.codebook)), np.float32)
        combinations, of_row = np.unique(cells, axis=1, return_inverse=True)
        for at, combination in enumerate(combinations.T.tolist()):
            rows = np.flatnonzero(of_row.ravel() == at)
            weighed = [self._in_cell(one) for one in combination]
            for start in range(0, len(rows), _ROWS):
                block = rows[start : start + _ROWS]
                z = self.centred(x[block])
                nearest, kernel = self._kernel(z)
                for way, (codebook, weights) in enumerate(weighed):
                    of_codes = z @ codebook.T / self.settings.temperature
                    found[way, block] = of_codes + nearest
                    if len(kernel.T):
                        found[way, block] += np.log(np.maximum(kernel @ weights, _LEAST))
        return found

    def _numbers(self, cell: np.ndarray | None, n: int) -> np.ndarray:
        if cell is None or self.cells is None:
            return np.full(n, -1)
        return self.cells.index(cell)

    def _in_cell(self, cell: int) -> tuple[np.ndarray, np.ndarray]:
        """Return codes, and members x classes: what each counts for in the mean of its class."""
        codebook, weights = self.codebook, self._member
        if self.cells is not None and cell >= 0:
            codebook = self.cells.codebook(codebook, cell)
            weights = self.cells.weights(weights, cell).astype(np.float32)
        return codebook, weights / np.maximum(weights.sum(0), 1)

    def _kernel(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return exponents of the nearest members, and rows x members: kernels relative to these.

        A narrow kernel would overflow, or leave no class any.
        """
        similarity = z @ self._unit_members.T / self.settings.bandwidth
        if len(self.members) == 0:
            return np.zeros((len(z), 1), np.float32), similarity
        nearest = similarity.max(1, keepdims=True)
        return nearest, np.exp(similarity - nearest)

    @cached_property
    def _unit_members(self) -> np.ndarray:
        return self.members.astype(np.float32)

    @cached_property
    def _member(self) -> np.ndarray:
        """Members x classes: 1 where it is of the class, else 0."""
        return np.asarray(np.eye(len(self.codebook), dtype=np.float32)[self.member_class])

    def complete(self, x: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Return signatures whose values that are not ``known`` have their mean given the others.

        About 0, not about the centre: a row that is filled in is shorter than a whole one, and
        equation 1 makes it longer again, the centre in it too, of which then more is left than m
        takes away. docs/evidence.md has both.

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


def _squashed(x: np.ndarray, settings: DirectionSettings) -> np.ndarray:
    return unit_rows(np.tanh(np.asarray(x, np.float32) / np.float32(settings.squash)))


def solve(
    x: SignatureMatrix,
    label: np.ndarray,
    classes: Membership,
    *,
    settings: DirectionSettings,
    cell: np.ndarray | None = None,
    whitening: Callable[..., np.ndarray] = symmetric_whitening,
) -> Directions:
    """Return whitening, codes and members, in two passes over the signatures.

    Parameters
    ----------
    label
        Class that each signature is scored by: the whitening is of the covariance within these.
    classes
        All that each counts for, every class at least once: codes and members are of these.
    cell
        Cell line of each signature, if there are to be codes that know it.
    whitening
        Of :mod:`svqvae.models.whitening`.
    """
    own = Membership.single(label, classes.shape[1])
    square, sums = np.zeros((x.shape[1], x.shape[1])), np.zeros((classes.shape[1], x.shape[1]))
    length, start = 0.0, 0
    for block in x.blocks():
        rows = _squashed(block, settings)
        square += rows.T @ rows
        sums += own.sums(rows, start=start)
        length += float(np.linalg.norm(block, axis=1).sum(dtype=float))
        start += len(block)
    counts = np.bincount(label, minlength=classes.shape[1]).astype(float)
    matrix = whitening(square, sums, counts, shrinkage=settings.shrinkage)
    encoder = Directions(
        settings=settings,
        whitening=matrix.astype(np.float32),
        centre=(sums.sum(0) / len(x)).astype(np.float32),
        codes=np.zeros(sums.shape, np.float32),
        codebook=np.zeros(sums.shape, np.float32),
        members=np.zeros((0, x.shape[1]), np.float16),
        member_class=np.zeros(0, np.int64),
        mean_length=np.array([max(length / len(x), 1e-6)], np.float32),
    )
    in_cells = None if cell is None else CellSums(classes, cell, x.shape[1])
    of_codes, sums, start = np.zeros(sums.shape), np.zeros(sums.shape), 0
    for block in x.blocks():
        as_it_is, z = encoder.both(block)
        of_codes += classes.sums(as_it_is, start=start)
        sums += classes.sums(z, start=start)
        if in_cells is not None:
            in_cells.add(z, start=start)
        start += len(block)
    mean = sums / np.bincount(classes.of_class, minlength=len(sums))[:, None]
    kept = evenly(classes.of_class, settings.members)
    members = classes.row[kept]
    return replace(
        encoder,
        codes=unit_rows(of_codes).astype(np.float32),
        codebook=unit_rows(mean).astype(np.float32),
        members=encoder.centred(x[members]).astype(np.float16),
        member_class=classes.of_class[kept],
        cells=None if in_cells is None else in_cells.codes(mean, members),
    )
