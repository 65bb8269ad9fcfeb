"""What GCTX and h5ad share: an HDF5 file that is checked when opened, errors for people."""

from __future__ import annotations

import errno
import os
import re
import zlib
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from traceback import walk_tb
from typing import ClassVar

import h5py
import numpy as np

from svqvae.errors import SvqvaeError, shortened
from svqvae.io import sums
from svqvae.io.hdf5_inside import require_own_links, require_sound
from svqvae.io.identify import identify
from svqvae.io.limits import require_memory
from svqvae.io.missing import LINCS_NULL
from svqvae.io.signature_file import SignatureFile
from svqvae.io.text import compression_of
from svqvae.io.unpack import unpack

#: What h5py and anndata raise on bytes that are not what they should be, beside RuntimeError.
_DAMAGE = (
    *(OSError, KeyError, ValueError, TypeError, IndexError, OverflowError),
    *(AttributeError, NotImplementedError, zlib.error),
)
#: Of these, what is a fault of the program where our own code raises it.
_FAULTS = (KeyError, TypeError, IndexError, AttributeError, NotImplementedError)
#: What the system says of a file that is sound, and in words where its own are not plain.
_SYSTEM = {
    errno.EAGAIN: "it is in use: another program has it open to write",
    errno.EACCES: None,
    errno.EPERM: None,
    errno.EIO: None,
    errno.EMFILE: None,
    errno.ENFILE: None,
    errno.ESTALE: None,
}
_ROWS = 1024
#: What is said of a number that becomes infinite in float32.
BEYOND_FLOAT32 = "beyond the range of float32 (3.4e38)"


class Damaged(Exception):
    """A part of an HDF5 file is not what it should be, or of no kind that is read."""


@contextmanager
def damage() -> Iterator[None]:
    """Turn what h5py and anndata raise on damaged bytes into :class:`Damaged`.

    A plain RuntimeError is h5py's for whatever libhdf5 has no name for. Those that derive from it,
    a RecursionError above all, are faults of the program and stay what they are; so does a
    KeyError and the like that our own code raises, not what it calls.
    """
    try:
        yield
    except _DAMAGE as error:
        is_fault = isinstance(error, _FAULTS) and _raised_here(error)
        if is_fault or getattr(error, "errno", None) in _SYSTEM:
            raise
        raise Damaged(plain(error)) from error
    except RuntimeError as error:
        if type(error) is not RuntimeError:
            raise
        raise Damaged(plain(error)) from error


def _raised_here(error: BaseException) -> bool:
    """Return whether a line of this package raised an error, not h5py or another library."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    return str(frames[-1].f_globals.get("__name__")).startswith("svqvae.")


class Hdf5File(SignatureFile):
    """An open HDF5 file of signatures.

    Raises
    ------
    SvqvaeError
        If it is not of its kind, is damaged, or its parts do not fit together.
    """

    #: What it is not, if it cannot be read.
    kind: ClassVar[str]

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        #: Where the HDF5 lies: the file itself, or what was unpacked from it.
        self.hdf5_path = self.path
        with ExitStack() as on_error, self._plain_errors():
            if (packing := compression_of(self.path)) is not None:
                unpacked = on_error.enter_context(unpack(self.path, packing))
                self.hdf5_path = Path(unpacked.name)
            #: Of the rows of the matrix, where the file is of ours.
            self._sums = sums.checked(self.hdf5_path)
            self._file = on_error.enter_context(h5py.File(self.hdf5_path, "r"))
            sums.require_end(self.hdf5_path, self._file)
            require_own_links(self._file, self.path)
            self._check()
            self._open = on_error.pop_all()

    @abstractmethod
    def _check(self) -> None:
        """Raise an SvqvaeError if names, shapes or types are not those of this kind."""

    def close(self) -> None:
        """Close the HDF5 file; what it was unpacked to is removed."""
        self._open.close()

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            with damage():
                yield
        except FloatingPointError as error:
            raise SvqvaeError(f"{self.path}: its matrix holds a number {BEYOND_FLOAT32}") from error
        except MemoryError as error:
            raise SvqvaeError(
                f"{self.path}: does not fit into memory ({plain(error)}); read a part of it, or "
                "look whether the file is damaged"
            ) from error
        except OSError as error:  # not of its bytes
            cause = _SYSTEM.get(error.errno or 0) or os.strerror(error.errno or errno.EIO)
            raise SvqvaeError(f"{self.path}: cannot be read: {cause}") from error
        except Damaged as error:
            what = identify(self.hdf5_path)
            cause = f": it is {what}" if what else f", or truncated or damaged ({error})"
            if what and what in self.kind:  # what its name says, so it is damaged
                cause = f", or truncated or damaged ({error})"
            raise SvqvaeError(f"{self.path}: not {self.kind} file{cause}") from error

    def _refuse_other_kind(self, reason: str) -> None:
        """Raise what the file is, if that can be told, else why it is not of this kind."""
        what = identify(self.hdf5_path)
        is_other = what is not None and what not in self.kind
        note = f"; it is {what}" if is_other else ""
        raise SvqvaeError(f"{self.path}: not {self.kind} file, {reason}{note}")


def plain(error: BaseException) -> str:
    """Return an error's own words on one line, shortened."""
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return shortened(" ".join(text.split()), 200) or type(error).__name__


