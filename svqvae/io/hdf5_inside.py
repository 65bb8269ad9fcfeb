"""What an HDF5 file takes from elsewhere: other files, and code that undoes a filter. Refused."""

from __future__ import annotations

import logging
import math
from pathlib import Path

import h5py

from svqvae.errors import SvqvaeError
from svqvae.io.limits import require_memory

log = logging.getLogger("svqvae")

#: Filters that libhdf5 and h5py bring; any other is a library that HDF5 would load.
_FILTERS = {
    h5py.h5z.FILTER_DEFLATE,
    h5py.h5z.FILTER_SHUFFLE,
    h5py.h5z.FILTER_FLETCHER32,
    h5py.h5z.FILTER_SZIP,
    h5py.h5z.FILTER_NBIT,
    h5py.h5z.FILTER_SCALEOFFSET,
    h5py.h5z.FILTER_LZF,
}


def require_own_links(file: h5py.File, path: Path) -> None:
    """Raise an error if a link of a file leads into another file.

    Whoever sends such a file would choose what is read on the machine of who opens it.
    """
    found: list[bytes] = []

    # What is raised in here would leave libhdf5 as a SystemError: nothing is opened, as h5py's own
    # visititems_links does, which may raise on a damaged file.
    def look(name: bytes, link: h5py.h5l.LinkInfo) -> None:
        if link.type == h5py.h5l.TYPE_EXTERNAL:
            found.append(name)

    file.id.links.visit(look, info=True)
    if found:
        name = found[0].decode("utf-8", "surrogateescape")
        other = file.get(name, getlink=True).filename
        raise SvqvaeError(
            f"{path}: /{name} is a link into another file, '{other}', which is not followed; "
            "copy the data into one file (h5py: file.copy)"
        )


def require_sound(dataset: h5py.Dataset, what: str) -> None:
    """Raise an error if a data set claims what is not in its file.

    A header of some bytes can claim any shape; HDF5 then reads zeros, as many as are claimed. Or
    the values lie in other files, or need a library to unpack them.
    """
    if not dataset.size:
        return
    plist = dataset.id.get_create_plist()
    layout = plist.get_layout()
    if plist.get_external_count() or layout == h5py.h5d.VIRTUAL:
        raise SvqvaeError(
            f"{what} lies in other files, which are not followed; copy it into one file "
            "(h5repack, or h5py)"
        )
    filters = [plist.get_filter(i) for i in range(plist.get_nfilters())]
    for number, _, _, name in filters:
        if number not in _FILTERS:
            called = name.decode("utf-8", "replace").strip("\0 ")[:40]
            raise SvqvaeError(
                f"{what} is packed by filter {number} ({called or 'nameless'}), which is not read; "
                "pack it by gzip (h5repack -f GZIP=4)"
            )
    shape = " x ".join(map(str, dataset.shape)) or "1"
    if layout != h5py.h5d.COMPACT and dataset.id.get_storage_size() == 0:
        raise SvqvaeError(f"{what} claims {shape} values, none of which was ever written")
    if dataset.chunks:
        n_bytes = math.prod(dataset.chunks) * dataset.dtype.itemsize
        # One chunk is held compressed, unpacked and put in order.
        require_memory(4 * n_bytes, f"{what}: to unpack one of its chunks ({dataset.chunks})")
        _tell_of_gaps(dataset, what)


def _tell_of_gaps(dataset: h5py.Dataset, what: str) -> None:
    """Log how many chunks were never written: their values are read as HDF5's fill value."""
    chunks = math.prod(-(-n // size) for n, size in zip(dataset.shape, dataset.chunks, strict=True))
    stored = dataset.id.get_num_chunks()
    if stored < chunks:
        log.warning(
            "%s: %d of its %d chunks were never written and are read as %s; was it cut short?",
            *(what, chunks - stored, chunks, dataset.fillvalue),
        )
