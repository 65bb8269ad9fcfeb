"""A full disk, the end of memory and the like are told in one sentence."""

import errno
import os

import pytest

from svqvae.io.surroundings import sentence


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a.tsv"), "a.tsv: No space left"),
        (RuntimeError("write failed (errno = 28, No space left on device)"), "No space left"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS), "a"), "a: Read-only file system; choose"),
        (OSError(errno.EFBIG, os.strerror(errno.EFBIG)), "File too large; the system lets"),
        (PermissionError(errno.EACCES, "Permission denied", "a"), "a: Permission denied; look"),
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files; raise the limit"),
        (FileNotFoundError(errno.ENOENT, "No such file", "in.gctx"), "in.gctx: no such file; it"),
        (
            FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/x']"),
            "set TMPDIR",
        ),
        (MemoryError(), "the memory that it may use is full; give it more"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: tried"), "the memory that it"),
        (ImportError("libtorch_cpu.so: failed to map segment from shared"), "the memory that it"),
        (RuntimeError("can't start new thread"), "the memory that it"),
    ],
)
def test_told(error, told):
    assert told in sentence(error)
    assert "\n" not in sentence(error)


@pytest.mark.parametrize(
    "error",
    [KeyError("x"), RuntimeError("x"), ImportError("no module"), ValueError("out of memory bank")],
)
def test_faults_of_ours_are_not(error):
    assert sentence(error) is None
