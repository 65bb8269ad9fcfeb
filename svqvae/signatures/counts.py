"""Which matrix of a file holds counts, and sums of its rows, whatever its size."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.formats import kind_of, open_signatures
from svqvae.io.h5ad_stores import StoresFile
from svqvae.signatures.made import BLOCK_CELLS

#: Rows looked at to tell what a matrix holds.
_LOOKED_AT = 100

#: What a matrix may hold, for people.
COUNTS, LOGS, SCALED = "counts", "log or normalised values", "scaled values (some are negative)"


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Counts of a file, rows x genes, left on disk.

    Attributes
    ----------
    store
        Where in the file they are: ``X``, ``layers/NAME`` or ``raw/X``.
    var
        Their genes.
    read
        Dense part of them by positions.
    obs_names
        Ids of all rows of the file.
    rows
        Those that count, in the order in which sums take them; None for all.
    by_gene
        Whether reading all rows of some genes is what is cheap.
    """

    path: Path
    store: str
    obs_names: pd.Index
    var: pd.DataFrame
    read: Callable[[np.ndarray, np.ndarray], np.ndarray]
    rows: np.ndarray | None = None
    by_gene: bool = False

    def sums(self, weights: sparse.csr_array) -> np.ndarray:
        """Return ``weights @ counts``, groups x genes, in parts.

        Raises
        ------
        SvqvaeError
            If a value is negative or no whole number.
        """
        found = np.zeros((weights.shape[0], len(self.var)))
        # Rows without a weight are not read.
        used = np.flatnonzero(weights.count_nonzero(axis=0))
        for rows, genes in self._tiles(used):
            x = self.read(rows if self.rows is None else self.rows[rows], genes)
            if kind_of_values(x) != COUNTS:
                raise SvqvaeError(
                    f"{self.path}: {self.store} has values that are no counts beside counts"
                )
            found[:, genes] += weights[:, rows] @ x
        return found

    def share_counted(self) -> float:
        """Return the typical row's share of genes with a count, of those that any row has.

        Low of single cells, high of bulk.
        """
        x = _some(self)
        counted = x[:, x.any(0)] > 0
        return float(np.median(counted.mean(1))) if counted.size else 0.0

    def _tiles(self, rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        genes = np.arange(len(self.var))
        cut, other = (genes, rows) if self.by_gene else (rows, genes)
        size = max(1, BLOCK_CELLS // max(1, len(other)))
        for start in range(0, len(cut), size):
            part = cut[start : start + size]
            yield (rows, part) if self.by_gene else (part, genes)


def kind_of_values(x: np.ndarray) -> str:
    """Return what values are: counts, levels of another kind, or scaled."""
    if not np.isfinite(x).all() or (x < 0).any():
        return SCALED
    return COUNTS if (x == np.round(x)).all() else LOGS


@contextmanager
def open_counts(path: str | Path, layer: str | None = None) -> Iterator[Counts]:
    """Open a file for its counts: X, else ``layers["counts"]`` or another layer, else ``raw``.

    Parameters
    ----------
    layer
        The one to take: ``X``, ``raw`` or the name of a layer.

    Raises
    ------
    SvqvaeError
        If no matrix, or not the one named, holds counts; says what each holds.
    """
    path = Path(path)
    if kind_of(path) != "h5ad":
        with open_signatures(path) as file:
            only = Counts(
                path=path, store="X", obs_names=file.obs.index, var=file.var, read=file.read
            )
            yield _with_counts({"X": only}, path, layer)
        return
    with StoresFile(path) as stores:

        def reader(name: str) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
            return lambda rows, genes: stores.part(name, rows, genes)

        found = {
            name: Counts(
                path=path,
                store=name,
                obs_names=stores.ids("obs"),
                var=stores.genes(name),
                read=reader(name),
                by_gene=stores.is_by_gene(name),
            )
            for name in sorted(stores.stores(), key=_order)
        }
        yield _with_counts(found, path, layer)


def _order(name: str) -> tuple[int, str]:
    return {"X": 0, "layers/counts": 1, "raw/X": 3, "raw.X": 3}.get(name, 2), name


def _with_counts(found: dict[str, Counts], path: Path, layer: str | None) -> Counts:
    """Return the first matrix with counts, or that which is named."""
    if layer is not None:
        names = {re.sub(r"^layers/|[/.]X$", "", name): name for name in found}
        if layer not in names and layer not in found:
            raise SvqvaeError(f"{path}: no layer '{layer}'{did_you_mean(layer, names)}")
        found = {name: found[name] for name in [names.get(layer, layer)]}
    held = {name: kind_of_values(_some(one)) for name, one in found.items()}
    for name, kind in held.items():
        if kind == COUNTS:
            return found[name]
    shown = "; ".join(f"{name} holds {kind}" for name, kind in held.items())
    raise SvqvaeError(
        f"{path}: no counts: {shown}. Put the counts that these were made of, whole numbers, into "
        'X or layers["counts"], or keep them as adata.raw before normalising'
    )


def _some(counts: Counts) -> np.ndarray:
    """Return some rows of all the file."""
    rows = np.unique(np.linspace(0, len(counts.obs_names) - 1, _LOOKED_AT).astype(int))
    return counts.read(rows, np.arange(len(counts.var)))
