"""IDX, the format of MNIST (LeCun et al. 1998): big-endian unsigned bytes."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError
from svqvae.io.signature_file import WholeFile


def read_idx(path: str | Path) -> np.ndarray:
    """Read an IDX file of unsigned bytes, plain or gzip, to an array of its own shape."""
    path = Path(path)
    if not path.is_file():
        raise SvqvaeError(f"{path}: no such file")
    try:
        raw = path.read_bytes()
        raw = gzip.decompress(raw) if path.suffix.lower() == ".gz" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise SvqvaeError(f"{path}: not a whole gzip file ({error})") from error
    if len(raw) < 4 or raw[:3] != b"\0\0\x08":
        raise SvqvaeError(f"{path}: not an IDX file of unsigned bytes")
    n_dims = raw[3]
    if len(raw) < 4 + 4 * n_dims:
        raise SvqvaeError(f"{path}: ends within its header of {n_dims} dimensions")
    shape = struct.unpack_from(f">{n_dims}I", raw, 4)
    data = np.frombuffer(raw, dtype=np.uint8, offset=4 + 4 * n_dims)
    if data.size != math.prod(shape):
        raise SvqvaeError(f"{path}: holds {data.size} values, its header promises {shape}")
    return data.reshape(shape)


def pixel_names(shape: tuple[int, ...]) -> list[str]:
    """Return the gene ids of an image's pixels, row by row."""
    return [f"pixel_{r}_{c}" for r in range(shape[0]) for c in range(shape[1])]


def scaled(images: np.ndarray) -> np.ndarray:
    """Return images x pixels in [-1, 1], float32, as the published model takes them."""
    return images.reshape(len(images), -1).astype(np.float32) / 127.5 - 1


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
