"""Raw signatures to the one file that everything after is trained and scored on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.checks import require_finite
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.ids import positions
from svqvae.io.tables import tidy
from svqvae.pp import filters as flt
from svqvae.pp.labels import label_signatures
from svqvae.pp.source import ImageSource, Source, describe_source
from svqvae.pp.split import assign_folds, predefined_folds

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
        ``pert_type``, ``cell_id``, ``quality``, ``exclude_perturbagens``, ``genes``,
        ``min_perturbagens_per_class`` (3), ``min_signatures_per_class`` (1).
    split
        ``group`` (pert_id), ``folds`` (5), ``seed`` (0), or ``column`` for a predefined test
        set.
    clip
        Clip values to +-clip; the published model takes +-10.

    Returns
    -------
    AnnData
        X float32; ``obs`` with sig_id, pert_id, class, fold; ``uns["svqvae"]["filters"]``
        what each step dropped.

    Raises
    ------
    SvqvaeError
        If the files, columns or values do not allow it.
    """
    import anndata as ad

    filters, split = dict(filters or {}), dict(split or {})
    if source.test_column is not None:
        split.setdefault("column", source.test_column)
    group = split.get("group", keys.PERT_ID)
    obs, var = source.metadata()
    positions(None, obs.index, "signature", source.signatures)  # refuses duplicates
    account = flt.FilterLog(obs, group=keys.PERT_ID if keys.PERT_ID in obs else group)
    obs = _choose_signatures(obs, account, labels=labels, filters=filters, group=group)
    genes = flt.choose_genes(var, filters.get("genes", "all"))
    rows = list(obs[keys.SIG_ID])
    log.info("reading %d signatures x %d genes", len(rows), len(genes))
    unique = list(dict.fromkeys(rows))
    x = source.matrix(unique, genes)[pd.Index(unique).get_indexer(pd.Index(rows))]
    require_finite(x, rows, genes)
    if clip is not None:
        x = np.clip(x, -clip, clip)
    obs[keys.FOLD] = _folds(obs, split, group)
    parameters: dict[str, Any] = {
        "source": describe_source(source),
        "filters": account.table(),
        keys.GROUPED_BY: group,
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


def _choose_signatures(
    obs: pd.DataFrame,
    account: flt.FilterLog,
    *,
    labels: Mapping[str, Any],
    filters: Mapping[str, Any],
    group: str,
) -> pd.DataFrame:
    for column in (keys.PERT_TYPE, keys.CELL_ID):
        if filters.get(column):
            obs = flt.keep_values(
                obs, account, column=column, values=filters[column], key=f"filters.{column}"
            )
    obs = flt.keep_ranges(obs, account, filters.get("quality", {}))
    if filters.get("exclude_perturbagens"):
        obs = flt.exclude_perturbagens(obs, account, filters["exclude_perturbagens"])
    if group not in obs:
        raise SvqvaeError(
            f"split.group: the signatures have no column '{group}'"
            + did_you_mean(group, obs.columns)
        )
    if obs[group].isna().any():
        raise SvqvaeError(
            f"split.group: {int(obs[group].isna().sum())} signatures have no {group}, first "
            f"'{obs.index[obs[group].isna()][0]}'; without it folds would leak"
        )
    klass = label_signatures(obs, **labels)
    labelled = klass.dropna()
    if labelled.empty:
        raise SvqvaeError(f"labels: no signature of {len(obs)} has a value of '{labels['key']}'")
    before = len(obs)
    obs = obs.loc[labelled.index].copy()
    obs[keys.CLASS] = labelled.to_numpy()
    obs[keys.SIG_ID] = obs.index
    if obs.index.has_duplicates:  # policy: duplicate
        obs.index = obs.index.astype(str) + "|" + obs[keys.CLASS]
    account.note_labels(obs, before)
    obs = flt.keep_large_classes(
        obs,
        account,
        group=keys.PERT_ID if keys.PERT_ID in obs else group,
        min_perturbagens=filters.get("min_perturbagens_per_class", 3),
        min_signatures=filters.get("min_signatures_per_class", 1),
    )
    if obs[keys.CLASS].nunique() < 2:
        raise SvqvaeError(
            f"only one class is left, '{obs[keys.CLASS].iloc[0]}'; at least two are needed: check "
            f"labels.key ('{labels['key']}') and filters.min_perturbagens_per_class"
        )
    return obs.copy()


def _folds(obs: pd.DataFrame, split: Mapping[str, Any], group: str) -> np.ndarray:
    if split.get("column"):
        return predefined_folds(obs, column=split["column"], group=group)
    return assign_folds(
        obs[group], obs[keys.CLASS], folds=split.get("folds", 5), seed=split.get("seed", 0)
    )
