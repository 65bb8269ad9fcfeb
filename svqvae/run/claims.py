"""Claims of folders: one run at a time works in each, and a claim whose run is gone is none.

A claim is a small file in the folder. Whether its run lives is known at once on the same machine,
by the process. From another machine, as on a shared file system, it is known by a sign of life: the
run touches the file every few seconds, and who wants the folder watches for that. No two clocks
are compared.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from svqvae.errors import SvqvaeError
from svqvae.io.output import cannot_be_written
from svqvae.run.owner import Run

#: Name of the file of a claim in its folder.
FILE = ".run.json"
#: Seconds between two signs of life.
BEAT = 10.0
#: Seconds without one after which a run on another machine is gone: servers may show one late.
SILENCE = 4 * BEAT
#: Seconds until a claim is looked at again after it was taken from a run that is gone: of several
#: that take it at once the last one has it.
_SETTLING = 1.0


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Who works in a folder.

    Attributes
    ----------
    run
        Name of the run (:attr:`svqvae.run.owner.Run.name`).
    host, pid, since
        For people: the machine, the process, and when it started.
    workdir
        Where it was started.
    files
        Files, and folders with a slash at the end, that it makes.
    """

    run: str
    host: str = ""
    pid: int = 0
    since: str = ""
    workdir: str = ""
    files: tuple[str, ...] = ()

    @property
    def described(self) -> str:
        """Return the run as a person would look for it."""
        return f"process {self.pid} on {self.host}, since {self.since}"


def read(path: Path) -> Claim | None:
    """Return the claim in a file; None without one. One that is just being made has no run."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Claim(**{**found, "files": tuple(found["files"])})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError):
        return Claim(run="")


def lives(
    path: Path,
    claim: Claim,
    *,
    wait: Callable[[float], None] = time.sleep,
    tell: Callable[[str], None] = lambda line: None,
) -> bool:
    """Return whether the run of a claim is there; from another machine that takes a while.

    Parameters
    ----------
    path
        File of the claim.
    wait
        Called with seconds to wait.
    tell
        Called with a line for people before a longer wait.
    """
    run = Run.named(claim.run)
    if run is not None:
        return run.lives()
    tell(f"{path.parent}: looking for a sign of life of {claim.described}, up to {SILENCE:.0f} s")
    before = _touched(path)
    step = BEAT / 4
    for _ in range(round(SILENCE / step)):
        wait(step)
        if _touched(path) != before:
            return read(path) is not None
    return False


def _touched(path: Path) -> int | None:
    """Return when a file was last touched, by its server: opening asks a server for what is new."""
    try:
        with path.open("rb") as file:
            return os.fstat(file.fileno()).st_mtime_ns
    except OSError:
        return None


class Claims:
    """The folders that a run works in.

    Parameters
    ----------
    folders
        To claim.
    files
        See :class:`Claim`.
    run
        This run.
    tell
        See :func:`lives`.
    """

    def __init__(
        self,
        folders: Iterable[str | Path],
        files: Iterable[str],
        run: Run,
        *,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._tell = tell
        self.paths = [Path(folder) / FILE for folder in sorted(map(str, folders))]
        self._mine = Claim(
            run=run.name,
            host=run.place.split(" ")[0],
            pid=run.pid,
            since=time.strftime("%Y-%m-%d %H:%M"),
            workdir=os.getcwd(),
            files=tuple(files),
        )
        self._held: list[Path] = []
        self._pid = os.getpid()
        self._released = threading.Event()
        #: Claims of runs that were found gone, by the name of the run.
        self.gone: dict[str, Claim] = {}

    def take(self) -> None:
        """Claim all folders, or none.

        Raises
        ------
        SvqvaeError
            Names the folder and the run that works in it; or why the claim cannot be written.
        """
        try:
            for path in self.paths:
                self._take(path)
                self._held.append(path)
        except BaseException:
            self.release()
            raise

    def _take(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            while not self._make(path):
                other = read(path)
                if other is None:  # released just now
                    continue
                if other.run == self._mine.run:
                    return
                if other.run not in self.gone and lives(path, other, tell=self._tell):
                    raise SvqvaeError(
                        f"{path.parent}: another run works in it ({other.described}): "
                        "wait for it, stop it, or give this one another folder (results: in the "
                        "configuration)"
                    )
                self.gone[other.run] = other
                self._replace(path, other)
                time.sleep(_SETTLING)
                if self._holds(path):
                    return
        except OSError as error:
            raise cannot_be_written(path, error) from error

    def _make(self, path: Path) -> bool:
        """Make the file, if it is not there."""
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(self._text)
        except FileExistsError:
            return False
        return True

    def _replace(self, path: Path, other: Claim) -> None:
        new = path.with_name(f"{path.name}.{os.getpid()}.part")
        new.write_text(self._text, encoding="utf-8")
        try:
            if read(path) == other:
                os.replace(new, path)
        finally:
            new.unlink(missing_ok=True)

    def _holds(self, path: Path) -> bool:
        found = read(path)
        return found is not None and found.run == self._mine.run

    @property
    def _text(self) -> str:
        return json.dumps(asdict(self._mine), indent=1)

    def keep(self, lost: Callable[[Path], None]) -> None:
        """Give signs of life, from a thread of its own, until the claims are released.

        Parameters
        ----------
        lost
            Called with the file of a claim that another run has taken.
        """
        threading.Thread(target=self._keep, args=(lost,), daemon=True).start()

    def _keep(self, lost: Callable[[Path], None]) -> None:
        while not self._released.wait(BEAT):
            taken = self.beat()
            if taken is not None and not self._released.is_set():
                lost(taken)

    def beat(self) -> Path | None:
        """Give a sign of life; return the file of a claim that another run has taken, if any."""
        for path in self._held:
            with suppress(OSError):  # a server that is away for a while
                if not self._holds(path) and not self._make(path):
                    return path
                os.utime(path)
        return None

    def release(self) -> None:
        """Give up what is held; a fork of the process that claimed it holds nothing."""
        if os.getpid() != self._pid:
            return
        self._released.set()
        for path in self._held:
            with suppress(OSError):
                if self._holds(path):
                    path.unlink()
                    path.parent.rmdir()  # if nothing came of it
        self._held.clear()

    def others(self) -> dict[Path, Claim]:
        """Return the claims of other runs that live, and note those that are gone."""
        found = {}
        for path in self.paths:
            other = read(path)
            if other is None or other.run == self._mine.run or other.run in self.gone:
                continue
            if lives(path, other, tell=self._tell):
                found[path] = other
            else:
                self.gone[other.run] = other
        return found

    @property
    def gone_here(self) -> list[Claim]:
        """Return the claims of runs that were started in this folder and are gone."""
        here = os.getcwd()
        return [claim for claim in self.gone.values() if claim.workdir == here]

    def is_gone(self, run: str) -> bool:
        """Return whether the run of a name is known to be gone."""
        return run in self.gone or Run.ended(run)
