"""Counts with a control, of cells or samples, to signatures of perturbations and cell types."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, shortened
from svqvae.io.ids import positions
from svqvae.pp.source import Source, describe_source
from svqvae.pp.vocabulary import to_vocabulary
from svqvae.signatures.compare import ROBUST_Z, WALD, Compared, Units, compared
from svqvae.signatures.control import Control
from svqvae.signatures.counts import Counts, open_counts
from svqvae.signatures.genes import by_entrez
from svqvae.signatures.made import Made
from svqvae.signatures.replicates import common, examples
from svqvae.signatures.units import Design, design, names_of

log = logging.getLogger("svqvae")

#: Cells below which a pseudobulk says too little: docs/signatures.md has the experiment.
MIN_CELLS = 10


def from_counts(
    source: Source,
    *,
    control: Control,
    perturbation: Sequence[str] | None = None,
    cell_type: str | None = None,
    replicate: str | None = None,
    layer: str | None = None,
    counts: Counts | None = None,
    entrez: bool = False,
    min_cells: int = MIN_CELLS,
    seed: int = 0,
) -> Made:
    """Compare each perturbation with the control of its cell type.

    Cells are summed to pseudobulks, one for each replicate; those of too few cells are left out.
    See :mod:`svqvae.signatures.statistic` for the values, and
    :func:`svqvae.signatures.units.design` for the columns.

    Parameters
    ----------
    control
        Which rows are controls.
    layer
        Of an h5ad, the matrix that holds counts: ``X``, ``raw`` or a layer; found by default.
    counts
        Those of the file, where it is open already.
    entrez
        Whether genes are to be called by Entrez id: symbols, aliases and Ensembl ids are resolved,
        counts of one gene added up, and genes that have no id left out.
    min_cells
        Cells that a pseudobulk must have.
    seed
        Of the pseudobulks that are drawn where there are no replicates.

    Returns
    -------
    Made
        ``obs`` has what all rows of a condition have in common, ``pert_id``, ``cell_id``, numbers
        of cells and replicates, and ``method``: ``wald`` or ``robust_z``.

    Raises
    ------
    SvqvaeError
        If there are no counts, columns or the control are missing, or nothing can be compared.
    """
    obs, var, _ = source.metadata()
    where = source.signatures
    columns: dict[str, Any] = {"perturbation": perturbation, "cell_type": cell_type}
    columns["replicate"] = replicate
    what = design(obs, control, where, **columns)
    with open_counts(where, layer) if counts is None else nullcontext(counts) as counts:
        if source.sig_info is not None:
            ids = pd.Index(counts.obs_names)
            counts = replace(counts, rows=positions(list(obs.index), ids, "signature", where))
        if what.of_samples and replicate is None:
            what = design(obs, control, where, **columns, share_counted=counts.share_counted())
        genes = to_vocabulary(counts.var, what="genes")
        if genes.index.equals(var.index):
            genes = var  # with what source.gene_info adds
        merge = None
        if entrez:
            genes, merge = by_entrez(genes, where)
        units = Units.of(counts, what, merge, min_cells)
        made = compared(counts, what, units, merge, seed)
    notes = [*_account(obs, what, counts, units, made, min_cells)]
    for note in notes:
        log.info("%s: %s", where, note)
    if not len(made.conditions):
        raise SvqvaeError([f"{where}: nothing can be compared with a control", *notes])
    table = _table(obs, what, made)
    seen = made.x.any(0)
    how: dict[str, Any] = {
        "method": "+".join(sorted(set(made.method))),
        "source": describe_source(source),
    }
    how |= {"control": ",".join(control.values), "counts": counts.store}
    how |= {"min_cells": min_cells, "seed": seed}
    return Made(x=made.x[:, seen], obs=table, var=genes[seen], how=how, notes=notes)


def _account(
    obs: pd.DataFrame,
    what: Design,
    counts: Counts,
    units: Units,
    made: Compared,
    min_cells: int,
) -> list[str]:
    """Return sentences on what was taken for what, and what was left out."""
    rows = (
        "samples, each a replicate"
        if what.of_samples
        else "cells, summed to pseudobulks (if they are samples: --sample rows)"
    )
    if what.replicate:
        rows = f"{'samples' if what.of_samples else 'cells'}, summed by '{what.replicate}'"
    notes = [
        f"counts of {counts.store}; rows are {rows}",
        f"perturbations by {', '.join(map(repr, what.columns))}, "
        + (f"cell types by '{what.cell_type}'" if what.cell_type else "of one cell type"),
    ]
    if lost := int(((what.condition < 0) & ~what.is_control).sum()):
        notes.append(f"{lost} rows have no '{what.columns[0]}' and are left out")
    if units.few:
        gone = sorted({c for c, _ in units.few if c >= 0} - set(made.conditions.tolist()))
        gone = [c for c in gone if c not in made.without_control]
        listed = shortened(", ".join(names_of(obs, what, np.array(gone, dtype=int))), 300)
        notes.append(
            f"{len(units.few)} pseudobulks of fewer than {min_cells} cells are left out"
            + (f", and with them {len(gone)} perturbations: {listed}" if gone else "")
        )
    if made.without_control:
        listed = shortened(", ".join(names_of(obs, what, np.array(made.without_control))), 300)
        needed = "two samples of the control" if what.of_samples else "a control"
        notes.append(
            f"{len(made.without_control)} perturbations lack {needed} of their cell type and are "
            f"left out: {listed}"
        )
    if ROBUST_Z in made.method:
        notes.append(
            "no replicates: z-scores are against pseudobulks drawn from control cells, which do "
            "not differ as replicates do; they are too large as statistics, their direction counts"
        )
    if WALD in made.method:
        single = int((made.numbers["n_replicates"] == 1).sum())
        notes.append(
            "values are Wald statistics of DESeq2: in SDs, as z-scores are, and no level-5 scores "
            "of L1000, which are against the plate and smaller"
            + (f"; {single} are of a single replicate" if single else "")
        )
    return notes


def _table(obs: pd.DataFrame, what: Design, made: Compared) -> pd.DataFrame:
    number = np.where(np.isin(what.condition, made.conditions), what.condition, -1)
    _, rows = examples(number)
    first = obs.iloc[rows]
    ours: dict[str, object] = {keys.PERT_ID: first[what.columns[0]].astype(str).to_numpy()}
    if what.cell_type:
        ours[keys.CELL_ID] = first[what.cell_type].astype(str).to_numpy()
    table = common(obs, number).assign(**ours, method=made.method)
    table = table.assign(**{c: made.numbers[c].to_numpy() for c in made.numbers})
    ids = names_of(obs, what, made.conditions)
    return table.set_axis(ids, axis=0).rename_axis(None)
