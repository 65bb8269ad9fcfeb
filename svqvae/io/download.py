"""Fetch a file over http or https: resumed, verified, then moved into place."""

from __future__ import annotations

import gzip
import logging
import os
import random
import shutil
import tempfile
import time
import zlib
from pathlib import Path
from urllib.parse import urlsplit

from svqvae.errors import SvqvaeError
from svqvae.io.checksums import GIT_BLOB, Digest, file_name, given_digest, listed_digest
from svqvae.io.partial import Partial, hold, partial_path
from svqvae.io.progress import written_size
from svqvae.io.transfer import Interrupted, transfer

log = logging.getLogger("svqvae")

#: What :func:`fetch` can fetch.
SCHEMES = ("http", "https")

_LONGEST_PAUSE = 60.0
# A server may ask for more patience than we would have, but not for hours.
_LONGEST_RETRY_AFTER = 600.0
_BLOCK = 1 << 20


class _Damaged(Exception):
    """All bytes came, but they are not what was expected."""


def fetch(
    url: str,
    path: str | Path,
    *,
    size: int | None = None,
    sha256: str | None = None,
    sha512: str | None = None,
    git_blob: str | None = None,
    checksums: str | None = None,
    decompress: bool | None = None,
    attempts: int = 5,
    timeout: float = 60.0,
    backoff: float = 1.0,
) -> Path:
    """Fetch ``url`` to ``path``; the file appears whole and verified, or not at all.

    Bytes go to ``.NAME.part`` beside the target, which outlives errors and killed processes:
    the next call goes on where it ended, if the file on the server is still the same. A file
    that is already at ``path`` is left as it is. Of several processes that want the same
    file, one fetches and the others wait.

    Parameters
    ----------
    size, sha256, sha512
        What the bytes *as downloaded* (compressed) must have.
    git_blob
        Likewise git's id of the file, 40 hex digits: the SHA-1 of ``blob <size>``, a zero byte and
        the bytes. A repository names it for every file of a commit.
    checksums
        URL of a published list of sums, lines of ``<hex>  <file name>``, plain or ``.gz``.
        At most one of ``sha256``, ``sha512``, ``git_blob`` and ``checksums`` can be given.
    decompress
        Unpack gzip. By default, if ``url`` ends in ``.gz`` and ``path`` does not.
    attempts
        Tries in a row that bring nothing new before giving up.
    timeout
        Seconds without a byte after which a connection counts as dead.
    backoff
        First pause between attempts in seconds; doubled each time, with jitter.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    SvqvaeError
        If it cannot be had, or is not what was expected. What came is kept where it can be
        resumed, and deleted where it is wrong.
    """
    path = Path(path)
    if urlsplit(url).scheme not in SCHEMES:
        raise SvqvaeError(f"{url}: cannot be fetched; supported: {', '.join(SCHEMES)}")
    if sum(given is not None for given in (sha256, sha512, git_blob, checksums)) > 1:
        raise SvqvaeError(f"{url}: give one of sha256, sha512, git_blob and checksums")
    if path.is_dir():
        raise SvqvaeError(f"{path}: is a folder; give the path of a file")
    if path.exists() and not partial_path(path).exists():
        log.info("%s is there already", path)
        return path
    name = file_name(url)
    if decompress is None:
        decompress = name.endswith(".gz") and path.suffix != ".gz"
    expected = given_digest(sha256=sha256, sha512=sha512, git_blob=git_blob)
    if checksums is not None:
        with tempfile.TemporaryDirectory() as folder:
            sums = fetch(
                checksums,
                Path(folder, "sums.txt"),
                attempts=attempts,
                timeout=timeout,
                backoff=backoff,
            )
            text = sums.read_text(encoding="utf-8", errors="replace")
        expected = listed_digest(text, name, checksums)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SvqvaeError(f"{path.parent}: cannot be made ({error.strerror})") from error
    with hold(path, algorithm=expected.algorithm if expected else None) as partial:
        if path.exists():  # another process was quicker, or was killed before it tidied up
            partial.remove()
            return path
        for again in (False, True):
            _complete(
                url,
                partial,
                size=size,
                room_for=path if decompress else None,
                attempts=attempts,
                timeout=timeout,
                backoff=backoff,
                verifiable=expected is not None,
            )
            try:
                _verify(partial, size=size, expected=expected)
                _put_in_place(partial, path, decompress=decompress)
                return path
            except _Damaged as error:
                problem = str(error)
                partial.clear()
                if not again:
                    log.warning("%s: %s; fetching it once more from the start", url, problem)
        partial.remove()
    raise SvqvaeError(
        f"{url}: {problem}, also when fetched again from the start; nothing was kept. Either the "
        "file on the server changed, or the expectation is wrong"
    )


