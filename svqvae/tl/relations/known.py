"""Agreement of every model of a data set with the pairs of classes known to be related."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from svqvae import keys
from svqvae.tl.relations import knowledge
from svqvae.tl.relations.connectivity import class_connectivity
from svqvae.tl.relations.relations import as_matrix

if TYPE_CHECKING:
    from anndata import AnnData

#: The rival without a model, as the table names it.
RIVAL = "pcl_connectivity"


def known_tables(
    relations: Mapping[str, pd.DataFrame],
    adata: AnnData,
    *,
    subject: str,
    roles: Mapping[str, str],
    known: str | Path | None = None,
    truth: pd.DataFrame | None = None,
    draws: int = 1000,
) -> dict[str, pd.DataFrame]:
    """Measure how well each model separates related pairs, and which of them the subject finds.

    Parameters
    ----------
    relations
        Of each model, its table of :func:`svqvae.tl.relations.relations.relation_table`.
    adata
        Signatures with class and, where known, targets.
    subject
        The model whose pairs are listed.
    roles
        Of each model: model or baseline.
    known
        Table of related pairs; without it, or ``truth``, classes are related that share targets.
    truth
        Planted classes with ``group``.
    draws
        Of the bootstrap over classes.

    Returns
    -------
    dict
        known_relations: model, role and the columns of
        :func:`svqvae.tl.relations.knowledge.relation_agreement`; last :data:`RIVAL`.
        known_pairs: see :func:`svqvae.tl.relations.knowledge.known_pair_table`.
    """
    names = list(as_matrix(relations[subject]).index)
    if truth is not None:
        related = knowledge.planted_pairs(truth, names)
    else:
        related = knowledge.known_pairs(adata.obs, names, known)
    tables = [
        knowledge.relation_agreement(table, related, draws=draws).assign(
            model=model, role=roles[model]
        )
        for model, table in relations.items()
    ]
    rival = knowledge.agreement(class_connectivity(adata, names), related, draws=draws)
    row = {"measure": "median_rank_similarity"} | rival
    tables.append(pd.DataFrame([row]).assign(model=RIVAL, role="baseline"))
    agreement = pd.concat(tables, ignore_index=True)
    for at, column in enumerate(("model", "role")):
        agreement.insert(at, column, agreement.pop(column))
    has_targets = keys.TARGET in adata.obs
    targets = knowledge.class_targets(adata.obs, names) if has_targets else None
    pairs = knowledge.known_pair_table(relations[subject], related, targets)
    return {"known_relations": agreement, "known_pairs": pairs}
