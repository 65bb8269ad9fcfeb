"""The unfinished part of a download: kept beside its target, resumed, held by one process."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from svqvae.io.checksums import GIT_BLOB, file_digest

log = logging.getLogger("svqvae")

#: File systems that know no locks answer with one of these.
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}

_BLOCK = 1 << 20


def partial_path(target: Path) -> Path:
    """Return where the bytes of an unfinished download of ``target`` lie."""
    # No process id in it: whoever comes next must find it again.
    return target.with_name(f".{target.name}.part")


class Partial:
    """Bytes of an unfinished download, and what they are the beginning of.

    Get one from :func:`hold`. A small JSON file beside the bytes says which URL they come from,
    in which version (the server's validator) and how many there will be, so that bytes of
    another file or version are never continued.

    Parameters
    ----------
    file
        The open and locked file.
    path
        Its path.
    algorithm
        Hash computed along the way; none if there is nothing to compare it with, or if it
        begins with the size of the whole, which is not known before.
    """

    def __init__(self, file: BinaryIO, path: Path, *, algorithm: str | None = None) -> None:
        self.path = path
        self._file = file
        self._record = path.with_name(f"{path.name}.json")
        self._algorithm = None if algorithm == GIT_BLOB else algorithm
        self.size = os.fstat(file.fileno()).st_size
        self.url: str | None = None
        self.validator: str | None = None
        self.length: int | None = None
        self._read_record()
        self._hash = self._hash_of_what_is_there()

    @property
    def is_whole(self) -> bool:
        """Whether every byte that was announced has come."""
        return self.url is not None and self.length == self.size

    def begin(self, url: str, *, validator: str | None, length: int | None) -> None:
        """Forget what is there and note what comes now."""
        # Bytes first: a record must never stand beside bytes of something else.
        self._file.truncate(0)
        self.size, self._hash = 0, self._new_hash()
        self.url, self.validator, self.length = url, validator, length
        record = {"url": url, "validator": validator, "length": length}
        self._record.write_text(json.dumps(record), encoding="utf-8")

    def clear(self) -> None:
        """Forget what is there; the next request asks for the whole file."""
        self._file.truncate(0)
        self._record.unlink(missing_ok=True)
        self.size, self._hash = 0, self._new_hash()
        self.url = self.validator = self.length = None

    def append(self, block: bytes) -> None:
        """Write a block through to the file: a killed process loses none but the next."""
        self._file.write(block)
        self._file.flush()
        self.size += len(block)
        if self._hash is not None:
            self._hash.update(block)

    def digest(self, algorithm: str) -> str:
        """Return the hash of all bytes so far, in hex; they are read again if it is another."""
        if self._hash is None or algorithm != self._algorithm:
            return file_digest(self.path, algorithm)
        return str(self._hash.hexdigest())

    def move_to(self, target: Path) -> None:
        """Put the bytes in their place."""
        os.replace(self.path, target)
        self._record.unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete bytes and record."""
        self.path.unlink(missing_ok=True)
        self._record.unlink(missing_ok=True)

    def _read_record(self) -> None:
        try:
            record = json.loads(self._record.read_text(encoding="utf-8"))
            self.url, self.validator = record["url"], record["validator"]
            self.length = record["length"]
        except (OSError, ValueError, KeyError, TypeError):
            # Half written, or not ours: bytes of unknown origin are of no use.
            self.clear()

    def _new_hash(self) -> Any:
        return hashlib.new(self._algorithm) if self._algorithm else None

    def _hash_of_what_is_there(self) -> Any:
        digest = self._new_hash()
        if digest is not None and self.size:
            with open(self.path, "rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
        return digest


@contextmanager
def hold(target: Path, *, algorithm: str | None = None) -> Iterator[Partial]:
    """Yield the partial file of ``target``; another process that wants it waits.

    The bytes, if any came, outlive errors.
    """
    path = partial_path(target)
    file = _open_locked(path)
    partial = None
    try:
        partial = Partial(file, path, algorithm=algorithm)
        yield partial
    except BaseException:
        if partial is not None and not partial.size:
            partial.remove()
        raise
    finally:
        file.close()  # which unlocks


def _open_locked(path: Path) -> BinaryIO:
    while True:
        file = open(path, "ab")
        try:
            _lock(file, path)
            if os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                return file
        except FileNotFoundError:
            pass
        except BaseException:
            file.close()
            raise
        # While we waited, the other process moved or removed the file that we have open.
        file.close()


def _lock(file: BinaryIO, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        log.info("%s: another process is at it; waiting for it", path)
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        log.warning("%s: this file system has no locks; start no second download", path)
