"""Checksums of the HDF5 files that we write: no damage to them passes for data.

They stand behind the end of the HDF5, where its readers do not look: one for each row of the
matrix, so that a part can be read without the rest, and one for all other bytes. A tool that
changes the file in place drops them. CRC-32 finds damage, not forgery.
"""

from __future__ import annotations

import json
import logging
import os
import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, NamedTuple

import h5py
import numpy as np
from isal import isal_zlib

from svqvae.errors import SvqvaeError

log = logging.getLogger("svqvae")

#: Attribute of the root of a file that has sums: where they are gone, so is its end.
ATTRIBUTE = "svqvae_sums"
_MAGIC = b"\nsvqvae sums 1\n"
#: After the sums of rows and a line of JSON: the bytes of that line, and the magic.
_TAIL = struct.Struct("<I15s")
#: Longest line that may be real.
_LINE = 4096
_BLOCK = 4 << 20
#: Signature, and where its first version and the others say where the file ends.
_HDF5, _ENDS = b"\x89HDF\r\n\x1a\n", {0: 40, 1: 44, 2: 28, 3: 28}


class Place(NamedTuple):
    """Where the rows of a matrix lie in its file, one after the other."""

    offset: int
    row_bytes: int
    rows: int

    @classmethod
    def of(cls, matrix: h5py.Dataset) -> Place | None:
        """Return the place of a contiguous matrix; None where it has none of its own."""
        offset = matrix.id.get_offset()
        if offset is None or matrix.ndim != 2 or not matrix.size:
            return None
        return cls(offset, matrix.shape[1] * matrix.dtype.itemsize, matrix.shape[0])

    @property
    def end(self) -> int:
        """Position behind the last row."""
        return self.offset + self.row_bytes * self.rows


