"""Results of earlier runs, kept until a run has made them anew.

Snakemake deletes the outputs of a job before the job starts, so that a job that fails would
cost the results that were there. Links beside them cost nothing. Several runs, of several
configurations, may share a folder of results: each keeps its links by itself.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote

#: Folder of the links, in that of the results; in it is one for each run.
FOLDER = ".kept"
#: Where a file system has no links, larger files are not kept.
_COPIED = 100_000_000
#: Folders of what is not kept. Simulated signatures are made from nothing but settings, in seconds:
#: what is put back would pass for new. Models of folds are temporary: the run deletes them itself.
_NOT_KEPT = {"simulated", "folds"}
#: Time of a file that was put back: older than whatever it is made from, so the next run makes it.
_OLD = 1.0


def keep(
    results: str | Path, parts: Iterable[str], *, run: str, ended: Callable[[str], bool]
) -> None:
    """Link the files of a run before it starts, and take over what killed runs left.

    Parameters
    ----------
    results
        Folder of the results.
    parts
        Files and folders in it that the run may make; hidden files are left out.
    run
        What this run is called.
    ended
        Says whether the run of a name is known to have ended.
    """
    results = Path(results)
    mine = _folder(results, run)
    for other in _others(results, run):
        if ended(unquote(other.name)):
            _take_over(other, mine, results)
    for part in parts:
        root = results / part
        for path in [root] if root.is_file() else sorted(root.rglob("*")):
            inside = path.relative_to(results)
            hidden = any(p.startswith(".") for p in inside.parts)
            if path.is_file() and not hidden and not _NOT_KEPT & set(inside.parts[1:3]):
                _link(path, mine / inside)


def put_back(results: str | Path, *, run: str, ended: Callable[[str], bool]) -> list[Path]:
    """Put back what a run deleted and did not make, and drop its links; return what was put back.

    What is put back is dated as old, so that the next run makes it again: the file may come
    from other settings or code. What another run keeps too is left to that run: it may be
    making it. The parameters are those of :func:`keep`.
    """
    results = Path(results)
    mine, back = _folder(results, run), []
    others = [other for other in _others(results, run) if not ended(unquote(other.name))]
    for link in _files(mine):
        inside = link.relative_to(mine)
        place = results / inside
        if not place.exists() and not any((other / inside).exists() for other in others):
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(link, place)
            os.utime(place, (_OLD, _OLD))
            back.append(place)
    _remove(mine)
    return back


def _folder(results: Path, run: str) -> Path:
    return results / FOLDER / quote(run, safe="")


def _others(results: Path, run: str) -> list[Path]:
    """Return the folders of all other runs."""
    mine, kept = _folder(results, run), results / FOLDER
    return [path for path in sorted(kept.iterdir()) if path != mine] if kept.is_dir() else []


def _files(folder: Path) -> Iterator[Path]:
    yield from (p for p in sorted(folder.rglob("*")) if p.is_file())


def _take_over(other: Path, mine: Path, results: Path) -> None:
    """Move the links to what an ended run deleted and did not make."""
    for link in _files(other):
        inside = link.relative_to(other)
        if not (results / inside).exists():
            (mine / inside).parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # a run that starts now took it
                os.replace(link, mine / inside)
    _remove(other)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # not there, or of other runs too
        folder.parent.rmdir()


def _link(path: Path, link: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    try:
        os.link(path, link)
    except OSError:
        if path.stat().st_size <= _COPIED:
            shutil.copy2(path, link)
