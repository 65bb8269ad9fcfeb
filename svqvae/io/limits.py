"""How much memory there is, so that what a file claims can be refused before it is taken."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from svqvae.errors import SvqvaeError

#: Where Linux tells the limit of a container or job, in its second and first version.
_CGROUPS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def memory() -> int:
    """Return the bytes of memory that this process may use: the machine's, or a limit below it."""
    found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for path in _CGROUPS:
        try:
            text = path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        found += [int(text)] if text.isdecimal() else []
    if sys.platform != "win32":
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_AS)
        found += [soft] if soft != resource.RLIM_INFINITY else []
    return min(n for n in found if n > 0)


def require_memory(n_bytes: int, what: str) -> None:
    """Raise an error if this machine cannot hold so many bytes."""
    if n_bytes > memory():
        raise SvqvaeError(
            f"{what} takes {n_bytes / 1e9:,.0f} GB; this machine has {memory() / 1e9:,.0f} GB "
            "of memory: read a part of it, or look whether the file is damaged"
        )


@contextmanager
def fitting(path: str | Path) -> Iterator[None]:
    """Turn the end of memory, while a file is read, into a sentence on that file."""
    try:
        yield
    except MemoryError as error:
        reason = " ".join(str(error).split())[:200] or "memory is full"
        raise SvqvaeError(
            f"{path}: does not fit into memory ({reason}); read a part of it, or look whether the "
            "file is damaged"
        ) from error
