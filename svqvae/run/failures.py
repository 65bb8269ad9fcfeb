"""Why a job failed: read from its log and said where the run was started; what not to try again."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

#: What a job's log has before the sentence on an input that is wrong, and stays so.
REFUSED = "refused: "
#: What the log of a job that did its work ends with.
DONE = "done in "
#: How a record of a log begins; lines without it belong to the record above.
_RECORD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ (?P<level>[A-Z]+) (?P<text>.*)")
#: How SLURM says why it ended a job, in the log that it keeps.
_SLURM = re.compile(r"^slurmstepd\S*: error: (.+)$", re.MULTILINE)
_TRACEBACK = "Traceback (most recent call last):"
#: Bytes of a log's end that are read.
_END = 50_000


@dataclass(frozen=True)
class Ending:
    """How a job ended, by its log.

    Parameters
    ----------
    sentence
        Its last word; None if it was cut short.
    refused
        Whether its input is at fault: the same job would fail in the same way.
    done
        Whether it did its work.
    """

    sentence: str | None = None
    refused: bool = False
    done: bool = False


def ending_of(log: Path) -> Ending:
    """Return how the job ended that wrote a log.

    Examples
    --------
    >>> import tempfile
    >>> log = Path(tempfile.mkdtemp(), "job.log")
    >>> _ = log.write_text("2027-01-01 10:00:00,000 ERROR refused: no column 'mao'")
    >>> ending_of(log)
    Ending(sentence="no column 'mao'", refused=True, done=False)
    """
    with log.open("rb") as file:
        file.seek(max(log.stat().st_size - _END, 0))
        lines = file.read().decode("utf-8", errors="replace").splitlines()
    last = [(i, m) for i, line in enumerate(lines) if (m := _RECORD.match(line))][-1:]
    if not last:
        return Ending()
    at, record = last[0]
    text, below = record["text"], [line for line in lines[at + 1 :] if line.strip()]
    if record["level"] != "ERROR":
        return Ending(done=text.startswith(DONE))
    if _TRACEBACK in below:
        return Ending(below[-1].strip())
    sentence = "\n".join([text.removeprefix(REFUSED), *below])
    return Ending(sentence, refused=text.startswith(REFUSED))


class JobFailures(logging.Handler):
    """Follows the events of a run, which come as log records, and says why a job failed.

    Records have an attribute ``event`` and by it others: ``job_info``, of a job that starts, has
    ``jobid``, ``rule_name``, ``wildcards`` and ``log``, its log files. ``job_error`` has ``jobid``
    and ``log``, after its own log files that of the cluster. ``group_error``, of jobs that were
    submitted as one, has ``job_error_info``, with ``jobid`` for each of them, and ``aux_logs``,
    that of the cluster; then comes a ``job_error`` with ``indent`` for each, whether it was that
    one or not. Snakemake's logger sends such records, and only then decides what is tried again.

    Parameters
    ----------
    give_up
        Takes the number of a job that refused its input: it is not to be tried again.
    speaks
        Says whether to write the sentence; not, where jobs write to the same terminal themselves.
    """

    def __init__(
        self,
        *,
        give_up: Callable[[int], None],
        speaks: Callable[[], bool],
        out: TextIO | None = None,
    ) -> None:
        super().__init__()
        self._give_up, self._speaks, self._out = give_up, speaks, out or sys.stderr
        self._jobs: dict[int, tuple[str, Path, object]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of an event."""
        event = str(getattr(record, "event", "") or "")
        known: Any = record
        if event == "job_info" and known.log:
            of = [known.rule_name, *map(str, dict(known.wildcards or {}).values())]
            log = Path(known.log[0])
            # A log of an earlier run, or of the try before, tells nothing of this one.
            self._jobs[known.jobid] = (" ".join(of), log, _state(log))
        elif event == "group_error":
            self._failed([job["jobid"] for job in known.job_error_info], known.aux_logs)
        elif event == "job_error" and not known.indent:
            self._failed([known.jobid], known.log[1:])

    def _failed(self, jobids: list[int], logs: list[str]) -> None:
        endings = {jobid: self._ending(jobid) for jobid in jobids if jobid in self._jobs}
        of_cluster = _of_the_cluster(logs)
        for jobid, ending in endings.items():
            if ending.refused:
                self._give_up(jobid)
            if ending.sentence:
                cut = f" ({of_cluster})" if of_cluster and not ending.refused else ""
                self._say(jobid, ending.sentence + cut, str(self._jobs[jobid][1]))
        if not any(ending.sentence for ending in endings.values()):
            why = of_cluster or "killed, or out of memory or time"
            # The first that was not done: the one at work, or none yet.
            for jobid in [jobid for jobid, ending in endings.items() if not ending.done][:1]:
                self._say(jobid, why, (logs or [str(self._jobs[jobid][1])])[-1])

    def _ending(self, jobid: int) -> Ending:
        _, log, before = self._jobs[jobid]
        now = _state(log)
        # Snakemake removes it before a job begins.
        if now is None or now == before:
            return Ending()
        try:
            return ending_of(log)
        except OSError:  # a server that is away
            return Ending()

    def _say(self, jobid: int, why: str, log: str) -> None:
        if self._speaks():
            name = self._jobs[jobid][0]
            print(f"svqvae: {name} failed: {why}\n  its log: {log}", file=self._out, flush=True)


def _of_the_cluster(logs: list[str]) -> str | None:
    """Return what SLURM says of the end of a job, in the log that it keeps."""
    for log in map(Path, logs):
        try:
            text = log.read_text(encoding="utf-8", errors="replace")
        except OSError:  # not there, where it never began
            continue
        if said := _SLURM.search(text):
            return said[1].strip("* ")
    return None


def _state(path: Path) -> object:
    """Return what differs once a file is written again; None if it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
