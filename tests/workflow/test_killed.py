"""Snakemake killed alone: its job ends by itself, and the same command goes on."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from test_resume import TARGET, command, configure

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="looks into /proc")


def scripts_in(folder):
    """Processes of jobs that run in a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes() if entry.name.isdecimal() else b""
            here = line and os.readlink(entry / "cwd") == str(folder)
        except OSError:
            continue
        if here and b".snakemake/scripts" in line:
            found.append(int(entry.name))
    return found


def until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


def test_the_job_of_a_killed_run_ends_and_replaces_nothing(repository, tmp_path):
    # Hours long, if nobody ended it.
    configure(tmp_path, 1_000_000)
    log = tmp_path / "results/logs/tiny/paper/train.log"
    with subprocess.Popen(
        command(repository, tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as run:
        try:
            assert until(lambda: log.exists() and "signatures" in log.read_text(), 120)
            # A second run in the folder is refused, and takes nothing from the first.
            second = subprocess.run(command(repository, tmp_path), capture_output=True, text=True)
            assert second.returncode != 0
            assert f"another run works in it (process {run.pid} on " in second.stderr
            assert run.poll() is None
            run.kill()
            run.wait()
            model = tmp_path / TARGET
            model.parent.mkdir(parents=True, exist_ok=True)
            model.write_text("newer")
            assert until(lambda: not scripts_in(tmp_path), 30), "the job goes on"
        finally:
            try:
                os.killpg(run.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    assert model.read_text() == "newer"
    assert not (model.parent / "model.json").exists()
    assert "the run that started this job is gone" in log.read_text()
    model.unlink()
    # The same command: the lock of the run that is gone is none.
    configure(tmp_path, 1)
    again = subprocess.run(command(repository, tmp_path), capture_output=True, text=True)
    assert again.returncode == 0, again.stderr[-3000:]
    assert model.is_file()
    assert not (tmp_path / "results/tiny/.run.json").exists()
