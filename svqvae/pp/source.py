"""Where the signatures of a data set come from, behind two calls: metadata, then matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.checksums import file_sha256
from svqvae.io.ids import positions
from svqvae.io.missing import without_missing_words
from svqvae.io.reader import open_signatures, read_metadata
from svqvae.io.tables import column_names
from svqvae.pp.columns import missing_columns, take_columns
from svqvae.pp.images import ImageSource
from svqvae.pp.metadata import (
    Info,
    Metadata,
    join_info,
    join_metrics,
    join_perturbagens,
    take_ids_for_perturbagens,
)
from svqvae.pp.vocabulary import to_vocabulary

#: Names of the files of a source, in the configuration's words.
FILES = (
    *("signatures", "sig_info", "gene_info", "sig_metrics", "pert_info"),
    *("test_signatures", "test_sig_info"),
)

#: Those that are tables, by the column that joins them. A configuration may say what their columns
#: are called: ``{path, columns}``.
TABLES = {
    "sig_info": keys.SIG_ID,
    "gene_info": keys.GENE_ID,
    "sig_metrics": keys.SIG_ID,
    "pert_info": keys.PERT_ID,
}


@dataclass(frozen=True, kw_only=True)
class Source:
    """Files of one data set.

    Parameters
    ----------
    signatures
        GCTX, GCT, h5ad or a table.
    sig_info, gene_info
        Tab-separated tables with a ``sig_id`` and a ``pr_gene_id`` column; they add to, and
        win over, the metadata inside ``signatures``. What they lack is left out.
    sig_metrics
        A second signature table by ``sig_id``, as GEO has it (replicate correlation, rank of
        self-connection, activity); adds columns.
    pert_info
        Table of perturbagens by ``pert_id``, several rows each allowed; adds columns.
    columns
        By the name of a table, our names of its columns and what it calls them; of such a table
        no other column is taken. ``{"pert_info": {"pert_id": "drugbank_id"}}``. Of ``signatures``,
        whose own metadata all stay: columns that have ours as well.

    All tables may be in either dialect of L1000: see :mod:`svqvae.pp.vocabulary`. Where nothing
    else names perturbagens, ids that the matrix calls by a name of its own (``drug``) do.
    """

    signatures: Path
    sig_info: Path | None = None
    gene_info: Path | None = None
    sig_metrics: Path | None = None
    pert_info: Path | None = None
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    #: Column that marks a predefined test set; this kind brings none.
    test_column: ClassVar[str | None] = None

    def column_problems(self) -> list[str]:
        """Return a sentence for each of ``columns`` that a table lacks, of all of them at once."""
        found = []
        if own := self.columns.get("signatures"):
            obs = _named_columns(read_metadata(self.signatures)[0])
            found = missing_columns(obs.columns, own, self.signatures, key="source.columns")
        names = [name for name in self.columns if name in TABLES]
        infos = [info for name in names if (info := self._info(name)) is not None]
        return found + [p for info in infos for p in info.problems(column_names(info.path))]

    def metadata(self) -> Metadata:
        """Return the signature and gene tables; the matrix stays on disk.

        Raises
        ------
        SvqvaeError
            If a table has no id column, an id twice, or nothing in common with the matrix.
        """
        obs, var = read_metadata(self.signatures)
        called = obs.index.name
        obs, var = _named_columns(obs), _named_columns(var)
        obs = take_columns(obs, self.columns.get("signatures", {}))
        in_matrix = None if self.sig_info is None else len(obs)
        file = self.signatures
        obs = join_info(
            obs, self._info("sig_info"), key=keys.SIG_ID, what="signatures", matrix=file
        )
        obs = join_metrics(obs, self._info("sig_metrics"), matrix=file)
        obs = take_ids_for_perturbagens(obs, called, file)
        obs = join_perturbagens(obs, self._info("pert_info"))
        var = join_info(var, self._info("gene_info"), key=keys.GENE_ID, what="genes", matrix=file)
        return Metadata(
            to_vocabulary(obs, what="signatures"), to_vocabulary(var, what="genes"), in_matrix
        )

    def _info(self, name: str) -> Info | None:
        path = getattr(self, name)
        return None if path is None else Info(path, f"source.{name}", self.columns.get(name, {}))

    def blocks(self, rows: list[str], genes: list[str], *, size: int) -> Iterator[np.ndarray]:
        """Yield the chosen signatures x genes, float32, ``size`` signatures at a time."""
        with open_signatures(self.signatures) as file:
            row_at = positions(rows, file.obs.index, "signature", self.signatures)
            gene_at = positions(genes, file.var.index, "gene", self.signatures)
            yield from file.blocks(row_at, gene_at, size=size)

    def parameters(self) -> dict[str, Any]:
        """Return what later stages must know of these signatures: nothing."""
        return {}


def _named_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return a file's own table: words for a missing value missing, a named index a column too.

    An index that bears the name of a column would make the name ambiguous to pandas.
    """
    table = without_missing_words(table)
    name = table.index.name
    if name not in (None, "index", "_index", "id", *table.columns):
        table = table.assign(**{str(name): table.index})
    return table.rename_axis(None)


def paths_of(source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the paths that a ``source`` of a configuration names, by their name in :data:`FILES`.

    Of a table it may be a mapping, ``{path: FILE, columns: ...}``; the values of a configuration
    that is not checked yet may be anything.
    """
    named = {name: source[name] for name in FILES if name in source}
    return {
        name: value["path"] if isinstance(value, Mapping) and "path" in value else value
        for name, value in named.items()
    }


def columns_of(source: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return what the tables of a ``source`` call their columns: :class:`Source`'s ``columns``."""
    given = {name: source[name] for name in TABLES if isinstance(source.get(name), Mapping)}
    given["signatures"] = source
    return {name: dict(value["columns"]) for name, value in given.items() if "columns" in value}


def make_source(
    kind: str,
    files: Mapping[str, str | Path],
    *,
    sha256: str | None = None,
    columns: Mapping[str, Mapping[str, str]] | None = None,
) -> Source | ImageSource:
    """Build the source of a data set from the files that its configuration names.

    Parameters
    ----------
    kind
        ``idx`` for images, else any kind of signatures.
    files
        Paths by their name in :data:`FILES`.
    sha256
        Expected checksum of ``signatures``.
    columns
        What tables call their columns: see :class:`Source`.

    Raises
    ------
    SvqvaeError
        If a file is not for this kind, or the checksum differs.
    """
    paths = {name: Path(path) for name, path in files.items() if name in FILES}
    source = ImageSource if kind == "idx" else Source
    known = [f.name for f in fields(source) if f.name in FILES]
    if foreign := [name for name in paths if name not in known]:
        raise SvqvaeError(
            f"source.{name}: not for kind {kind}, which takes {', '.join(known)}"
            for name in foreign
        )
    if sha256 is not None and (found := file_sha256(paths["signatures"])) != sha256:
        raise SvqvaeError(
            f"{paths['signatures']}: sha256 is {found}, expected {sha256}; another version of the "
            "file, or a broken download"
        )
    if source is ImageSource:
        return ImageSource(**paths)
    return Source(**paths, columns=dict(columns or {}))


def describe_source(source: Source | ImageSource) -> dict[str, str]:
    """Return path and checksum of each file, to travel with the data and the models."""
    described = {}
    for name in FILES:
        path = getattr(source, name, None)
        if path is not None:
            described[name] = str(path)
            described[f"{name}_sha256"] = file_sha256(path)
    return described