def _complete(
    url: str,
    partial: Partial,
    *,
    size: int | None,
    room_for: Path | None,
    attempts: int,
    timeout: float,
    backoff: float,
    verifiable: bool,
) -> None:
    """Try until all bytes are there, or ``attempts`` in a row brought nothing new."""
    tried = in_vain = 0
    most = partial.size
    while True:
        tried += 1
        try:
            transfer(
                url,
                partial,
                size=size,
                unpacked=room_for is not None,
                timeout=timeout,
                verifiable=verifiable,
            )
            return
        except Interrupted as error:
            # Compared with the most that ever came: a server that always breaks off at the same
            # place, and cannot resume, brings nothing new.
            in_vain = 1 if partial.size > most else in_vain + 1
            most = max(most, partial.size)
            if in_vain >= attempts:
                raise SvqvaeError(_given_up(url, partial, tried, error)) from error
            pause = min(backoff * 2 ** (in_vain - 1), _LONGEST_PAUSE) * random.uniform(0.5, 1.5)
            pause = max(pause, min(error.retry_after, _LONGEST_RETRY_AFTER))
            log.warning("%s: %s; trying again in %.0f s", url, error, pause)
            time.sleep(pause)


def _given_up(url: str, partial: Partial, tried: int, error: Interrupted) -> str:
    times = "1 attempt" if tried == 1 else f"{tried} attempts"
    message = f"{url}: not fetched after {times}; the last one: {error}."
    if not partial.size:
        return f"{message} Check the address and the network, then run again"
    of = "" if partial.length is None else f" of {written_size(partial.length)}"
    return f"{message} {written_size(partial.size)}{of} are kept; run again: it resumes"


def _verify(partial: Partial, *, size: int | None, expected: Digest | None) -> None:
    if size is not None and partial.size != size:
        raise _Damaged(f"has {partial.size} bytes, expected {size}")
    if expected is not None and (
        (found := partial.digest(expected.algorithm)) != expected.hexadecimal
    ):
        by = "" if expected.origin == "given" else f" (listed in {expected.origin})"
        what = "git blob" if expected.algorithm == GIT_BLOB else expected.algorithm
        raise _Damaged(f"{what} is {found}, expected {expected.hexadecimal}{by}")


def _put_in_place(partial: Partial, path: Path, *, decompress: bool) -> None:
    if not decompress:
        partial.move_to(path)
        log.info("%s: %s, in place", path, written_size(partial.size))
        return
    # Nor does this name hold a process id: what a killed process left is overwritten.
    unpacked = path.with_name(f".{path.name}.unpacked")
    if not partial.size:
        raise _Damaged("is empty, not gzip")
    try:
        with gzip.open(partial.path, "rb") as source, open(unpacked, "wb") as file:
            shutil.copyfileobj(source, file, _BLOCK)
        os.replace(unpacked, path)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _Damaged(f"is damaged gzip ({error})") from error
    except OSError as error:
        raise SvqvaeError(
            f"{path}: cannot be unpacked ({error.strerror}); what was fetched is kept: run again "
            "when there is room"
        ) from error
    finally:
        unpacked.unlink(missing_ok=True)
    partial.remove()
    log.info("%s: unpacked, %s, in place", path, written_size(path.stat().st_size))
