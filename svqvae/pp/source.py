"""Where the signatures of a data set come from, behind two calls: metadata, then matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.checksums import file_sha256
from svqvae.io.ids import positions
from svqvae.io.idx import pixel_names, read_idx, scaled
from svqvae.io.missing import without_missing_words
from svqvae.io.reader import open_signatures, read_metadata
from svqvae.pp.metadata import join_info, join_metrics, join_perturbagens
from svqvae.pp.vocabulary import to_vocabulary

if TYPE_CHECKING:
    from anndata import AnnData

#: Names of the files of a source, in the configuration's words.
FILES = (
    *("signatures", "sig_info", "gene_info", "sig_metrics", "pert_info"),
    *("test_signatures", "test_sig_info"),
)

#: Column of an image set that holds which IDX file a row came from.
SPLIT = "split"
#: Column of an image set that holds its label.
LABEL = "label"


class Metadata(NamedTuple):
    """Tables of a source, in one vocabulary."""

    #: Signatures that are in the matrix and in ``sig_info`` (where there is one), by sig_id.
    obs: pd.DataFrame
    #: Genes, by the id that the matrix has.
    var: pd.DataFrame
    #: Signatures of the matrix, where a ``sig_info`` may lack some; else None.
    in_matrix: int | None


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

    All tables may be in either dialect of L1000: see :mod:`svqvae.pp.vocabulary`.
    """

    signatures: Path
    sig_info: Path | None = None
    gene_info: Path | None = None
    sig_metrics: Path | None = None
    pert_info: Path | None = None

    #: Column that marks a predefined test set; this kind brings none.
    test_column: ClassVar[str | None] = None

    def metadata(self) -> Metadata:
        """Return the signature and gene tables; the matrix stays on disk.

        Raises
        ------
        SvqvaeError
            If a table has no id column, an id twice, or nothing in common with the matrix.
        """
        obs, var = (_named_columns(table) for table in read_metadata(self.signatures))
        in_matrix = None if self.sig_info is None else len(obs)
        file = self.signatures
        obs = join_info(obs, self.sig_info, key=keys.SIG_ID, what="signatures", matrix=file)
        obs = join_metrics(obs, self.sig_metrics, matrix=file)
        obs = join_perturbagens(obs, self.pert_info)
        var = join_info(var, self.gene_info, key=keys.GENE_ID, what="genes", matrix=file)
        return Metadata(
            to_vocabulary(obs, what="signatures"), to_vocabulary(var, what="genes"), in_matrix
        )

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


@dataclass(frozen=True, kw_only=True)
class ImageSource:
    """IDX files of labelled images (MNIST): a training and a test set, pixels in [-1, 1]."""

    signatures: Path
    sig_info: Path
    test_signatures: Path
    test_sig_info: Path

    test_column: ClassVar[str | None] = SPLIT

    def metadata(self) -> Metadata:
        """Return the table of images (label, split) and that of pixels."""
        return Metadata(self._images.obs, self._images.var, None)

    def blocks(self, rows: list[str], genes: list[str], *, size: int) -> Iterator[np.ndarray]:
        """Yield the chosen images x pixels, float32 in [-1, 1], ``size`` images at a time."""
        for start in range(0, len(rows), size):
            yield np.asarray(self._images[rows[start : start + size], genes].X)

    def parameters(self) -> dict[str, Any]:
        """Return the shape of an image, by which models choose convolutional nets."""
        return dict(self._images.uns)

    @cached_property
    def _images(self) -> AnnData:
        import anndata as ad

        images, labels = read_idx(self.signatures), read_idx(self.sig_info)
        test_images, test_labels = read_idx(self.test_signatures), read_idx(self.test_sig_info)
        problems = [
            f"{path}: {len(y)} labels for {len(x)} images"
            for x, y, path in (
                (images, labels, self.sig_info),
                (test_images, test_labels, self.test_sig_info),
            )
            if len(x) != len(y)
        ]
        if images.ndim != 3 or images.shape[1:] != test_images.shape[1:]:
            problems.append(
                f"{self.test_signatures}: shape {test_images.shape} does not go with "
                f"{self.signatures}: {images.shape}; expected images x rows x columns"
            )
        if problems:
            raise SvqvaeError(problems)
        pixels = np.concatenate([images, test_images])
        shape = pixels.shape[1:]
        names = [f"train_{i:05d}" for i in range(len(images))]
        names += [f"test_{i:05d}" for i in range(len(test_images))]
        obs = pd.DataFrame(
            {
                LABEL: np.r_[labels, test_labels].astype(str),
                SPLIT: np.repeat(["train", "test"], [len(images), len(test_images)]),
                keys.PERT_ID: names,
            },
            index=names,
        )
        var = pd.DataFrame(index=pixel_names(shape))
        return ad.AnnData(scaled(pixels), obs=obs, var=var, uns={keys.IMAGE_SHAPE: np.array(shape)})


def make_source(
    kind: str, files: Mapping[str, str | Path], *, sha256: str | None = None
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

    Raises
    ------
    SvqvaeError
        If a file is not for this kind, or the checksum differs.
    """
    paths = {name: Path(path) for name, path in files.items() if name in FILES}
    source = ImageSource if kind == "idx" else Source
    known = [f.name for f in fields(source)]
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
    return source(**paths)


def describe_source(source: Source | ImageSource) -> dict[str, str]:
    """Return path and checksum of each file, to travel with the data and the models."""
    described = {}
    for name in FILES:
        path = getattr(source, name, None)
        if path is not None:
            described[name] = str(path)
            described[f"{name}_sha256"] = file_sha256(path)
    return described
