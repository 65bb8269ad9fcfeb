"""Recognise what a file really is by its first bytes, where its name claims another format."""

from __future__ import annotations

from pathlib import Path

import h5py

from svqvae.io.text import brief

#: First bytes and what they tell; compared in lower case.
_BEGINNINGS = (
    (b"<!doctype html", "a page of HTML, as a failed download leaves it"),
    (b"<html", "a page of HTML, as a failed download leaves it"),
    (b"<?xml", "XML, as a failed download leaves it"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself (fetch: git lfs pull)"),
    (b"/annex/objects", "a git-annex pointer, not the file itself (fetch: git annex get)"),
    (b"#1.2", "a GCT"),
    (b"#1.3", "a GCT"),
    (b"par1", "a Parquet table"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"bzh", "compressed by bzip2"),
    (b"\xfd7zxz\x00", "compressed by xz"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd"),
    (b"pk\x03\x04", "a zip archive"),
    (b"\x93numpy", "a NumPy array"),
    (b"rdx", "R data"),
    (b"%pdf", "a PDF"),
    (b"cdf", "NetCDF"),
    (b"sqlite format 3", "an SQLite database"),
)
_FIRST_BYTES = 512


def identify(path: str | Path) -> str | None:
    """Return what a file is ("a page of HTML, ..."), None if its first bytes are unknown."""
    with open(path, "rb") as file:
        start = file.read(_FIRST_BYTES)
    if not start:
        return "empty (0 bytes)"
    if not start.strip(b"\0"):
        return "zeros where its contents should begin, as an interrupted copy leaves them"
    if h5py.is_hdf5(path):
        return _identify_hdf5(path)
    begin = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for bytes_, what in _BEGINNINGS:
        if begin.startswith(bytes_):
            return what
    if start[257:262] == b"ustar":
        return "a tar archive"
    return _identify_text(start)


def _identify_hdf5(path: str | Path) -> str | None:
    try:
        with h5py.File(path, "r") as file:
            if "0/DATA/0/matrix" in file:
                return "a GCTX"
            if "obs" in file and "var" in file:
                return "an h5ad (AnnData in HDF5)"
            if "matrix" in file and "row_attrs" in file:
                return "a loom file"
            names = [str(name) for name, _ in zip(file, range(5), strict=False)]
    except (OSError, RuntimeError, KeyError, ValueError):
        return None  # HDF5, but damaged
    return f"HDF5 of another kind (it holds {', '.join(names) or 'nothing'})"


def _identify_text(start: bytes) -> str | None:
    try:
        line = start[: start.rfind(b"\n") + 1].decode("utf-8").splitlines()[0]
    except (UnicodeDecodeError, IndexError):
        return None
    return f"text that begins {brief(line)}" if line.isprintable() or "\t" in line else None
