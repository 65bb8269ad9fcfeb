"""What a job asks before it writes: a job that outlived its run replaces nothing."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from svqvae.errors import SvqvaeError
from svqvae.io.guards import Guard
from svqvae.run import claims
from svqvae.run.owner import VARIABLE, Run

#: Environment variable with the files of the claims of the run (:mod:`svqvae.run.claims`), as JSON.
CLAIMS = "SVQVAE_CLAIMS"


@dataclass
class Owner:
    """The run that started a job, as the job sees it.

    Parameters
    ----------
    name
        Of the run; None if it did not name itself.
    files
        Of its claims. A job on another machine than its run knows of it by them.
    """

    name: str | None
    files: Sequence[str | Path] = ()
    _seen: set[Path] = field(init=False, default_factory=set)

    @classmethod
    def declared(cls) -> Owner:
        """Return the run that the environment names."""
        return cls(os.environ.get(VARIABLE), json.loads(os.environ.get(CLAIMS, "[]")))

    @staticmethod
    def declare(run: Run, files: Iterable[str | Path] = ()) -> None:
        """Name a run for the jobs that it starts from now on."""
        os.environ[VARIABLE] = run.name
        os.environ[CLAIMS] = json.dumps([str(file) for file in files])

    @property
    def is_near(self) -> bool:
        """Whether the run's process can be seen from here."""
        return Run.named(self.name) is not None

    def lives(self) -> bool:
        """Return whether the run is there, as far as can be known, and still has its folders."""
        run = Run.named(self.name)
        if run is not None and not run.lives():
            return False
        return all(self._holds(Path(file)) for file in self.files)

    def _holds(self, file: Path) -> bool:
        claim = claims.read(file)
        if claim is None:
            # A server may show a new file late; one that was there was given up.
            return file not in self._seen
        self._seen.add(file)
        return claim.run in (self.name, "")


@dataclass
class Outputs:
    """The files that a job is to write, as they were when it started.

    Parameters
    ----------
    paths
        Outputs of the job.
    owner
        The run that started it.
    """

    paths: Iterable[str | Path]
    owner: Owner
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
        if not self.owner.lives():
            raise SvqvaeError(
                f"{what}: the run that started this job is gone, or another has its folder"
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
    """Return what tells a file from another in its place; its times may change on a server.

    Of a folder nothing does: the job fills it.
    """
    try:
        found = path.stat()
    except OSError:
        return None
    return None if stat.S_ISDIR(found.st_mode) else (found.st_ino, found.st_size)
