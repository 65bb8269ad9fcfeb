"""Lines on a run as a whole: what it does, how far it is, and how long it may take."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

#: Seconds between two lines while no job ends.
INTERVAL = 30.0
#: Least seconds between two lines.
_QUIET = 5.0
#: Share of the work from which on the rest is estimated.
_KNOWN = 0.1
#: Jobs that are named in a line; more are counted.
_NAMED = 3


@dataclass
class _Job:
    rule: str
    wildcards: dict[str, str]
    started: float

    @property
    def name(self) -> str:
        """As a person would call it: the rule, and what it is run on."""
        of = self.wildcards.get("model") or self.wildcards.get("dataset")
        return " ".join(filter(None, [self.rule, of]))


class RunProgress(logging.Handler):
    """Follows the events of a run, which come as log records, and writes a line now and then.

    Records have an attribute ``event`` and by it others: ``run_info`` has ``stats``, the number of
    jobs by rule; ``job_info``, of a job that starts, ``jobid``, ``rule_name`` and ``wildcards``;
    ``job_finished`` has ``job_id``. Snakemake's logger sends such records.

    Parameters
    ----------
    work
        Takes a rule and its wildcards (none: a typical job) and returns how long such a job takes,
        in any unit.
    share_done
        Takes a rule and its wildcards and returns how much of a running job is done, 0 to 1; None
        where that is not known.
    cores
        How many jobs run at once.
    """

    def __init__(
        self,
        *,
        work: Callable[[str, Mapping[str, str]], float],
        share_done: Callable[[str, Mapping[str, str]], float | None],
        cores: int,
        out: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._work, self._share_done, self._cores = work, share_done, max(cores, 1)
        self._out, self._clock = out or sys.stderr, clock
        self._begun = self._written = clock()
        self._planned: Counter[str] = Counter()
        self._running: dict[int, _Job] = {}
        self._done = 0
        self._done_work = self._done_time = 0.0
        self._stopped = threading.Event()

    def watch(self) -> None:
        """Write a line every :data:`INTERVAL` seconds, from a thread of its own, until the end."""
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def seconds(self) -> float:
        """Return how long the run has taken so far."""
        return self._clock() - self._begun

    def stop(self) -> None:
        """Write no more lines."""
        self._stopped.set()

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of an event."""
        event = str(getattr(record, "event", "") or "")
        known: Any = record
        if event == "run_info":
            stats = dict(known.stats)
            self._planned = Counter({r: n for r, n in stats.items() if r not in ("total", "all")})
        elif event == "job_info":
            wildcards = {str(k): str(v) for k, v in dict(known.wildcards or {}).items()}
            self._start(known.jobid, _Job(known.rule_name, wildcards, self._clock()))
        elif event == "job_finished":
            self._finish(known.job_id)

    def _start(self, jobid: int, job: _Job) -> None:
        # What is started again was planned once.
        if job.rule in self._planned and jobid not in self._running:
            self._planned[job.rule] -= 1
            self._running[jobid] = job

    def _finish(self, jobid: int) -> None:
        job = self._running.pop(jobid, None)
        if job is None:
            return
        self._done += 1
        self._done_work += self._work(job.rule, job.wildcards)
        self._done_time += self._clock() - job.started
        if self._clock() - self._written >= _QUIET:
            self.write()

    def _watch(self) -> None:
        while not self._stopped.wait(_QUIET):
            if self._clock() - self._written >= INTERVAL:
                self.write()

    def write(self) -> None:
        """Write a line on the state of the run."""
        running = list(self._running.values())
        total = self._done + len(running) + sum(self._planned.values())
        parts = [f"{self._done} of {total} jobs done in {duration(self.seconds)}"]
        left = self.seconds_left()
        if left is not None:
            parts.append(f"about {duration(left)} left")
        if running:
            names = [self._described(job) for job in running[:_NAMED]]
            more = len(running) - len(names)
            parts.append("now " + ", ".join(names) + (f" and {more} more" if more else ""))
        self._written = self._clock()
        print(f"svqvae: {'; '.join(parts)}", file=self._out, flush=True)

    def _described(self, job: _Job) -> str:
        share = self._share_done(job.rule, job.wildcards)
        return job.name if share is None else f"{job.name} ({share:.0%})"

    def seconds_left(self) -> float | None:
        """Return how long the rest may take; None while too little is known."""
        now, work, spent, waiting, longest = (
            self._clock(),
            self._done_work,
            self._done_time,
            0.0,
            0.0,
        )
        rest = []
        for job in list(self._running.values()):
            share = self._share_done(job.rule, job.wildcards)
            elapsed, whole = now - job.started, self._work(job.rule, job.wildcards)
            if share:
                # Its own pace says more than that of other jobs.
                work, spent = work + share * whole, spent + elapsed
                waiting += (left := elapsed * (1 - share) / share)
                longest = max(longest, left)
            else:
                rest.append((whole, elapsed))
        planned = sum(n * self._work(rule, {}) for rule, n in self._planned.items())
        everything = work + planned + sum(w for w, _ in rest)
        if not work or work < _KNOWN * everything:
            return None
        pace = spent / work
        lefts = [max(w * pace - elapsed, 0) for w, elapsed in rest]
        waiting += planned * pace + sum(lefts)
        return max(waiting / self._cores, longest, *lefts, 0)


def duration(seconds: float) -> str:
    """Return a time as people say it.

    Examples
    --------
    >>> [duration(s) for s in (4.2, 65, 700, 7300)]
    ['4 s', '1 min 5 s', '12 min', '2 h 2 min']
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
