"""What GCTX and h5ad share: an HDF5 file that is checked when opened, errors for people."""

from __future__ import annotations

import zlib
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np

from svqvae.errors import SvqvaeError
from svqvae.io.signature_file import SignatureFile


class Hdf5File(SignatureFile):
    """An open HDF5 file of signatures.

    Raises
    ------
    SvqvaeError
        If it is not of its kind, is damaged, or its parts do not fit together.
    """

    #: What it is not, if it cannot be read.
    kind: ClassVar[str]

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        with self._plain_errors():
            self._file = h5py.File(self.path, "r")
            with ExitStack() as on_error:
                on_error.callback(self.close)
                self._check()
                on_error.pop_all()

    @abstractmethod
    def _check(self) -> None:
        """Raise an SvqvaeError if names, shapes or types are not those of this kind."""

    def close(self) -> None:
        """Close the HDF5 file."""
        self._file.close()

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        # What h5py and anndata raise on bytes that are not what they should be.
        except (OSError, KeyError, ValueError, zlib.error) as error:
            raise SvqvaeError(
                f"{self.path}: not {self.kind} file, or truncated or damaged ({error})"
            ) from error


def fill(matrix: h5py.Dataset, x: np.ndarray | Iterable[np.ndarray]) -> None:
    """Write a matrix, or its parts in order, into a data set of its size."""
    start = 0
    for block in [x] if isinstance(x, np.ndarray) else x:
        if len(block):
            matrix[start : start + len(block)] = block
        start += len(block)
