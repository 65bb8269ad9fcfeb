"""What a downloaded file must look like: given sums, or those that its publisher lists."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from svqvae.errors import SvqvaeError, did_you_mean

#: Algorithm of a published list by number of hex digits.
ALGORITHMS = {64: "sha256", 128: "sha512"}
#: How git identifies a file's content.
GIT_BLOB = "git_blob"

# `<hex>  <name>`, as sha256sum and sha512sum write it; * marks binary mode.
_LINE = re.compile(r"([0-9a-fA-F]{64}|[0-9a-fA-F]{128})\s+\*?(\S.*?)\s*")


@dataclass(frozen=True, kw_only=True)
class Digest:
    """An expected hash.

    Parameters
    ----------
    algorithm
        ``sha256``, ``sha512`` or ``git_blob``.
    hexadecimal
        Its value, lower case.
    origin
        Who says so, for messages.
    """

    algorithm: str
    hexadecimal: str
    origin: str


def file_name(url: str) -> str:
    """Return the file name at the end of a URL's path; empty if it ends in a folder."""
    name = unquote(urlsplit(url).path).rpartition("/")[2]
    return "" if name in (".", "..") else name


def given_digest(
    *, sha256: str | None = None, sha512: str | None = None, git_blob: str | None = None
) -> Digest | None:
    """Return the digest that was given, if any."""
    for algorithm, value in (("sha256", sha256), ("sha512", sha512), (GIT_BLOB, git_blob)):
        if value is not None:
            return Digest(algorithm=algorithm, hexadecimal=value.lower(), origin="given")
    return None


def new_hash(algorithm: str, *, size: int) -> Any:
    """Return a hash that is yet to be fed all bytes of a file.

    Parameters
    ----------
    algorithm
        Of :class:`Digest`.
    size
        Bytes of the whole file, with which git's id of a blob begins.
    """
    if algorithm != GIT_BLOB:
        return hashlib.new(algorithm)
    # No protection against forgery is asked of it: it tells versions and damage.
    return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)


def file_digest(path: str | Path, algorithm: str) -> str:
    """Return a file's digest in hex, read anew whatever its time says.

    Examples
    --------
    >>> _ = Path("readme").write_bytes(b"what is up, doc?")
    >>> file_digest("readme", "git_blob")
    'bd9dbf5aae1a3862dd1526723246b20206e5fc37'
    """
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        return hashlib.file_digest(file, lambda: new_hash(algorithm, size=size)).hexdigest()


def listed_digest(text: str, name: str, origin: str) -> Digest:
    """Return the digest of the file ``name`` from the text of a published list.

    Parameters
    ----------
    text
        Lines ``<hex>  <file name>``; SHA-256 or SHA-512, by length. Others are ignored.
    name
        File name without folders.
    origin
        Where the list comes from, for messages.

    Raises
    ------
    SvqvaeError
        If the list has no such name (the nearest is named), or is no list of sums.
    """
    sums = {}
    for line in text.splitlines():
        if match := _LINE.fullmatch(line):
            sums[PurePosixPath(match[2]).name] = match[1].lower()
    if not sums:
        raise SvqvaeError(
            f"{origin}: no SHA-256 or SHA-512 sums in it; expected lines of `<hex>  <file name>`"
        )
    if name not in sums:
        raise SvqvaeError(f"{origin}: lists no file '{name}'{did_you_mean(name, sums)}")
    value = sums[name]
    return Digest(algorithm=ALGORITHMS[len(value)], hexadecimal=value, origin=origin)


def file_sha256(path: str | Path) -> str:
    """Return a file's SHA-256 in hex, read as a stream, and only once while it is the same."""
    found = Path(path).stat()
    return _sha256(str(path), found.st_mtime_ns, found.st_size)


@lru_cache
def _sha256(path: str, mtime_ns: int, size: int) -> str:
    return sha256_now(path)


def sha256_now(path: str | Path) -> str:
    """Return a file's SHA-256 in hex, read anew whatever its time says."""
    return file_digest(path, "sha256")
