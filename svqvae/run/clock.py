"""Files of a run that are dated in the future, as after the clock went back."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

#: Seconds that the clocks of a file server and of this machine may differ by.
_APART = 1.0


def date_now(places: Iterable[str | Path]) -> list[Path]:
    """Date files now that are dated later; return them.

    Snakemake takes an output that is older than its input for outdated, and fails the job that just
    made it. What lies in the future would be newer than all that is made of it.

    Parameters
    ----------
    places
        Files, and folders, of which all files are looked at. Those that are not there, or belong to
        another user, are left alone.
    """
    now = time.time()
    dated = []
    for place in map(Path, places):
        files = place.rglob("*") if place.is_dir() else [place]
        for path in files:
            with suppress(FileNotFoundError, PermissionError):
                if path.lstat().st_mtime > now + _APART and not path.is_symlink():
                    os.utime(path, (now, now))
                    dated.append(path)
    return sorted(dated)
