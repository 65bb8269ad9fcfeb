"""Unpack a file that cannot be read through its compression (HDF5) to a temporary one."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from svqvae.errors import SvqvaeError
from svqvae.io.text import DAMAGE, open_unpacked

log = logging.getLogger("svqvae")

_BLOCK = 16 << 20
#: What an HDF5 file begins with, if not at its very start.
_HDF5 = b"\x89HDF\r\n\x1a\n"
#: Bytes that are left free where a file is unpacked.
_LEFT_FREE = 256 << 20


@contextmanager
def unpack(path: Path, packing: str) -> Iterator[IO[bytes]]:
    """Yield an unpacked copy in the folder for temporary files (``TMPDIR``), then remove it.

    Raises
    ------
    SvqvaeError
        If it is packed in a way that is not read, cut or damaged, or does not fit there.
    """
    folder = tempfile.gettempdir()
    with open_unpacked(path) as source, tempfile.NamedTemporaryFile(prefix="svqvae-") as copy:
        log.info("%s: is packed as %s; unpacking it to %s", path, packing, copy.name)
        first = True
        while block := _next(source, path, packing):
            free = shutil.disk_usage(folder).free
            if free < _LEFT_FREE + len(block):
                raise SvqvaeError(_does_not_fit(path, folder, f"{free / 1e9:.1f} GB are free"))
            try:
                copy.write(block)
            except OSError as error:
                raise SvqvaeError(_does_not_fit(path, folder, error.strerror)) from error
            if first and _HDF5 not in block:
                break  # whoever opens the copy says what it is; of the rest there may be any amount
            first = False
        copy.flush()
        yield copy


def _next(source: IO[bytes], path: Path, packing: str) -> bytes:
    try:
        return source.read(_BLOCK)
    except DAMAGE as error:
        raise SvqvaeError(
            f"{path}: packed as {packing}, but truncated or damaged ({error})"
        ) from error


def _does_not_fit(path: Path, folder: str, cause: str | None) -> str:
    return (
        f"{path}: does not fit into {folder}, where it is unpacked ({cause}); make room, set "
        "TMPDIR to another folder, or unpack it yourself"
    )
