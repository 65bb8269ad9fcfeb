"""How long the jobs of a run took, with how much memory, by which command: beside the logs.

No part of the page, whose bytes depend on the inputs alone.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from svqvae.io.atomic import atomic_path

#: In the folder of the logs.
TIMES, COMMANDS = "run_times.tsv", "commands.tsv"
#: How the log of a job that did its work ends (workflow/scripts/_job.py).
_DONE = re.compile(
    r"(?P<ended>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ INFO done in (?P<seconds>[\d.]+) s, of one "
    r"core (?P<core>[\d.]+) s; at most (?P<mb>\d+) MB\s*$"
)
_HEAD = "job\tended\tseconds\tcore_seconds\tpeak_mb\n"
#: Bytes of a log's end that are read.
_END = 1_000


def note_run(logs: str | Path, *, command: Sequence[str], begun: datetime, result: str) -> None:
    """Write what each job took, and add the command to those of earlier runs.

    Parameters
    ----------
    logs
        Folder of the logs; where there is none, no job ran and nothing is written.
    result
        How the run ended.
    """
    logs = Path(logs)
    if not logs.is_dir():
        return
    with atomic_path(logs / TIMES) as temporary:
        temporary.write_text(_HEAD + "".join(map(_row, job_times(logs))), encoding="utf-8")
    path = logs / COMMANDS
    before = path.read_text(encoding="utf-8") if path.is_file() else "begun\tresult\tcommand\n"
    # One line, whatever the arguments hold.
    words = shlex.join(command).replace("\t", "\\t").replace("\n", "\\n")
    line = f"{begun:%Y-%m-%d %H:%M:%S}\t{result}\t{words}\n"
    with atomic_path(path) as temporary:
        temporary.write_text(before + line, encoding="utf-8")


def job_times(logs: Path) -> list[tuple[str, str, float, float, int]]:
    """Return of each job that did its work: name, when it ended, seconds, those of one core, MB.

    Examples
    --------
    >>> import tempfile
    >>> logs = Path(tempfile.mkdtemp())
    >>> line = "2027-01-01 10:00:00,000 INFO done in 2.5 s, of one core 2.0 s; at most 190 MB"
    >>> _ = (logs / "train.log").write_text(line)
    >>> job_times(logs)
    [('train', '2027-01-01 10:00:00', 2.5, 2.0, 190)]
    """
    found = []
    for log in sorted(logs.rglob("*.log")):
        with log.open("rb") as file:
            file.seek(max(log.stat().st_size - _END, 0))
            lines = file.read().decode("utf-8", errors="replace").splitlines()
        if lines and (said := _DONE.match(lines[-1])):
            name = log.relative_to(logs).with_suffix("").as_posix()
            numbers = float(said["seconds"]), float(said["core"]), int(said["mb"])
            found.append((name, said["ended"], *numbers))
    return found


def _row(times: tuple[str, str, float, float, int]) -> str:
    return "\t".join(map(str, times)) + "\n"
