"""Raw signatures to the one file that everything after is trained and scored on."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.checks import SignCheck, require_finite
from svqvae.errors import SvqvaeError
from svqvae.io.h5ad import write_h5ad
from svqvae.io.ids import positions
from svqvae.io.tables import column_names, tidy
from svqvae.pp.choose import choose_signatures
from svqvae.pp.columns import missing_columns
from svqvae.pp.genes import choose_genes
from svqvae.pp.source import ImageSource, Source, describe_source

if TYPE_CHECKING:
    from anndata import AnnData

log = logging.getLogger("svqvae")


#: Values of the matrix read, checked and written at a time.
_BLOCK_CELLS = 8 << 20


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Signatures that are chosen, labelled and split; their matrix is still where it was.

    ``obs`` has sig_id, pert_id, compound, class and fold; ``parameters`` go to
    ``uns["svqvae"]``; ``account``, ``labels`` and ``duplicates`` are the tables of what each
    filter dropped, what became of each perturbagen, and compounds under several pert_ids.
    """

    source: Source | ImageSource
    obs: pd.DataFrame
    var: pd.DataFrame
    parameters: dict[str, Any]
    account: pd.DataFrame
    labels: pd.DataFrame
    duplicates: pd.DataFrame

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield the matrix in parts: float32, clipped.

        Raises
        ------
        SvqvaeError
            If a value is NaN or infinite; names signature and gene. If the values are levels of
            expression, not changes; those of images may be.
        """
        rows, genes = list(self.obs[keys.SIG_ID]), list(self.var.index)
        size = max(1, _BLOCK_CELLS // len(genes))
        clip = self.parameters.get(keys.CLIP)
        signs, start = SignCheck(), 0
        for x in self.source.blocks(rows, genes, size=size):
            require_finite(x, rows[start : start + size], genes)
            signs.add(x)
            yield x if clip is None else np.clip(x, -clip, clip)
            start += size
        if keys.IMAGE_SHAPE not in self.parameters:
            signs.require_signatures(str(self.source.signatures), trained_on=True)

    def anndata(self) -> AnnData:
        """Return everything in memory."""
        import anndata as ad

        accounts = {keys.LABEL_REPORT: self.labels, keys.DUPLICATES: self.duplicates}
        return ad.AnnData(
            np.concatenate(list(self.blocks())),
            obs=self.obs,
            var=self.var,
            uns={keys.UNS: {**self.parameters, **accounts}},
        )

    def write(self, path: str | Path) -> None:
        """Write signatures.h5ad part by part: memory does not grow with the matrix."""
        write_h5ad(path, self.blocks(), self.obs, self.var, uns={keys.UNS: self.parameters})


def _require_columns(source: Source | ImageSource, labels: Mapping[str, Any]) -> None:
    """Raise one error for all columns that tables are said to have and lack."""
    problems, on = source.column_problems(), labels.get("on")
    if isinstance(on, Mapping) and "table" in labels:
        table = Path(labels["table"])
        problems += missing_columns(column_names(table), on, table, key="labels.on")
    if problems:
        raise SvqvaeError(problems)


def preprocess(source: Source | ImageSource, **options: Any) -> AnnData:
    """Filter, label, read and split signatures, in memory.

    Parameters
    ----------
    source
        Where the signatures lie.
    options
        As for :func:`prepare`.

    Returns
    -------
    AnnData
        X float32; ``obs`` with sig_id, pert_id, compound, class, fold; in ``uns["svqvae"]``
        ``filters``, what each step dropped, ``labels``, what became of each perturbagen, and
        ``duplicates``, the compounds under several pert_ids.
    """
    return prepare(source, **options).anndata()


def prepare(
    source: Source | ImageSource,
    *,
    labels: Mapping[str, Any],
    filters: Mapping[str, Any] | None = None,
    split: Mapping[str, Any] | None = None,
    clip: float | None = None,
) -> Prepared:
    """Filter, label and split signatures by their metadata alone.

    Parameters
    ----------
    source
        Where the signatures lie.
    labels
        Options of :func:`svqvae.pp.labels.label_signatures`; ``targets``, the column of known
        targets beside the labels, becomes ``obs["target"]``.
    filters
        ``pert_type``, ``cell_id``, ``dose_um``, ``time_h``, ``quality``,
        ``exclude_perturbagens``, ``min_signatures_per_perturbagen`` (1),
        ``min_perturbagens_per_class`` (3), ``min_signatures_per_class`` (1), ``genes``, and
        ``expected`` counts.
    split
        ``group`` (pert_id), ``folds`` (5), ``seed`` (0), or ``column`` for a predefined test
        set; ``duplicates`` (inchi_key, pert_iname), the columns that identify one compound under
        several pert_ids, which are then held out together.
    clip
        Clip values to +-clip; the published model takes +-10.

    Raises
    ------
    SvqvaeError
        If the files, columns or values do not allow it.
    """
    filters, split = dict(filters or {}), dict(split or {})
    _require_columns(source, labels)
    if source.test_column is not None:
        split.setdefault("column", source.test_column)
    everything, var, in_matrix = source.metadata()
    positions(None, everything.index, "signature", source.signatures)  # refuses duplicates
    chosen = choose_signatures(
        everything, labels=labels, filters=filters, split=split, in_matrix=in_matrix
    )
    genes = choose_genes(var, filters.get("genes", "all"))
    log.info("%d signatures x %d genes are chosen", len(chosen.obs), len(genes))
    parameters: dict[str, Any] = {
        "source": describe_source(source),
        keys.FILTERS: chosen.account,
        keys.GROUPED_BY: chosen.group,
        **source.parameters(),
    }
    if clip is not None:
        parameters[keys.CLIP] = float(clip)
    return Prepared(
        source=source,
        obs=tidy(chosen.obs.assign(**{keys.FOLD: chosen.fold})),
        var=tidy(var.loc[genes]),
        parameters=parameters,
        account=chosen.account,
        labels=tidy(chosen.labels),
        duplicates=tidy(chosen.duplicates),
    )
