"""Genes that a query lacks, and its scale: from values with gaps to what a model takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from svqvae.query.library import Library
from svqvae.query.queries import Queries

if TYPE_CHECKING:
    from svqvae.models.base import ClassModel

#: Share of the model's genes below which accuracy on held-out compounds cannot be told from
#: chance, and below which it is clearly worse (docs/query.md: tests/benchmarks/bench_query.py).
CANNOT_TELL, WORSE = 0.02, 0.25
#: Of lists so many genes are worth a signature.
_FULL_LISTS = 50


@runtime_checkable
class Completes(Protocol):
    """A model that knows what genes are likely to be, given others."""

    def complete(self, x: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Return signatures with the values filled in that are not known; both rows x genes."""


def completed(model: ClassModel, queries: Queries, library: Library | None) -> np.ndarray:
    """Return queries as float32 rows without gaps, clipped as the training signatures were.

    Genes without a value take their mean given the others where the model knows it, else 0; those
    that long lists do not name are 0. What is no signature (statistics, signs of lists) is brought
    to the median length of the training signatures first, where it is known.
    """
    has = np.isfinite(queries.values)
    x = np.where(has, queries.values, 0.0)
    if queries.kind != "signatures" and library is not None:
        length = np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
        # Fewer genes make a shorter signature.
        x *= library.median_length * np.sqrt(has.mean(1, keepdims=True)) / length
    if model.clip is not None:
        x = np.clip(x, -model.clip, model.clip)
    x = x.astype(np.float32)
    if isinstance(model, Completes) and not has.all():
        has[queries.unlisted_are_zero] = True
        x = model.complete(x, has)
    return x


def told_of_share(queries: Queries, at: int) -> list[str]:
    """Return what is to be said of a query with few of the model's genes."""
    used = int(queries.genes_used[at])
    if queries.kind == "lists":
        if used < _FULL_LISTS:
            return [
                f"few listed genes: from {_FULL_LISTS} of the model's on lists name held-out "
                "compounds nearly as well as whole signatures"
            ]
        return []
    share = used / queries.values.shape[1]
    if share < CANNOT_TELL:
        return [
            f"too few genes to tell anything: below {CANNOT_TELL:.0%} of the model's, held-out "
            "compounds are named no better than by chance"
        ]
    if share < WORSE:
        return [f"{share:.0%} of the model's genes: answers are worse than of whole signatures"]
    return []
