"""What every script does around its one call, on a full disk and beside another run too."""

import errno
import subprocess
import sys

import pytest

from svqvae.run.owner import VARIABLE, Run, _place, _started

#: A job of one output, in a process of its own: it sets signals, threads and logs.
JOB = """
import errno, os, sys, types
sys.path.insert(0, {scripts!r})
from _job import job
snakemake = types.SimpleNamespace(
    threads=1, rule="train", log=["job.log"], input=[], config={{}},
    output=["a/model.json", "a/model.safetensors"],
)
with job(snakemake):
    from svqvae.io.atomic import atomic_path
    {body}
"""
WRITE = """
    with atomic_path("a/model.safetensors") as temporary:
        temporary.write_text("older")
"""


@pytest.fixture
def run(repository, tmp_path):
    (tmp_path / "a").mkdir()

    def run(body, **environment):
        text = JOB.format(scripts=str(repository / "workflow" / "scripts"), body=body.strip())
        return subprocess.run(
            [sys.executable, "-c", text],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={"PATH": "/usr/bin:/bin", **environment},
            timeout=120,
        )

    return run


def test_an_older_job_does_not_replace_what_a_newer_one_made(run, tmp_path):
    newer = 'open("a/model.json", "w").write("newer"); open("a/model.safetensors", "w").write("n")'
    done = run(newer + WRITE)
    assert done.returncode != 0
    assert "svqvae, train: a/model.safetensors: not written" in done.stderr
    assert "made or removed by another run while this job ran" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "a/model.safetensors").read_text() == "n"
    assert (tmp_path / "a/model.json").read_text() == "newer"


def test_a_job_whose_run_was_gone_before_it_started_stops(run, tmp_path):
    with subprocess.Popen(["sleep", "60"]) as gone:
        identity = Run(_place(), gone.pid, _started(gone.pid))
        gone.kill()
    name = f"{identity.place}/{identity.pid}/{identity.started}"
    done = run("raise AssertionError" + WRITE, **{VARIABLE: name})
    assert done.returncode != 0
    assert not (tmp_path / "a/model.safetensors").exists()
    assert "svqvae, train: stopped: the run that started this job" in done.stderr


def test_a_job_on_its_own_writes(run, tmp_path):
    done = run("pass" + WRITE)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a/model.safetensors").read_text() == "older"
    assert "done" in (tmp_path / "job.log").read_text()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_nothing_is_a_sentence(run, tmp_path, code):
    done = run(f'raise OSError({code}, os.strerror({code}), "a/model.json")')
    assert done.returncode != 0
    assert done.stderr.startswith("svqvae, train: ")
    assert len(done.stderr.splitlines()) == 1
    assert not list((tmp_path / "a").iterdir())


def test_a_fault_of_ours_keeps_its_traceback(run):
    done = run("raise KeyError('x')")
    assert "Traceback" in done.stderr