# -- parts ----------------------------------------------------------------------------------
def group_of(file: h5py.File, name: str) -> h5py.Group | None:
    """Return a group that is not needed, or None where there is none that can be opened."""
    try:
        with damage():
            found = file.get(name)
    except Damaged:  # a link that leads nowhere or to itself
        return None
    return found if isinstance(found, h5py.Group) else None


def whole(dataset: h5py.Dataset, what: str) -> np.ndarray:
    """Return all values of a data set that this machine can hold."""
    require_sound(dataset, what)
    # Text becomes objects, which take more than the bytes of their pointers.
    each = 64 if dataset.dtype.kind in "OS" else dataset.dtype.itemsize
    require_memory((dataset.size or 0) * max(each, dataset.dtype.itemsize), what)
    return dataset[...]


# -- values ------------------------------------------------------------------------------------
def without_null(x: np.ndarray) -> np.ndarray:
    """Set -666, the null of LINCS, to NaN in place, by a fixed buffer; return ``x``."""
    for start in range(0, len(x), _ROWS):
        part = x[start : start + _ROWS]
        part[part == LINCS_NULL] = np.nan
    return x


def decoded(values: list[bytes]) -> list[str]:
    """Decode HDF5 strings; bytes that are not UTF-8 are Latin-1."""
    try:
        text = b"\n".join(values).decode("utf-8").split("\n")
    except UnicodeDecodeError:
        text = []
    if len(text) != len(values):  # not UTF-8, or a line end within a value
        text = [_decode(value) for value in values]
    return text


def _decode(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


# -- writing -----------------------------------------------------------------------------------
@contextmanager
def new_hdf5(path: Path) -> Iterator[h5py.File]:
    """Open a new HDF5 file to write in; a full disk is an OSError with its number.

    libhdf5 cannot let go of a file whose last bytes do not fit: the process would crash when it
    ends. Its descriptor is turned to the null device, which takes them.
    """
    file = h5py.File(path, "w")
    file.attrs[sums.ATTRIBUTE] = 1
    descriptor = file.id.get_vfd_handle()
    try:
        yield file
        file.close()
    except (OSError, RuntimeError) as error:
        if getattr(error, "filename", None) is not None:  # of another file, read meanwhile
            raise
        number = re.search(r"errno = (\d+)", str(error))
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, descriptor)
        os.close(null)
        with suppress(OSError, RuntimeError):
            file.close()
        if number is None and getattr(error, "errno", None) is None:
            raise
        code = int(number[1]) if number else getattr(error, "errno", None) or errno.EIO
        raise OSError(code, os.strerror(code)) from error
    finally:
        if file:
            with suppress(OSError, RuntimeError):
                file.close()


def fill(matrix: h5py.Dataset, x: np.ndarray | Iterable[np.ndarray]) -> np.ndarray:
    """Write a matrix, or its parts in order, into a data set of its size; return sums of its rows.

    They are of the values that were to be written, not of what the file then has.
    """
    start, found = 0, [np.empty(0, dtype="<u4")]
    for block in [x] if isinstance(x, np.ndarray) else x:
        if len(block):
            stored = np.ascontiguousarray(block, dtype=matrix.dtype)
            matrix[start : start + len(block)] = stored
            found.append(sums.row_sums(stored))
        start += len(block)
    return np.concatenate(found)
