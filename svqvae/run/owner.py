"""Which run a job belongs to, so that a job whose run was killed replaces nothing."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from svqvae.errors import SvqvaeError
from svqvae.io.guards import Guard

#: Environment variable that a run names itself by, for its jobs.
VARIABLE = "SVQVAE_RUN"


@dataclass(frozen=True)
class Run:
    """A process that starts jobs: where it is, its number, and when it started."""

    place: str
    pid: int
    started: str

    @classmethod
    def current(cls) -> Run:
        """Return this process."""
        return cls(_place(), os.getpid(), _started(os.getpid()) or "")

    @classmethod
    def named(cls, text: str | None) -> Run | None:
        """Return the run that :meth:`declare` named, as long as it can be watched from here.

        None on another machine, or in a container that has process numbers of its own: whether
        it lives is unknown there.
        """
        place, _, rest = (text or "").partition("/")
        pid, _, started = rest.partition("/")
        return cls(place, int(pid), started) if pid.isdecimal() and place == _place() else None

    @property
    def name(self) -> str:
        """What :meth:`named` knows the run by."""
        return f"{self.place}/{self.pid}/{self.started}"

    def declare(self) -> None:
        """Name the run for the jobs that it starts."""
        os.environ[VARIABLE] = self.name

    @classmethod
    def ended(cls, name: str) -> bool:
        """Whether the run of a name is known to be gone; False where it cannot be watched."""
        run = cls.named(name)
        return run is not None and not run.lives()

    def lives(self) -> bool:
        """Whether the process is there, and still the same one."""
        return _started(self.pid) == self.started


def _place() -> str:
    """Return the machine, and whose process numbers these are."""
    try:
        numbers = os.readlink("/proc/self/ns/pid")
    except OSError:
        numbers = ""
    return f"{socket.gethostname()} {numbers}"


def _started(pid: int) -> str | None:
    """Return when a process started, empty where the system does not say; None if it is gone."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").is_file():
        try:
            # The name, in brackets, may hold anything; state is the first field after it.
            state, *fields = (
                stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            )
        except OSError:
            return None
        # A zombie waits to be noticed, but runs no more.
        return None if state == "Z" else fields[18]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return ""
    return ""


@dataclass
class Outputs:
    """The files that a job is to write, as they were when it started.

    Parameters
    ----------
    paths
        Outputs of the job.
    run
        The run that started it; None if that is unknown.
    """

    paths: Iterable[str | Path]
    run: Run | None
    _seen: dict[Path, tuple[int, int] | None] = field(init=False)

    def __post_init__(self) -> None:
        self._seen = {Path(p).absolute(): _state(Path(p)) for p in self.paths}

    def guard(self) -> Guard:
        """Return what is asked before a file is moved into its place."""
        return Guard(self.check, self._note)

    def check(self, path: Path | None = None) -> None:
        """Refuse if the run is gone, or an output was made by another job meanwhile.

        Raises
        ------
        SvqvaeError
            Names the file, if there is one, and what happened.
        """
        what = f"{path}: not written" if path else "stopped"
        if self.run is not None and not self.run.lives():
            raise SvqvaeError(
                f"{what}: the run that started this job (process {self.run.pid}) is gone; "
                "start it again"
            )
        for output, seen in self._seen.items():
            if _state(output) != seen:
                raise SvqvaeError(
                    f"{what}: {output} was made or removed by another run while this job ran"
                )

    def _note(self, path: Path) -> None:
        if path.absolute() in self._seen:
            self._seen[path.absolute()] = _state(path)


def _state(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another in its place; its times may change on a server."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size
