"""From queries to answers: classes, nearest compounds, genes that speak for the first class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae.data.cells import cell_lines
from svqvae.models.ranking import rank
from svqvae.query.belief import HeldOut, sharpened, told_of_strength
from svqvae.query.compounds import CompoundSearch
from svqvae.query.genes import GeneNames
from svqvae.query.library import Library
from svqvae.query.missing import Completes, completed, told_of_share
from svqvae.query.queries import Queries

if TYPE_CHECKING:
    from svqvae.models.base import ClassModel

#: Signatures scored at a time.
_BLOCK = 4096
#: The second class is this much less probable than the first, at most, where an answer is torn.
_TORN = 2.0
#: Said where no run lies beside the model.
_NOT_KNOWN = (
    "how often held-out signatures this sure were right is not known: no run lies beside the model"
)
#: Genes for and against that are named, and queries up to which they are looked for.
N_GENES, MOST_EXPLAINED = 10, 20


@dataclass(kw_only=True)
class Answer:
    """What a model says of queries.

    Attributes
    ----------
    classes
        query, genes_used, genes_of_model, rank, predicted_class, score, probability, novelty.
    compounds
        query, rank, pert_id, pert_iname, class, similarity, percentile ...; None where the model
        has no library of training signatures.
    genes
        query, class, gene, symbol, value, contribution: by how much the score of the first class,
        less the mean of all classes', falls without the gene. None of many queries.
    notes
        What is to be said of each query, by its name.
    """

    classes: pd.DataFrame
    compounds: pd.DataFrame | None
    genes: pd.DataFrame | None
    notes: dict[str, list[str]]


def answer(
    model: ClassModel,
    queries: Queries,
    genes: GeneNames,
    *,
    top: int,
    compounds: int,
    library: Library | None,
    held_out: HeldOut | None,
) -> Answer:
    """Rank classes and compounds for queries.

    Parameters
    ----------
    top, compounds
        Classes and compounds for each query.
    library, held_out
        Of the model's folder and run; None where there is none.
    """
    x = completed(model, queries, library)
    cell = cell_lines(queries.obs)
    scores = scores_of(model, x, cell)
    probability = model.probabilities(scores)
    if is_adapted := isinstance(model, Completes):
        probability = sharpened(probability, queries)
    order, best, likely = rank(scores, probability, top=top)
    kept = order.shape[1]
    classes = pd.DataFrame(
        {
            "query": np.repeat(np.asarray(queries.names, dtype=object), kept),
            "genes_used": np.repeat(queries.genes_used, kept),
            "genes_of_model": len(genes.genes),
            "rank": np.tile(np.arange(1, kept + 1), len(order)),
            "predicted_class": np.asarray(model.class_names, dtype=object)[order].ravel(),
            "score": best.ravel(),
            "probability": likely.ravel(),
            "novelty": np.repeat(model.novelty(scores), kept),
        }
    )
    near = None
    if library is not None and len(library.obs):
        z = np.concatenate([model.latent(part) for part in parts(x)])
        near = CompoundSearch(library).nearest(queries.names, z, top=compounds)
    explained = None
    if len(x) <= MOST_EXPLAINED:
        explained = pd.concat(
            [
                _speaking(
                    model,
                    genes,
                    name,
                    x[at],
                    np.isfinite(queries.values[at]),
                    of=int(order[at, 0]),
                    cell=None if cell is None else cell[at],
                )
                for at, name in enumerate(queries.names)
            ],
            ignore_index=True,
        )
    strength = _strengths(queries, model, library)
    notes = {}
    for at, name in enumerate(queries.names):
        whole = queries.genes_used[at] == len(genes.genes)
        notes[name] = [
            *_notes(queries, at, likely[at], order[at], model),
            *([] if strength is None else [told_of_strength(float(strength[at]))]),
            _NOT_KNOWN
            if held_out is None
            else held_out.sentence(float(likely[at, 0]), gaps=None if whole else is_adapted),
            *queries.notes,
        ]
    return Answer(classes=classes, compounds=near, genes=explained, notes=notes)


def parts(x: np.ndarray) -> list[np.ndarray]:
    """Return blocks of rows that are scored at a time."""
    return [x[start : start + _BLOCK] for start in range(0, len(x), _BLOCK)]


def scores_of(model: ClassModel, x: np.ndarray, cell: np.ndarray | None) -> np.ndarray:
    """Return the scores, float64 queries x classes, of cell lines as far as they are known."""
    of_parts = parts(cell) if cell is not None else [None] * len(parts(x))
    found = [model.scores(*part) for part in zip(parts(x), of_parts, strict=True)]
    return np.concatenate(found).astype(float)


def _notes(
    queries: Queries,
    at: int,
    likely: np.ndarray,
    order: np.ndarray,
    model: ClassModel,
) -> list[str]:
    """Return what is to be said of the genes and the first classes of one query."""
    used, of_model = int(queries.genes_used[at]), queries.values.shape[1]
    said = [f"{used} of {of_model} genes used", *told_of_share(queries, at)]
    return said + told_of_torn(likely, [model.class_names[c] for c in order[:2]])


def told_of_torn(likely: np.ndarray, names: list[str]) -> list[str]:
    """Return what is to be said where the second class is nearly as probable as the first."""
    if len(likely) < 2 or likely[0] >= _TORN * likely[1]:
        return []
    return [f"torn between '{names[0]}' ({likely[0]:.2f}) and '{names[1]}' ({likely[1]:.2f})"]


def _strengths(queries: Queries, model: ClassModel, library: Library | None) -> np.ndarray | None:
    """Return the share of training signatures that each query is stronger than, where known.

    Of signatures alone: what is brought to a length has none of its own.
    """
    if queries.kind != "signatures" or library is None:
        return None
    has = np.isfinite(queries.values)
    x = np.where(has, queries.values, 0.0)
    if model.clip is not None:
        x = np.clip(x, -model.clip, model.clip)
    # Fewer genes make a shorter signature.
    return library.weaker(np.linalg.norm(x, axis=1) / np.sqrt(has.mean(1)))


def _speaking(
    model: ClassModel,
    genes: GeneNames,
    name: str,
    x: np.ndarray,
    known: np.ndarray,
    *,
    of: int,
    cell: str | None,
) -> pd.DataFrame:
    """Return the genes that speak most for and most against a class, the strongest first."""
    at = np.flatnonzero(known & (x != 0))
    without = np.repeat(x[None], len(at) + 1, axis=0)
    without[np.arange(len(at)), at] = 0
    in_cell = None if cell is None else np.full(len(without), cell, dtype=object)
    scores = model.scores(without, in_cell).astype(float)
    ahead = scores[:, of] - scores.mean(1)
    fall = ahead[-1] - ahead[:-1]
    by = np.argsort(-fall, kind="stable")
    most = min(N_GENES, len(at) // 2)
    shown = np.concatenate([by[:most], by[len(by) - most :]])
    ids = [genes.genes[at[i]] for i in shown]
    return pd.DataFrame(
        {
            "query": name,
            "class": model.class_names[of],
            "gene": ids,
            "symbol": [genes.symbol(gene) for gene in ids],
            "value": x[at[shown]],
            "contribution": fall[shown],
        }
    )
