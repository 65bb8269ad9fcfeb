"""Raw signatures to the one file that everything after is trained and scored on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.checks import require_finite
from svqvae.io.ids import positions
from svqvae.io.tables import tidy
from svqvae.pp.choose import choose_signatures
from svqvae.pp.genes import choose_genes
from svqvae.pp.source import ImageSource, Source, describe_source

if TYPE_CHECKING:
    from anndata import AnnData

log = logging.getLogger("svqvae")


def preprocess(
    source: Source | ImageSource,
    *,
    labels: Mapping[str, Any],
    filters: Mapping[str, Any] | None = None,
    split: Mapping[str, Any] | None = None,
    clip: float | None = None,
) -> AnnData:
    """Filter, label, read and split signatures.

    Metadata is filtered first, so that only the wanted part of the matrix is read.

    Parameters
    ----------
    source
        Where the signatures lie.
    labels
        Options of :func:`svqvae.pp.labels.label_signatures`.
    filters
        ``pert_type``, ``cell_id``, ``dose_um``, ``time_h``, ``quality``,
        ``exclude_perturbagens``, ``min_perturbagens_per_class`` (3),
        ``min_signatures_per_class`` (1), ``genes``, and ``expected`` counts.
    split
        ``group`` (pert_id), ``folds`` (5), ``seed`` (0), or ``column`` for a predefined test
        set; ``duplicates`` (inchi_key, pert_iname), the columns that tell one compound under
        several pert_ids, which are then held out together.
    clip
        Clip values to +-clip; the published model takes +-10.

    Returns
    -------
    AnnData
        X float32; ``obs`` with sig_id, pert_id, compound, class, fold; in ``uns["svqvae"]``
        ``filters``, what each step dropped, ``labels``, what became of each perturbagen, and
        ``duplicates``, the compounds under several pert_ids.

    Raises
    ------
    SvqvaeError
        If the files, columns or values do not allow it.
    """
    import anndata as ad

    filters, split = dict(filters or {}), dict(split or {})
    if source.test_column is not None:
        split.setdefault("column", source.test_column)
    everything, var, in_matrix = source.metadata()
    positions(None, everything.index, "signature", source.signatures)  # refuses duplicates
    chosen = choose_signatures(
        everything, labels=labels, filters=filters, split=split, in_matrix=in_matrix
    )
    obs = chosen.obs
    genes = choose_genes(var, filters.get("genes", "all"))
    rows = list(obs[keys.SIG_ID])
    log.info("reading %d signatures x %d genes", len(rows), len(genes))
    unique = list(dict.fromkeys(rows))
    x = source.matrix(unique, genes)[pd.Index(unique).get_indexer(pd.Index(rows))]
    require_finite(x, rows, genes)
    if clip is not None:
        x = np.clip(x, -clip, clip)
    obs[keys.FOLD] = chosen.fold
    parameters: dict[str, Any] = {
        "source": describe_source(source),
        keys.FILTERS: chosen.account,
        keys.LABEL_REPORT: tidy(chosen.labels),
        keys.DUPLICATES: tidy(chosen.duplicates),
        keys.GROUPED_BY: chosen.group,
        **source.parameters(),
    }
    if clip is not None:
        parameters[keys.CLIP] = float(clip)
    return ad.AnnData(
        x.astype(np.float32, copy=False),
        obs=tidy(obs),
        var=tidy(var.loc[genes]),
        uns={keys.UNS: parameters},
    )
