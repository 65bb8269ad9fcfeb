"""The training signatures that a model's folder carries: what queries are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.split import evenly, perturbagens
from svqvae.errors import SvqvaeError
from svqvae.io.checksums import sha256_now
from svqvae.io.hdf5_file import Damaged, damage
from svqvae.models.store import CARD, LIBRARY

if TYPE_CHECKING:
    from anndata import AnnData

    from svqvae.data.matrix import SignatureMatrix
    from svqvae.models.base import ClassModel

#: Values kept at most, in a byte each: 20 MB, 20,449 signatures of 978 dimensions.
MOST_VALUES = 20_000_000
#: Pairs whose similarities are the reference distribution, and those compared at a time.
_PAIRS, _AT_A_TIME = 20_000, 1_000
#: Largest value of a byte with a sign.
_BYTE = 127
#: Of the signatures, where they are known.
COLUMNS = [
    *(keys.PERT_ID, keys.COMPOUND, keys.PERT_NAME, keys.CLASS, keys.CELL_ID),
    *(keys.DOSE_TEXT, keys.TIME_TEXT, keys.DOSE_UM, keys.TIME_H),
]
#: In ``uns``: of the model's card, of the similarities, and of the signatures' lengths.
_OF_CARD, _REFERENCE, _LENGTH, _ALL = "card_sha256", "reference", "median_length", "n_signatures"
_STORED = (_OF_CARD, _REFERENCE, _LENGTH, _ALL)
#: Quantiles of the lengths, which libraries of older versions do not have, and how many.
_LENGTHS, _QUANTILES = "length_quantiles", 101


@dataclass(kw_only=True)
class Library:
    """Signatures as a model represents them, unit rows.

    Attributes
    ----------
    vectors, obs
        Signatures x dimensions, and what is known of each.
    reference
        Sorted similarities of random pairs of signatures of different compounds.
    median_length
        Of the training signatures; NaN where it is not known.
    lengths
        Quantiles of their lengths, evenly spaced; None where they are not known.
    n_signatures
        Of the training; the library may hold fewer.
    """

    vectors: np.ndarray
    obs: pd.DataFrame
    reference: np.ndarray
    median_length: float
    n_signatures: int
    lengths: np.ndarray | None = None

    def percentile(self, similarity: np.ndarray) -> np.ndarray:
        """Return how many of 100 pairs of different training compounds are less similar."""
        return 100 * np.searchsorted(self.reference, similarity) / len(self.reference)

    def weaker(self, length: np.ndarray) -> np.ndarray | None:
        """Return the share of training signatures that are shorter; None where not known."""
        if self.lengths is None:
            return None
        return np.interp(length, self.lengths, np.linspace(0, 1, len(self.lengths)))


def chosen(compound: np.ndarray, most: int) -> np.ndarray:
    """Return the positions of the signatures kept: as many of each compound, evenly in order.

    Examples
    --------
    >>> chosen(np.array(["a", "a", "a", "a", "b"]), 3).tolist()
    [1, 3, 4]
    """
    if len(compound) <= most:
        return np.arange(len(compound))
    code = pd.factorize(compound)[0]
    counts = np.bincount(code)
    each = np.searchsorted([np.minimum(counts, n).sum() for n in range(1, counts.max() + 1)], most)
    # The most per compound that fit; one of each, if even these do not.
    per = max(1, int(each) + (np.minimum(counts, each + 1).sum() <= most))
    return evenly(code, per)[:most]


def library_of(model: ClassModel, adata: AnnData) -> Library:
    """Return the library of a trained model; lengths are not looked at.

    Parameters
    ----------
    adata
        The signatures that it was trained on.
    """
    return _library(model, adata, model.signatures(adata))


def _library(model: ClassModel, adata: AnnData, x: SignatureMatrix) -> Library:
    compound = perturbagens(adata)
    rows = chosen(compound, MOST_VALUES // model.codes.shape[1])
    if keys.PERT_ID not in adata.obs or keys.IMAGE_SHAPE in adata.uns.get(keys.UNS, {}):
        rows = rows[:0]  # without compounds none is near; an image's id is that of the image alone
    blocks = x.subset(rows).blocks()
    z = unit(np.concatenate([model.latent(b) for b in blocks] or [model.codes[:0]]))
    return Library(
        vectors=z,
        obs=adata.obs[[c for c in COLUMNS if c in adata.obs]].iloc[rows].copy(),
        reference=_similarities(z, compound[rows]),
        median_length=float("nan"),
        n_signatures=adata.n_obs,
    )


def write_library(model: ClassModel, adata: AnnData, folder: str | Path) -> None:
    """Write ``library.h5ad`` beside a saved model.

    Parameters
    ----------
    model
        Trained, and saved in ``folder``: the library is of its card.
    adata
        The signatures that it was trained on.
    """
    import anndata as ad

    from svqvae.io.h5ad import write_anndata

    x = model.signatures(adata)
    library = _library(model, adata, x)
    lengths = np.concatenate([np.linalg.norm(block, axis=1) for block in x.blocks()])
    width = library.vectors.shape[1]
    written = ad.AnnData(
        _bytes(library.vectors),
        obs=library.obs,
        var=pd.DataFrame(index=[str(i) for i in range(width)]),
    )
    written.uns[keys.UNS] = {
        _OF_CARD: sha256_now(Path(folder) / CARD),
        _REFERENCE: library.reference,
        _LENGTH: float(np.median(lengths)),
        _LENGTHS: np.quantile(lengths, np.linspace(0, 1, _QUANTILES)),
        _ALL: adata.n_obs,
    }
    write_anndata(Path(folder) / LIBRARY, written)


def _bytes(z: np.ndarray) -> np.ndarray:
    """Return rows as int8, each to its largest value: its direction, to a cosine of 0.9999."""
    largest = np.maximum(np.abs(z).max(1, initial=0, keepdims=True), 1e-12)
    return np.rint(z * (_BYTE / largest)).astype(np.int8)


def unit(z: np.ndarray) -> np.ndarray:
    """Return float32 rows at length 1; rows of zeros stay zeros."""
    z = np.asarray(z, dtype=np.float32)
    return z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12)


def _similarities(z: np.ndarray, compound: np.ndarray) -> np.ndarray:
    """Return sorted cosines of random pairs of signatures of different compounds."""
    if not len(z):
        return np.zeros(0, dtype=np.float32)
    code = pd.factorize(compound)[0]
    one, other = np.random.default_rng(0).integers(len(z), size=(2, 2 * _PAIRS))
    differ = np.flatnonzero(code[one] != code[other])[:_PAIRS]
    parts = [differ[at : at + _AT_A_TIME] for at in range(0, len(differ), _AT_A_TIME)]
    found = [np.einsum("ij,ij->i", z[one[part]], z[other[part]]) for part in parts]
    return np.sort(np.concatenate([z[:0, 0], *found])).astype(np.float32)


def read_library(folder: str | Path) -> Library | None:
    """Return the library of a saved model; None where it has none, as those of old versions.

    Raises
    ------
    SvqvaeError
        If it is damaged, or of another model.
    """
    from svqvae.io import sums
    from svqvae.io.h5ad import H5adFile

    path = Path(folder) / LIBRARY
    if not path.is_file():
        return None
    sums.require_whole(path)
    try:
        with h5py.File(path, "r") as file, damage():
            uns = file["uns"][keys.UNS]
            stored = {name: uns[name][()] for name in _STORED}
            lengths = uns[_LENGTHS][()] if _LENGTHS in uns else None
    except (OSError, Damaged) as error:
        raise SvqvaeError(f"{path}: truncated or damaged ({error})") from error
    if stored[_OF_CARD].decode() != sha256_now(Path(folder) / CARD):
        raise SvqvaeError(
            f"{path}: of another model than {CARD} beside it; train the model again, or copy the "
            "whole folder again"
        )
    with H5adFile(path) as matrix:
        n, width = len(matrix.ids("obs")), len(matrix.ids("var"))
        vectors, obs = matrix.read(np.arange(n), np.arange(width)), matrix.obs
    return Library(
        vectors=unit(vectors),
        obs=obs,
        reference=np.asarray(stored[_REFERENCE]),
        median_length=float(stored[_LENGTH]),
        n_signatures=int(stored[_ALL]),
        lengths=lengths,
    )
