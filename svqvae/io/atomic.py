"""Write a file beside its place, then move it in: a reader never sees half of one."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd

from svqvae.io.guards import move
from svqvae.io.output import cannot_be_written
from svqvae.io.spreadsheet import written


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; rename it to ``path`` on success.

    The file gets the permissions that the umask gives any new file, whatever its writer gave it:
    safetensors makes files that only their owner may read.

    Raises
    ------
    SvqvaeError
        If the system does not let it be written: no such place, no permission, a full disk.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    written = False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = _mode_of_new_files(temporary)
        yield temporary
        written = True
        os.chmod(temporary, mode)
        move(temporary, path)
    except OSError as error:
        # A writer that wrote nothing is a fault of ours.
        wrote_nothing = written and isinstance(error, FileNotFoundError)
        if wrote_nothing or not _is_about(error, path, temporary):
            raise
        raise cannot_be_written(path, error) from error
    finally:
        # What cannot be removed was not made, and what was raised says why.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _is_about(error: OSError, *mine: Path) -> bool:
    """Return whether an error is of writing here, not of another file that was read meanwhile."""
    if error.filename is None:
        return error.errno is not None
    names = {os.fspath(p) for path in mine for p in (path, *path.parents)}
    return os.fsdecode(error.filename) in names


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


def write_table(table: pd.DataFrame, path: str | Path, *, inert: bool = False) -> None:
    """Write a table, floats to six significant digits; tabs between fields, commas in .csv.

    Parameters
    ----------
    inert
        Whether names that a spreadsheet would take for formulas get an apostrophe before them; in
        a run, its configuration says so (:mod:`svqvae.io.spreadsheet`).
    """
    separator = "," if Path(path).suffix.lower() == ".csv" else "\t"
    with atomic_path(path) as temporary:
        written(table, inert=inert).to_csv(
            temporary, sep=separator, index=False, float_format="%.6g"
        )
