"""Which run a job belongs to, and whether it still lives."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

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
