"""Results of earlier runs, kept until a run has made them anew.

Snakemake deletes the outputs of a job before the job starts, so that a job that fails would
cost the results that were there. Links beside them cost nothing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

#: Folder of the links, in that of the results.
FOLDER = ".kept"
#: Where a file system has no links, larger files are not kept.
_COPIED = 100_000_000
#: Made from nothing but settings, in seconds: what is put back would pass for new.
_SIMULATED = "simulated"
#: Time of a file that was put back: older than whatever it is made from, so the next run makes it.
_OLD = 1.0


def keep(results: str | Path, parts: Iterable[str]) -> None:
    """Link the files of a run before it starts.

    Parameters
    ----------
    results
        Folder of the results.
    parts
        Files and folders in it that the run may make; hidden files are left out.
    """
    results = Path(results)
    for part in parts:
        root = results / part
        for path in [root] if root.is_file() else sorted(root.rglob("*")):
            inside = path.relative_to(results)
            hidden = any(p.startswith(".") for p in inside.parts)
            if path.is_file() and not hidden and inside.parts[1:2] != (_SIMULATED,):
                _link(path, results / FOLDER / inside)


def put_back(results: str | Path) -> list[Path]:
    """Put back what a run deleted and did not make, and drop the links; return what was put back.

    What is put back is dated as old, so that the next run makes it again: the file may come
    from other settings or code.
    """
    results = Path(results)
    kept, back = results / FOLDER, []
    for link in sorted(kept.rglob("*")) if kept.is_dir() else ():
        place = results / link.relative_to(kept)
        if link.is_file() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(link, place)
            os.utime(place, (_OLD, _OLD))
            back.append(place)
    shutil.rmtree(kept, ignore_errors=True)
    return back


def _link(path: Path, link: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    try:
        os.link(path, link)
    except OSError:
        if path.stat().st_size <= _COPIED:
            shutil.copy2(path, link)
