"""What every kind of file of signatures offers: two metadata tables and any part of its matrix."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.tables import tidy

if TYPE_CHECKING:
    from anndata import AnnData


class SignatureFile(ABC):
    """An open file of signatures x genes; a context manager.

    Parameters
    ----------
    path
        Of an existing file.

    Attributes
    ----------
    obs, var
        The file's own metadata, one row per signature and per gene, indexed by their ids. Read
        on first use, without the matrix.

    Raises
    ------
    SvqvaeError
        If the file is missing or may not be read.
    """

    obs: pd.DataFrame
    var: pd.DataFrame

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not os.path.isfile(self.path):  # which takes any name, however long
            is_folder = os.path.isdir(self.path)
            raise SvqvaeError(
                f"{self.path}: {'a folder, not a file' if is_folder else 'no such file'}"
            )
        try:
            with open(self.path, "rb"):
                pass
        except OSError as error:
            raise SvqvaeError(f"{self.path}: cannot be read: {error.strerror}") from error

    @abstractmethod
    def read(self, rows: np.ndarray, genes: np.ndarray) -> np.ndarray:
        """Return the float32 matrix of positions ``rows`` x ``genes``, in the order asked for."""

    def blocks(self, rows: np.ndarray, genes: np.ndarray, *, size: int) -> Iterator[np.ndarray]:
        """Yield ``read(rows, genes)`` as parts of ``size`` signatures.

        Files that must be read as a whole (text) hold all that is wanted at once; the others
        only the part that is yielded.
        """
        for start in range(0, len(rows), size):
            yield self.read(rows[start : start + size], genes)

    def anndata(self, rows: np.ndarray, genes: np.ndarray) -> AnnData:
        """Return the chosen part with its metadata: numbers where all values are, else text."""
        import anndata as ad

        obs, var = tidy(self.obs.iloc[rows]), tidy(self.var.iloc[genes])
        parameters = self.parameters(genes)
        uns = {keys.UNS: parameters} if parameters else {}
        return ad.AnnData(self.read(rows, genes), obs=obs, var=var, uns=uns)

    def parameters(self, genes: np.ndarray) -> dict[str, Any]:
        """Return what models must know of the matrix of these genes: ``uns["svqvae"]``."""
        return {}

    def close(self) -> None:  # noqa: B027
        """Close the file; nothing to do where it is opened for each call."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class WholeFile(SignatureFile):
    """A file that cannot be entered half-way: text, or a compressed whole."""

    def blocks(self, rows: np.ndarray, genes: np.ndarray, *, size: int) -> Iterator[np.ndarray]:
        """Yield parts of one reading of the file."""
        x = self.read(rows, genes)
        for start in range(0, len(rows), size):
            yield x[start : start + size]
