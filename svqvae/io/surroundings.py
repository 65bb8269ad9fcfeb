"""What is said of errors that are the machine's, not the user's and not ours."""

from __future__ import annotations

import errno
import os

#: What follows each, for the user.
_AGAIN = "start the run again, results that are whole are kept"
_FULL = f"free some and {_AGAIN}"
_OF_DISK = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: f"the system lets no file be so large (ulimit -f, quota); {_AGAIN}",
    errno.EACCES: "look at its owner and permissions",
    errno.EPERM: "look at its owner and permissions",
    errno.EROFS: "choose a folder that can be written to",
    errno.EIO: f"look whether the disk is sound, and {_AGAIN}",
    errno.ESTALE: f"the server lost it; {_AGAIN}",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "close other programs: all files that the machine can open are open",
}
#: What libraries say where memory ends; only some raise a MemoryError.
_OF_MEMORY = (
    "allocate memory",
    "not enough memory",
    "out of memory",
    "bad_alloc",
    "failed to map segment",
    "can't start new thread",
    "memory allocation failed",
    "unable to allocate",
)
_MORE = (
    "give it more (resources: mem_mb, or a machine with more), run fewer jobs at once (--cores), "
    "or choose fewer signatures or genes (filters)"
)
_NO_TEMPORARY = "No usable temporary directory found"


def sentence(error: BaseException) -> str | None:
    """Return what to tell of a full disk, memory that ends and the like; None for other errors.

    Examples
    --------
    >>> sentence(OSError(28, "No space left on device"))[:31]
    'No space left on device; free s'
    >>> sentence(KeyError("x"))
    """
    text = " ".join(str(error).split())
    is_import = isinstance(error, ImportError)
    if isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError | OSError | ImportError)
        and any(words in text.lower() for words in _OF_MEMORY)
    ):
        return f"the memory that it may use is full; {_MORE}"
    if is_import:
        return None
    if _NO_TEMPORARY in text:
        return (
            "there is no folder for temporary files; set TMPDIR to one that exists and can be "
            "written to"
        )
    if isinstance(error, FileNotFoundError) and error.filename is not None:
        return (
            f"{os.fsdecode(error.filename)}: no such file; it was moved or removed while the run "
            "went on"
        )
    told = of_disk(error)
    name = getattr(error, "filename", None)
    what = f"{os.fsdecode(name)}: " if isinstance(name, str | bytes) else ""
    return None if told is None else f"{what}{told}"


def of_disk(error: BaseException) -> str | None:
    """Return what to tell of a disk that does not take a file, without the file's name.

    Examples
    --------
    >>> of_disk(OSError("file write failed: errno = 28, error message = 'No space left on device'"))
    'No space left on device; free some and start the run again, results that are whole are kept'
    """
    # HDF5 and safetensors say it in words of their own.
    for code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS):
        if os.strerror(code) in str(error):
            return f"{os.strerror(code)}; {_OF_DISK[code]}"
    number = getattr(error, "errno", None)
    return f"{os.strerror(number)}; {_OF_DISK[number]}" if number in _OF_DISK else None