class RowSums(NamedTuple):
    """The sums of the rows of a matrix in its file."""

    path: Path
    place: Place
    sums: np.ndarray

    def require(self, first: int, rows: memoryview) -> None:
        """Raise an error unless these bytes are those of the rows from ``first`` on."""
        size = self.place.row_bytes
        expected = self.sums[first : first + len(rows) // size].tolist()
        for at, sum_ in enumerate(expected):
            if isal_zlib.crc32(rows[at * size : (at + 1) * size]) != sum_:
                raise _damaged(self.path, f"row {first + at + 1} of its matrix")

    def require_stored(self, descriptor: int, rows: np.ndarray) -> None:
        """Raise an error if a row of these numbers is damaged in the file."""
        size = self.place.row_bytes
        for row in np.unique(rows).tolist():
            self.require(
                row, memoryview(os.pread(descriptor, size, self.place.offset + row * size))
            )


def row_sums(block: np.ndarray) -> np.ndarray:
    """Return the sum of each row of a matrix, as it is stored."""
    stored = np.ascontiguousarray(block)
    return np.array([isal_zlib.crc32(row) for row in stored], dtype="<u4")


def seal(path: str | Path, place: Place | None = None, sums: np.ndarray | None = None) -> None:
    """Write the sums behind a finished file, which has :data:`ATTRIBUTE`.

    Parameters
    ----------
    place, sums
        The matrix that is summed by rows, if it lies in one piece.
    """
    rows = b"" if place is None or sums is None else sums.astype("<u4").tobytes()
    place = place if rows else None
    with open(path, "r+b") as file:
        end = os.fstat(file.fileno()).st_size
        known = {"end": end, "matrix": place, "rows": isal_zlib.crc32(rows)}
        line = json.dumps({**known, "rest": _sum_of_rest(file, end, place)}).encode()
        file.seek(end)
        file.write(rows + line + _TAIL.pack(len(line), _MAGIC))


def checked(path: str | Path) -> RowSums | None:
    """Hold all of a file but its matrix against its sums; return those of the matrix.

    None where there is no matrix to check, or the file has no sums: it is not of ours.

    Raises
    ------
    SvqvaeError
        If it is damaged.
    """
    path = Path(path)
    with open(path, "rb") as file:
        found = _read(file, path)
        if found is None:
            return None
        known, rows = found
        place = Place(*known["matrix"]) if known["matrix"] else None
        if _sum_of_rest(file, known["end"], place) != known["rest"]:
            raise _damaged(path, "it")
    return None if place is None else RowSums(path, place, np.frombuffer(rows, dtype="<u4"))


def require_whole(path: str | Path) -> None:
    """Hold all of a file against its sums, once while it is the same; one without any passes.

    Raises
    ------
    SvqvaeError
        If it is damaged.
    """
    found = Path(path).stat()
    _require_whole(str(path), found.st_ino, found.st_mtime_ns, found.st_size)


@lru_cache
def _require_whole(path: str, *_same: int) -> None:
    if (sums := checked(path)) is None:
        return
    with open(path, "rb") as file:
        file.seek(sums.place.offset)
        step = max(1, _BLOCK // sums.place.row_bytes)
        for first in range(0, sums.place.rows, step):
            size = min(step, sums.place.rows - first) * sums.place.row_bytes
            sums.require(first, memoryview(file.read(size)))


def require_end(path: str | Path, file: h5py.File) -> None:
    """Refuse an open file that had sums, and has other bytes there; one changed in place passes."""
    if ATTRIBUTE not in file.attrs:
        return
    with open(path, "rb") as raw:
        if _read(raw, Path(path)) is not None:
            return
        if os.fstat(raw.fileno()).st_size != _end_of_hdf5(raw):
            raise _damaged(Path(path), "its end")
    log.info("%s: was changed after svqvae wrote it, so that its bytes cannot be verified", path)


def _read(file: IO[bytes], path: Path) -> tuple[dict, bytes] | None:
    """Return what stands behind the HDF5: a line's content and the sums of rows."""
    size = os.fstat(file.fileno()).st_size
    if size < _TAIL.size:
        return None
    file.seek(size - _TAIL.size)
    length, magic = _TAIL.unpack(file.read(_TAIL.size))
    if magic != _MAGIC:
        return None
    try:
        start = size - _TAIL.size - length
        if not 0 < length <= _LINE or start < 0:
            raise ValueError("no such line")
        file.seek(start)
        known = json.loads(file.read(length))
        end, rest, matrix = int(known["end"]), int(known["rest"]), known["matrix"]
        n_rows = Place(*matrix).rows if matrix else 0
        if not 0 <= end <= end + 4 * n_rows == start or (matrix and Place(*matrix).end > end):
            raise ValueError("no such place")
        file.seek(end)
        rows = file.read(start - end)
        if isal_zlib.crc32(rows) != known["rows"]:
            raise ValueError("other sums")
    except (ValueError, TypeError, LookupError) as error:
        raise _damaged(path, "its end") from error
    return {"end": end, "rest": rest, "matrix": matrix}, rows


def _sum_of_rest(file: IO[bytes], end: int, place: Place | None) -> int:
    ranges = [(0, end)] if place is None else [(0, place.offset), (place.end, end)]
    found = 0
    for start, stop in ranges:
        for block in _blocks(file, start, stop):
            found = isal_zlib.crc32(block, found)
    # The ends of the ranges too: they say what is left out.
    return isal_zlib.crc32(repr(ranges).encode(), found)


def _blocks(file: IO[bytes], start: int, stop: int) -> Iterator[bytes]:
    file.seek(start)
    while start < stop and (block := file.read(min(_BLOCK, stop - start))):
        start += len(block)
        yield block


def _end_of_hdf5(file: IO[bytes]) -> int | None:
    """Return where a file's own header says that it ends."""
    file.seek(0)
    head = file.read(64)
    at = _ENDS.get(head[8]) if head.startswith(_HDF5) and len(head) == 64 else None
    return None if at is None else int.from_bytes(head[at : at + 8], "little")


def _damaged(path: Path, what: str) -> SvqvaeError:
    return SvqvaeError(
        f"{path}: damaged: {what} is not what svqvae wrote (its checksum differs); copy it "
        "again, or delete it and make it again"
    )
