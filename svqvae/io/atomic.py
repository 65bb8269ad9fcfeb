"""Write a file beside its place, then move it in: a reader never sees half of one."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; rename it to ``path`` on success.

    The file gets the permissions that the umask gives any new file, whatever its writer gave it:
    safetensors makes files that only their owner may read.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        mode = _mode_of_new_files(temporary)
        yield temporary
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _mode_of_new_files(path: Path) -> int:
    """Return the permissions of a new file at ``path``, which is made for it and removed."""
    # Asking for the umask means to set it, which other threads would notice.
    path.unlink(missing_ok=True)
    new = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    try:
        return stat.S_IMODE(os.fstat(new).st_mode)
    finally:
        os.close(new)
        path.unlink()


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write a tab-separated table, floats to six significant digits."""
    with atomic_path(path) as temporary:
        table.to_csv(temporary, sep="\t", index=False, float_format="%.6g")
