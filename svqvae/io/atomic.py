"""Write a file beside its place, then move it in: a reader never sees half of one."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pandas as pd

from svqvae.io.guards import move
from svqvae.io.output import cannot_be_written
from svqvae.io.spreadsheet import written

#: How floats are written: six significant digits.
_DIGITS = "%.6g"


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
        _with_digits(written(table, inert=inert)).to_csv(
            temporary, sep=separator, index=False, float_format=_DIGITS
        )


def _with_digits(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns of floats are the text that pandas would write, empty for none.

    Pandas checks each number several times: half of what a query of 10,000 signatures took.
    """
    table = table.copy(deep=False)
    for at, kind in enumerate(table.dtypes):
        if isinstance(kind, np.dtype) and kind.kind == "f":
            values = table.iloc[:, at].to_numpy().tolist()
            text = ["" if v != v else _DIGITS % v for v in values]
            table.isetitem(at, pd.Series(text, index=table.index, dtype=object))
    return table
