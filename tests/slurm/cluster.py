"""What tests of a one-node SLURM need: the head of a run, its jobs, and their processes."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

PROFILE = ("--workflow-profile", "workflow/profiles/slurm")
#: What Snakemake calls a job, and what SLURM does.
SUBMITTED = re.compile(r"^Job (\S+) has been submitted with SLURM jobid (\d+)", re.MULTILINE)


def wait_for(what, seconds=180):
    """Return the first true value of a function."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, f"waited {seconds} s in vain"
        time.sleep(0.2)
    return found


class Head:
    """Snakemake as a person starts it on the head node; its terminal is a file."""

    def __init__(self, repository, folder, config, *arguments):
        self.folder = folder
        self.terminal = Path(folder, f"terminal-{time.monotonic_ns()}.txt")
        command = [sys.executable, "-m", "snakemake", *arguments, *PROFILE]
        command += ["--directory", str(folder), "--configfile", str(config)]
        with self.terminal.open("w") as terminal:
            self.process = subprocess.Popen(
                command,
                cwd=repository,
                stdout=terminal,
                stderr=terminal,
                env={**os.environ, "PYTHONPATH": str(repository)},
            )

    @property
    def text(self):
        return self.terminal.read_text(errors="replace")

    def submitted(self):
        """SLURM's numbers of the jobs that were submitted, in order."""
        return [number for _, number in SUBMITTED.findall(self.text)]

    def tries_of(self, job):
        """SLURM's numbers of all tries of a job, by that of one."""
        name_of = {number: name for name, number in SUBMITTED.findall(self.text)}
        return [number for number, name in name_of.items() if name == name_of[job]]

    def ended(self, seconds=420):
        """Wait for the end, and return the exit status."""
        return self.process.wait(seconds)

    def stop(self):
        """Leave nothing behind, whatever became of the test."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for job in self.submitted():
            subprocess.run(["scancel", "--quiet", job], check=False)


def processes_of(text):
    """SLURM's number of a job by process, of the jobs one of whose command lines has a text."""
    seen = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = folder.joinpath("cmdline").read_bytes().decode(errors="replace")
            variables = folder.joinpath("environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if job := re.search(r"(?:^|\0)SLURM_JOB_ID=(\d+)", variables):
            seen[int(folder.name)] = job[1], words.replace("\0", " ")
    jobs = {job for job, words in seen.values() if text in words}
    return {pid: job for pid, (job, _) in seen.items() if job in jobs}


def signal_all(text, number):
    """Send a signal to the job that has a text in a command line; return SLURM's number of it."""
    found = wait_for(lambda: processes_of(text))
    for pid in found:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            # Gone with another that was killed.
            assert number == signal.SIGKILL, pid
    (job,) = set(found.values())
    return job


def told(job):
    """What SLURM knows of a job, by the names that it has for it."""
    done = subprocess.run(
        ["scontrol", "--oneliner", "show", "job", job], capture_output=True, text=True, check=True
    )
    return dict(field.split("=", 1) for field in done.stdout.split() if "=" in field)


def state_of(job):
    return told(job)["JobState"]


def asked(job):
    """Megabytes and minutes that a job asked for."""
    known = told(job)
    hours, minutes, _ = known["TimeLimit"].split(":")
    size, unit = re.fullmatch(r"([\d.]+)([MG])", known["MinMemoryNode"]).groups()
    return round(float(size) * {"M": 1, "G": 1024}[unit]), 60 * int(hours) + int(minutes)
