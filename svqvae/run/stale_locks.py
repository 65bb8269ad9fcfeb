"""Locks of Snakemake's whose run is gone: they are removed, so that the next run simply goes on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from svqvae.run.claims import Claim

#: Where Snakemake keeps its locks, in the folder where it was started. Each lists files.
LOCKS = Path(".snakemake/locks")


def remove_stale(gone: Iterable[Claim], *, locks: Path = LOCKS) -> list[Path]:
    """Remove the locks on files of runs that are gone; return them.

    Parameters
    ----------
    gone
        Claims of runs that were started here and are gone.
    locks
        Folder of the locks.
    """
    files = {file for claim in gone for file in claim.files}
    folders = tuple(file for file in files if file.endswith("/"))
    removed = []
    for lock in sorted(locks.glob("*.lock")) if files else []:
        listed = lock.read_text(encoding="utf-8", errors="replace").splitlines()
        if any(line in files or line.startswith(folders) for line in listed):
            lock.unlink(missing_ok=True)
            removed.append(lock)
    return removed
