"""Read scattered rows and columns of an HDF5 matrix: each stored byte once, memory bounded.

h5py selects scattered rows one by one and decompresses on one core. Here a contiguous matrix is
read in runs of neighbouring rows, and gzip chunks are decompressed by several threads (zlib
lets go of Python's lock); any other storage is read block by block through h5py.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import h5py
import numpy as np

#: Bytes of the matrix held at a time, beside the result.
BLOCK_BYTES = 32 << 20
#: Unwanted bytes between two wanted rows that cost less to read than to skip.
_GAP_BYTES = 256 << 10


def read_block(matrix: h5py.Dataset, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return ``matrix[rows][:, columns]`` as float32, in the order asked for.

    Parameters
    ----------
    rows, columns
        Positions, in any order, possibly repeated.
    """
    result = np.empty((len(rows), len(columns)), dtype=np.float32)
    if not result.size:
        return result
    order = np.argsort(rows, kind="stable")
    if matrix.chunks is not None and _only_gzip(matrix):
        _read_chunks(matrix, rows, columns, order, result)
        return result
    for start, stop in _runs(matrix, rows[order]):
        block = matrix[start:stop]
        mine = order[slice(*np.searchsorted(rows[order], [start, stop]))]
        result[mine] = block[rows[mine] - start][:, columns]
    return result


def _runs(matrix: h5py.Dataset, wanted: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield stretches of rows that cover ``wanted`` (sorted), none larger than a block."""
    row_bytes = max(1, matrix.shape[1] * matrix.dtype.itemsize)
    unit = matrix.chunks[0] if matrix.chunks else 1
    limit = max(unit, BLOCK_BYTES // row_bytes // unit * unit)
    gap = max(unit, _GAP_BYTES // row_bytes)
    distinct = np.unique(wanted)
    start = previous = int(distinct[0])
    for row in distinct[1:].tolist():
        if row - previous > gap or row - start >= limit:
            yield start, previous + 1
            start = row
        previous = row
    yield start, previous + 1


def _only_gzip(matrix: h5py.Dataset) -> bool:
    """Return whether chunks are stored plain, shuffled or gzipped, and nothing else."""
    plist = matrix.id.get_create_plist()
    known = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE}
    return all(plist.get_filter(i)[0] in known for i in range(plist.get_nfilters()))


def _read_chunks(
    matrix: h5py.Dataset,
    rows: np.ndarray,
    columns: np.ndarray,
    order: np.ndarray,
    result: np.ndarray,
) -> None:
    height, width = matrix.chunks
    by_column = np.argsort(columns, kind="stable")
    sorted_rows, sorted_columns = rows[order], columns[by_column]

    def fill(corner: tuple[int, int]) -> None:
        top, left = corner
        mine = order[slice(*np.searchsorted(sorted_rows, [top, top + height]))]
        at = by_column[slice(*np.searchsorted(sorted_columns, [left, left + width]))]
        chunk = _chunk(matrix, top, left)
        result[np.ix_(mine, at)] = chunk[np.ix_(rows[mine] - top, columns[at] - left)]

    corners = [
        (int(top), int(left))
        for top in np.unique(sorted_rows // height) * height
        for left in np.unique(sorted_columns // width) * width
    ]
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        for _ in pool.map(fill, corners):
            pass


def _chunk(matrix: h5py.Dataset, top: int, left: int) -> np.ndarray:
    """Return one chunk, decompressed outside h5py's lock where that is possible."""
    height, width = matrix.chunks
    plist = matrix.id.get_create_plist()
    filters = [plist.get_filter(i)[0] for i in range(plist.get_nfilters())]
    stored = matrix.id.get_chunk_info_by_coord((top, left))
    if stored.byte_offset is None or stored.filter_mask:
        # Never written, or written past a filter: rare enough for h5py's own way.
        return matrix[top : top + height, left : left + width]
    data = matrix.id.read_direct_chunk((top, left))[1]
    for kind in reversed(filters):
        gzipped = kind == h5py.h5z.FILTER_DEFLATE
        data = zlib.decompress(data) if gzipped else _unshuffle(data, matrix.dtype.itemsize)
    return np.frombuffer(data, dtype=matrix.dtype).reshape(height, width)


def _unshuffle(data: bytes, size: int) -> bytes:
    """Undo HDF5's shuffle, which stores first bytes first, then second bytes, and so on."""
    return np.frombuffer(data, dtype=np.uint8).reshape(size, -1).T.tobytes()
