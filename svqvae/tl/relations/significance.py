"""Permutation test of the relation of two classes, false discovery rates and support."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Named here too, as FDR is the threshold of a pair.
from svqvae.tl.fdr import FDR as FDR
from svqvae.tl.fdr import benjamini_hochberg
from svqvae.tl.relations.pair_scores import directed_z, pair_z
from svqvae.tl.relations.similarity import HeldOutSimilarity

#: Groups of pairs by size, each with a null distribution of its own.
_STRATA = 4
#: Permutations of the labels: as many as give a null this large, within limits.
_NULL_SIZE, _MIN_PERMUTATIONS, _MAX_PERMUTATIONS = 400_000, 40, 200
#: Share of a class's compounds that a resample leaves out.
_LEFT_OUT = 0.2


@dataclass(frozen=True)
class PermutationNull:
    """Null distribution of :func:`pair_z` under permutation of the labels.

    Attributes
    ----------
    parts
        Groups of pairs of about the same size: positions in the upper triangle.
    drawn
        For each group the sorted values of all permutations of the labels.
    """

    parts: Sequence[np.ndarray]
    drawn: Sequence[np.ndarray]

    def p_values(self, z: np.ndarray) -> np.ndarray:
        """Return one-sided p-values of scores, classes x classes, 1 on the diagonal."""
        pair = np.triu_indices(len(z), 1)
        found = z[pair]
        p = np.empty(len(found))
        for part, drawn in zip(self.parts, self.drawn, strict=True):
            above = len(drawn) - np.searchsorted(drawn, found[part], side="left")
            p[part] = (1 + above) / (1 + len(drawn))
        result = np.ones_like(z)
        result[pair] = p
        return np.asarray(np.minimum(result, result.T))


def permutation_null(
    held_out: HeldOutSimilarity, *, draws: int | None = None, seed: int = 0
) -> PermutationNull:
    """Draw the permutation null of :func:`pair_z`.

    The null hypothesis: a compound's label is independent of its similarity to the other classes.
    Encoder and codes were fitted without the compound, so that labels are exchangeable among the
    compounds of a fold; permuting them there keeps class sizes and the shared response. The
    similarity of compounds to their own class is left out throughout. The null is pooled over
    pairs of about the same size.

    A permutation moves members and leaves codes, so that its two directions are independent, and
    their mean would be less skewed than that of the true labels, whose directions are correlated:
    each direction of a permutation is a draw by itself.

    Parameters
    ----------
    draws
        Permutations of the labels; by default 40 to 200, fewer the more pairs there are to each.

    Notes
    -----
    docs/evidence.md has type I error and power on simulated sets that were not used to design the
    test: random labels, unrelated classes and planted relations, each with classes of equal and of
    unequal size and with a strong shared response.
    """
    other = ~held_out.member
    size = held_out.member.sum(0)
    pair = np.triu_indices(len(size), 1)
    if draws is None:
        draws = int(np.clip(_NULL_SIZE / len(pair[0]), _MIN_PERMUTATIONS, _MAX_PERMUTATIONS))
    rng = np.random.default_rng(seed)
    null = []
    for _ in range(draws):
        permuted = np.arange(len(held_out.member))
        for fold in np.unique(held_out.fold):
            rows = np.flatnonzero(held_out.fold == fold)
            permuted[rows] = rng.permutation(rows)
        member = held_out.member[permuted]
        again = HeldOutSimilarity(held_out.value, member, held_out.fold)
        null.append(directed_z(again, other & ~member))
    permuted_z = np.array(null)
    chance = np.concatenate([permuted_z[:, *pair], permuted_z.swapaxes(1, 2)[:, *pair]])
    together = 1 / (1 / np.maximum(size[pair[0]], 1) + 1 / np.maximum(size[pair[1]], 1))
    parts = _size_strata(together)
    return PermutationNull(parts, [np.sort(chance[:, part].ravel()) for part in parts])


def p_values(held_out: HeldOutSimilarity, *, draws: int | None = None, seed: int = 0) -> np.ndarray:
    """Return one-sided p-values, classes x classes, of the similarity of each pair.

    See :func:`permutation_null`.
    """
    return permutation_null(held_out, draws=draws, seed=seed).p_values(pair_z(held_out))


def q_values(p: np.ndarray) -> np.ndarray:
    """Return Benjamini and Hochberg's q-values over the pairs of classes, 1 on the diagonal."""
    pair = np.triu_indices(len(p), 1)
    result = np.ones_like(p)
    result[pair] = benjamini_hochberg(p[pair])
    return np.asarray(np.minimum(result, result.T))


def resampling_support(
    held_out: HeldOutSimilarity, chance: PermutationNull, *, draws: int = 50, seed: int = 0
) -> np.ndarray:
    """Return the share of subsamples in which each pair is a finding, classes x classes.

    A subsample leaves out a fifth of the held-out compounds of each class (at least one, of three
    or more) and is tested with the same null and the same :data:`FDR`. Models and codes stay,
    which were fitted with those compounds in other folds: with retraining, support would be lower.
    """
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(column) for column in held_out.member.T]
    n_out = [max(1, round(_LEFT_OUT * len(m))) if len(m) > 2 else 0 for m in members]
    times = np.zeros((len(members), len(members)))
    for _ in range(draws):
        kept = np.ones(len(held_out.member), dtype=bool)
        for rows, n in zip(members, n_out, strict=True):
            kept[rng.choice(rows, n, replace=False)] = False
        part = HeldOutSimilarity(held_out.value[kept], held_out.member[kept], held_out.fold[kept])
        times += q_values(chance.p_values(pair_z(part))) <= FDR
    return times / draws


def _size_strata(size: np.ndarray) -> list[np.ndarray]:
    """Return the positions of pairs in up to :data:`_STRATA` groups of about the same size."""
    _, at = np.unique(size, return_inverse=True)
    # Whole values, so that pairs of one size share one null.
    middle = (np.cumsum(np.bincount(at)) - np.bincount(at) / 2) / len(size)
    group = np.minimum((middle * _STRATA).astype(int), _STRATA - 1)[at]
    return [np.flatnonzero(group == one) for one in np.unique(group)]
