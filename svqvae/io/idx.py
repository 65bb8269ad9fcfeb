"""IDX, the format of MNIST (LeCun et al. 1998): big-endian unsigned bytes."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from svqvae.errors import SvqvaeError


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
