"""Answers for groups of signatures, such as a compound's doses and cell lines together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.cells import cell_lines
from svqvae.errors import SvqvaeError
from svqvae.models.combined import Combination, groups_of
from svqvae.models.ranking import rank
from svqvae.query.answer import Answer, parts, scores_of, told_of_torn
from svqvae.query.belief import HeldOut, sharpened
from svqvae.query.compounds import CompoundSearch
from svqvae.query.genes import GeneNames
from svqvae.query.library import Library, unit
from svqvae.query.missing import Completes, completed
from svqvae.query.queries import Queries

if TYPE_CHECKING:
    from svqvae.models.base import ClassModel


def answer_groups(
    model: ClassModel,
    queries: Queries,
    genes: GeneNames,
    *,
    by: str,
    top: int,
    compounds: int,
    library: Library | None,
    held_out: HeldOut | None,
) -> Answer:
    """Rank classes and compounds for groups of signatures, by the evidence of all of each.

    Parameters
    ----------
    by
        Column of what is known of the signatures, whose values are the groups.
    top, compounds
        Classes and compounds for each group; compounds by the mean of the signatures, as the model
        represents them.
    library, held_out
        Of the model's folder and run; None where there is none. ``held_out`` is of compounds.

    Returns
    -------
    Answer
        With ``n_signatures`` in ``classes``; ``genes_used`` is the least of any signature, novelty
        and ``genes``, which are of single signatures, are not known.

    Raises
    ------
    SvqvaeError
        If what is asked are no signatures, or they have no such column.
    """
    if queries.obs is None:
        raise SvqvaeError(
            f"--by {by}: expected signatures with what is known of each (GCTX, GCT, h5ad, a table "
            f"with a row for each); found {queries.kind}"
        )
    codes, names = groups_of(queries.obs, by)
    x = completed(model, queries, library)
    scores = scores_of(model, x, cell_lines(queries.obs))
    probability = model.probabilities(scores)
    if isinstance(model, Completes):
        probability = sharpened(probability, queries)
    together = Combination(codes, model.log_prior(), repeated=model.repeated)
    together.add(slice(None), probability)
    sums = np.zeros((len(names), model.codes.shape[1]))
    np.add.at(sums, codes, np.concatenate([unit(model.latent(block)) for block in parts(x)]))
    found = together.log_probability()
    order, best, likely = rank(found, np.exp(found), top=top)
    kept = order.shape[1]
    used = np.full(len(names), len(genes.genes))
    np.minimum.at(used, codes, queries.genes_used)
    classes = pd.DataFrame(
        {
            "query": np.repeat(names, kept),
            keys.N_SIGNATURES: np.repeat(together.n_signatures, kept),
            "genes_used": np.repeat(used, kept),
            "genes_of_model": len(genes.genes),
            "rank": np.tile(np.arange(1, kept + 1), len(order)),
            "predicted_class": np.asarray(model.class_names, dtype=object)[order].ravel(),
            "score": best.ravel(),
            "probability": likely.ravel(),
            "novelty": np.nan,
        }
    )
    near = None
    if library is not None and len(library.obs):
        near = CompoundSearch(library).nearest(names, sums.astype(np.float32), top=compounds)
    notes = {}
    for one, name in enumerate(names):
        notes[name] = [
            f"{together.n_signatures[one]} signatures of {by} {name} together",
            f"{used[one]} of {len(genes.genes)} genes used",
            *told_of_torn(likely[one], [model.class_names[c] for c in order[one][:2]]),
            _belief(held_out, float(likely[one][0])),
            *queries.notes,
        ]
    return Answer(classes=classes, compounds=near, genes=None, notes=notes)


def _belief(held_out: HeldOut | None, probability: float) -> str:
    if held_out is None:
        return "how often held-out compounds this sure were right is not known"
    return held_out.sentence(probability, what="compounds")
