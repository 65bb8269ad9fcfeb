"""Read scattered rows and columns of an HDF5 matrix: each stored byte once, memory bounded.

h5py selects scattered rows one by one, under one lock and on one core. Here the matrix's bytes
are read past it: a contiguous matrix in runs of neighbouring rows, gzip chunks each by itself,
by several threads (reading and decompressing let go of Python's lock). Any other storage
is read block by block through h5py.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import h5py
import numpy as np
from isal import isal_zlib

from svqvae.io.sums import RowSums

#: Bytes of the matrix that one thread holds at a time, beside the result; fits a core's cache.
BLOCK_BYTES = 4 << 20
#: Bytes of chunks in memory in all threads: larger chunks mean fewer threads.
_BUFFER_BYTES = 128 << 20
#: Chunks smaller than this cost more to fetch one by one than HDF5 needs for all of them.
_SMALL_CHUNK_BYTES = 64 << 10
#: Unwanted bytes between two wanted rows that cost less to read than to skip.
_GAP_BYTES = 64 << 10
_GZIP, _SHUFFLE = h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE


def read_block(
    matrix: h5py.Dataset, rows: np.ndarray, columns: np.ndarray, sums: RowSums | None = None
) -> np.ndarray:
    """Return ``matrix[rows][:, columns]`` as float32, in the order asked for.

    Parameters
    ----------
    matrix
        Numbers of any type, two-dimensional.
    rows, columns
        Positions, in any order, possibly repeated.
    sums
        What the rows that are read are held against, where the file has it.

    Raises
    ------
    OSError
        If the file ends early or a chunk is damaged.
    FloatingPointError
        If a number is beyond the range of float32.
    SvqvaeError
        If a row is not what its sum says.
    """
    result = np.empty((len(rows), len(columns)), dtype=np.float32)
    if not result.size:
        return result
    # Columns that lie together in a contiguous matrix need not have their whole rows read.
    narrow = 2 * (int(columns.max()) + 1 - int(columns.min())) < matrix.shape[1]
    is_large = _chunk_bytes(matrix) >= _SMALL_CHUNK_BYTES
    with np.errstate(over="raise"):
        if is_plain_file(matrix) and _filters(matrix) and is_large:
            _read_chunks(matrix, rows, columns, result)
        elif is_plain_file(matrix) and matrix.id.get_offset() is not None and not narrow:
            _read_contiguous(matrix, rows, columns, result, sums)
        else:
            if sums is not None:
                sums.require_stored(_descriptor(matrix), rows)
            _read_through_h5py(matrix, rows, columns, result)
    return result


def is_plain_file(matrix: h5py.Dataset) -> bool:
    """Return whether positions in HDF5 are positions in the file."""
    return matrix.file.driver == "sec2" and matrix.file.userblock_size == 0


def _filters(matrix: h5py.Dataset) -> list[int]:
    """Return how chunks were stored, if by gzip and shuffle alone; else nothing."""
    plist = matrix.id.get_create_plist()
    found = [plist.get_filter(i)[0] for i in range(plist.get_nfilters())]
    return found if set(found) <= {_GZIP, _SHUFFLE} else []


def _chunk_bytes(matrix: h5py.Dataset) -> int:
    """Return the size of a chunk as it is in memory; 0 without chunks."""
    return math.prod(matrix.chunks) * matrix.dtype.itemsize if matrix.chunks else 0


def _descriptor(matrix: h5py.Dataset) -> int:
    """Return HDF5's own descriptor: the path may meanwhile be another file's."""
    return matrix.file.id.get_vfd_handle()


def _pread(descriptor: int, view: memoryview, offset: int) -> None:
    while len(view):  # one call reads at most 2 GB
        done = os.preadv(descriptor, [view], offset)
        if not done:
            raise OSError(f"the file ends {len(view)} bytes early")
        view, offset = view[done:], offset + done


# -- contiguous ------------------------------------------------------------------------------
def _read_contiguous(
    matrix: h5py.Dataset,
    rows: np.ndarray,
    columns: np.ndarray,
    result: np.ndarray,
    sums: RowSums | None,
) -> None:
    """Read runs of rows straight from the file, in its order, and pick the columns of each batch.

    One reader in the order of the file is what disks and their read-ahead are made for: the
    next bytes are fetched while columns are picked. Threads were tried and gained nothing.
    """
    offset, n_columns = matrix.id.get_offset(), matrix.shape[1]
    row_bytes = n_columns * matrix.dtype.itemsize
    order = np.argsort(rows, kind="stable")
    wanted = rows[order]
    once = bool((np.diff(wanted) > 0).all())
    in_order = once and matrix.dtype == result.dtype and bool((np.diff(rows) > 0).all())
    starts, stops = _runs(matrix, wanted)
    lengths = stops - starts
    # Batches fill a block, so that neither many short runs nor a long one costs more.
    batch = np.cumsum(lengths) * row_bytes // BLOCK_BYTES
    edges = np.r_[0, np.flatnonzero(np.diff(batch)) + 1, len(batch)].tolist()
    # One buffer: a new one for every batch would spend more on page faults than on reading.
    most = int(np.add.reduceat(lengths, edges[:-1]).max())
    buffer = np.empty(most * row_bytes, dtype=np.uint8)
    descriptor = _descriptor(matrix)
    for begin, end in pairwise(edges):
        first = np.r_[0, np.cumsum(lengths[begin:end])]
        positions = (offset + starts[begin:end] * row_bytes).tolist()
        edge = (first * row_bytes).tolist()
        numbers = starts[begin:end].tolist()
        for number, position, low, high in zip(
            numbers, positions, edge[:-1], edge[1:], strict=True
        ):
            _pread(descriptor, buffer.data[low:high], position)
            if sums is not None:
                sums.require(number, buffer.data[low:high])
        block = buffer[: edge[-1]].view(matrix.dtype).reshape(-1, n_columns)
        mine = slice(*np.searchsorted(wanted, [starts[begin], stops[end - 1]]))
        run = np.searchsorted(starts[begin:end], wanted[mine], side="right") - 1
        at = wanted[mine] - starts[begin:end][run] + first[run]
        # take() beats indexing rows and columns at once threefold; where no row is spare or
        # moves it writes where the values belong.
        none_spare = once and len(at) == len(block)
        if none_spare and in_order:
            np.take(block, columns, axis=1, out=result[mine], mode="clip")
        else:
            picked = np.take(block, columns, axis=1)
            result[order[mine]] = picked if none_spare else picked[at]


def _runs(matrix: h5py.Dataset, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return starts and stops of row runs that cover ``wanted`` (sorted), a block at most each."""
    row_bytes = max(1, matrix.shape[1] * matrix.dtype.itemsize)
    unit = matrix.chunks[0] if matrix.chunks else 1
    # Chunks that are high and stand beside many others are read in pieces of their height.
    unit = unit if unit * row_bytes <= _BUFFER_BYTES else max(1, _BUFFER_BYTES // row_bytes)
    limit = max(unit, BLOCK_BYTES // row_bytes // unit * unit)
    gap = max(unit, _GAP_BYTES // row_bytes)
    distinct = np.unique(wanted)
    first = np.r_[0, np.flatnonzero(np.diff(distinct) > gap) + 1, len(distinct)]
    begins, ends = distinct[first[:-1]], distinct[first[1:] - 1] + 1
    pieces = -(-(ends - begins) // limit)
    piece = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    starts = np.repeat(begins, pieces) + piece * limit
    stops = np.minimum(starts + limit, np.repeat(ends, pieces))
    # A piece may fall into a gap that was short enough to read over, and long enough to skip.
    used = np.searchsorted(distinct, stops) > np.searchsorted(distinct, starts)
    return starts[used], stops[used]


# -- whatever h5py alone can read ------------------------------------------------------------
def _read_through_h5py(
    matrix: h5py.Dataset, rows: np.ndarray, columns: np.ndarray, result: np.ndarray
) -> None:
    order = np.argsort(rows, kind="stable")
    wanted = rows[order]
    left, right = int(columns.min()), int(columns.max()) + 1
    for start, stop in zip(*_runs(matrix, wanted), strict=True):
        mine = slice(*np.searchsorted(wanted, [start, stop]))
        block = matrix[start:stop, left:right]
        result[order[mine]] = block[(wanted[mine] - start)[:, None], columns - left]


# -- gzip chunks -----------------------------------------------------------------------------
class _Storage(NamedTuple):
    """How chunks are stored, asked of h5py once: its threads would wait for each other."""

    shape: tuple[int, int]
    dtype: np.dtype
    filters: list[int]
    descriptor: int


def _read_chunks(
    matrix: h5py.Dataset, rows: np.ndarray, columns: np.ndarray, result: np.ndarray
) -> None:
    height, width = matrix.chunks
    by_row, by_column = np.argsort(rows, kind="stable"), np.argsort(columns, kind="stable")
    sorted_rows, sorted_columns = rows[by_row], columns[by_column]
    # One walk over the index: HDF5 looks a single chunk up by walking over all of them.
    stored: dict[tuple[int, int], h5py.h5d.StoreInfo] = {}
    matrix.id.chunk_iter(lambda info: stored.__setitem__(info.chunk_offset, info))
    corners = [
        (int(top), int(left))
        for top in np.unique(sorted_rows // height) * height
        for left in np.unique(sorted_columns // width) * width
    ]
    storage = _Storage((height, width), matrix.dtype, _filters(matrix), _descriptor(matrix))

    def fill(corner: tuple[int, int], chunk: np.ndarray) -> None:
        top, left = corner
        mine = by_row[slice(*np.searchsorted(sorted_rows, [top, top + height]))]
        at = by_column[slice(*np.searchsorted(sorted_columns, [left, left + width]))]
        with np.errstate(over="raise"):  # of this thread
            result[mine[:, None], at] = chunk[(rows[mine] - top)[:, None], columns[at] - left]

    whole = [c for c in corners if c in stored and not stored[c].filter_mask]
    threads = min(os.cpu_count() or 1, 8, _BUFFER_BYTES // (3 * _chunk_bytes(matrix)))
    with ThreadPoolExecutor(max(1, threads)) as pool:
        for _ in pool.map(lambda c: fill(c, _chunk(storage, c[0], stored[c])), whole):
            pass
    # Never written, or written past a filter: rare enough for h5py's own way, in this thread.
    for top, left in set(corners) - set(whole):
        fill((top, left), matrix[top : top + height, left : left + width])


def _chunk(storage: _Storage, top: int, stored: h5py.h5d.StoreInfo) -> np.ndarray:
    """Return one chunk, read and decompressed without h5py and so without its lock."""
    (height, width), dtype, filters, descriptor = storage
    stored_bytes = np.empty(stored.size, dtype=np.uint8)
    data: bytes | memoryview = stored_bytes.data
    _pread(descriptor, stored_bytes.data, stored.byte_offset)
    full = height * width * dtype.itemsize
    try:
        for kind in reversed(filters):
            gzipped = kind == _GZIP
            data = _inflate(data, full) if gzipped else _unshuffle(data, dtype.itemsize)
    except isal_zlib.error as error:  # type: ignore[misc]
        raise OSError(f"the chunk of row {top} cannot be decompressed: {error}") from error
    if len(data) != full:
        raise OSError(f"the chunk of row {top} holds {len(data)} bytes, not {full}")
    return np.frombuffer(data, dtype=dtype).reshape(height, width)


def _inflate(data: bytes | memoryview, full: int) -> bytes:
    """Decompress a chunk; one that holds more than it should is not unpacked to its end."""
    stream = isal_zlib.decompressobj()
    return stream.decompress(data, full + 1)


def _unshuffle(data: bytes | memoryview, size: int) -> bytes:
    """Undo HDF5's shuffle, which stores first bytes first, then second bytes, and so on."""
    return np.frombuffer(data, dtype=np.uint8).reshape(size, -1).T.tobytes()
