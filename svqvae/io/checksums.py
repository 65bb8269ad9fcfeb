"""What a downloaded file must look like: given sums, or those that its publisher lists."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from svqvae.errors import SvqvaeError, did_you_mean

#: Algorithm by number of hex digits.
ALGORITHMS = {64: "sha256", 128: "sha512"}

# `<hex>  <name>`, as sha256sum and sha512sum write it; * marks binary mode.
_LINE = re.compile(r"([0-9a-fA-F]{64}|[0-9a-fA-F]{128})\s+\*?(\S.*?)\s*")


@dataclass(frozen=True, kw_only=True)
class Digest:
    """An expected hash.

    Parameters
    ----------
    algorithm
        ``sha256`` or ``sha512``.
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


def given_digest(*, sha256: str | None, sha512: str | None) -> Digest | None:
    """Return the digest that was given, if any."""
    for algorithm, value in (("sha256", sha256), ("sha512", sha512)):
        if value is not None:
            return Digest(algorithm=algorithm, hexadecimal=value.lower(), origin="given")
    return None


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
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
