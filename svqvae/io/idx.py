"""IDX, the format of MNIST (LeCun et al. 1998): big-endian unsigned bytes."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np

from svqvae.errors import SvqvaeError


def read_idx(path: str | Path) -> np.ndarray:
    """Read an IDX file of unsigned bytes, plain or gzip, to an array of its own shape."""
    path = Path(path)
    if not path.is_file():
        raise SvqvaeError(f"{path}: no such file")
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as error:
        raise SvqvaeError(f"{path}: not a whole gzip file ({error})") from error
    if len(raw) < 4 or raw[:3] != b"\0\0\x08":
        raise SvqvaeError(f"{path}: not an IDX file of unsigned bytes")
    n_dims = raw[3]
    shape = struct.unpack_from(f">{n_dims}I", raw, 4)
    data = np.frombuffer(raw, dtype=np.uint8, offset=4 + 4 * n_dims)
    if data.size != int(np.prod(shape)):
        raise SvqvaeError(f"{path}: holds {data.size} values, its header promises {shape}")
    return data.reshape(shape)
