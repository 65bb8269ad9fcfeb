"""IDX, the format of MNIST (LeCun et al. 1998): big-endian unsigned bytes."""

from __future__ import annotations

import math
import struct
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.limits import require_memory
from svqvae.io.signature_file import WholeFile
from svqvae.io.text import DAMAGE, brief, open_unpacked

_BLOCK = 1 << 20
#: Dimensions that NumPy can hold.
_MAX_DIMS = 64


def read_idx(path: str | Path) -> np.ndarray:
    """Read an IDX file of unsigned bytes, packed or not, to an array of its own shape.

    Raises
    ------
    SvqvaeError
        If the file is missing, no IDX file, damaged, or not as long as its header promises.
    """
    path = Path(path)
    if not path.is_file():
        raise SvqvaeError(f"{path}: no such file")
    try:
        with open_unpacked(path) as file:
            magic = file.read(4)
            if len(magic) < 4 or magic[:3] != b"\0\0\x08":
                packed = ", and not a whole gzip file" * (path.suffix.lower() == ".gz")
                raise SvqvaeError(f"{path}: not an IDX file of unsigned bytes{packed}")
            n_dims = magic[3]
            sizes = file.read(4 * n_dims)
            if len(sizes) < 4 * n_dims:
                raise SvqvaeError(f"{path}: ends within its header of {n_dims} dimensions")
            shape = struct.unpack(f">{n_dims}I", sizes)
            # What the header promises may not exist: no more memory than there is file.
            data = bytearray()
            while len(data) <= math.prod(shape) and (block := file.read(_BLOCK)):
                data += block
                # As bytes, and as float32: a packed file may unpack to any number of them.
                require_memory(5 * len(data), f"{path}: its images")
    except DAMAGE as error:
        raise SvqvaeError(f"{path}: not a whole gzip file ({brief(error, 200)})") from error
    if len(data) != math.prod(shape):
        more = "more than " * (len(data) > math.prod(shape) + 1)
        found = math.prod(shape) if more else len(data)
        raise SvqvaeError(
            f"{path}: holds {more}{found} values, its header promises {brief(shape, 80)}"
        )
    if n_dims > _MAX_DIMS:
        raise SvqvaeError(f"{path}: an array of {n_dims} dimensions, expected 1 to {_MAX_DIMS}")
    return np.frombuffer(data, dtype=np.uint8).reshape(shape)


def pixel_names(shape: tuple[int, ...]) -> list[str]:
    """Return the gene ids of an image's pixels, row by row."""
    return [f"pixel_{r}_{c}" for r in range(shape[0]) for c in range(shape[1])]


def scaled(images: np.ndarray) -> np.ndarray:
    """Return images x pixels in [-1, 1], float32, as the published model takes them."""
    return images.reshape(len(images), math.prod(images.shape[1:])).astype(np.float32) / 127.5 - 1


class IdxFile(WholeFile):
    """IDX images as signatures: one row per image, named by its number, pixels in [-1, 1]."""

    @cached_property
    def _images(self) -> np.ndarray:
        images = read_idx(self.path)
        if images.ndim != 3:
            raise SvqvaeError(
                f"{self.path}: holds an array of shape {images.shape}, expected images x rows x "
                "columns"
            )
        return images

    @property
    def obs(self) -> pd.DataFrame:  # type: ignore[override]
        """Table of images, without columns."""
        return pd.DataFrame(index=pd.Index([f"image_{i}" for i in range(len(self._images))]))

    @property
    def var(self) -> pd.DataFrame:  # type: ignore[override]
        """Table of pixels, without columns."""
        return pd.DataFrame(index=pd.Index(pixel_names(self._images.shape[1:])))

    def read(self, rows: np.ndarray, genes: np.ndarray) -> np.ndarray:
        """Return the chosen images x pixels."""
        return scaled(self._images[rows])[:, genes]

    def parameters(self, genes: np.ndarray) -> dict[str, Any]:
        """Return the shape of an image, where all its pixels are there in their order."""
        shape = self._images.shape[1:]
        whole = np.array_equal(genes, np.arange(math.prod(shape)))
        return {keys.IMAGE_SHAPE: np.array(shape)} if whole else {}
