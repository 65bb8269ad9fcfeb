"""Whether a file can be written where it is wanted, found out before the work is done."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from svqvae.errors import SvqvaeError
from svqvae.io.surroundings import of_disk
from svqvae.io.text import brief


def require_writable(
    path: str | Path, *, suffixes: Iterable[str] = (), inputs: Iterable[str | Path] = ()
) -> Path:
    """Return ``path`` if a file can be written there, without writing it.

    Permissions do not tell it of every file system, nor for root: a file beside ``path`` is
    made and removed, as :func:`svqvae.io.atomic.atomic_path` will make one.

    Parameters
    ----------
    suffixes
        Ends of the name that say what is written; any by default.
    inputs
        Files that are read for it and must not be replaced.

    Raises
    ------
    SvqvaeError
        If the name has another end, the place is a folder, lies below a file or cannot be
        written, or the file is one of the inputs.
    """
    path, suffixes = Path(path), tuple(suffixes)
    if os.path.isdir(path):
        raise SvqvaeError(f"{path}: a folder; name the file to write in it")
    if suffixes and not path.name.lower().endswith(suffixes):
        raise SvqvaeError(f"{path}: expected a name that ends in {' or '.join(suffixes)}")
    try:
        for source in inputs:
            if os.path.exists(path) and os.path.exists(source) and path.samefile(source):
                raise SvqvaeError(f"{path}: is read and would be replaced; choose another name")
        folder = next(parent for parent in path.absolute().parents if os.path.lexists(parent))
        if not folder.is_dir():
            raise SvqvaeError(f"{path}: cannot be written: {folder} is not a folder")
        trial = folder / f".{path.name}.{os.getpid()}.part"
        with open(trial, "xb"):
            pass
        trial.unlink()
    except (OSError, ValueError) as error:
        raise cannot_be_written(path, error) from error
    return path


def refuse_twin_columns(path: str | Path, obs: pd.DataFrame, var: pd.DataFrame) -> None:
    """Raise an error where two columns of a table have one name: a file holds one of a name."""
    problems = []
    for what, table in (("obs", obs), ("var", var)):
        names = table.columns.astype(str)
        for name in names[names.duplicated()].unique():
            problems.append(f"{path}: two columns of {what} are called {brief(name)}; rename one")
    if problems:
        raise SvqvaeError(problems)


def cannot_be_written(path: Path, error: Exception) -> SvqvaeError:
    """Return what to tell of a file that the system does not let us write."""
    # Some libraries say it in several lines, and name the temporary file.
    cause = of_disk(error) or getattr(error, "strerror", None) or " ".join(str(error).split())
    return SvqvaeError(f"{path}: cannot be written: {cause}")
