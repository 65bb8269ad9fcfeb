"""What every script does around its one call, on a full disk and beside another run too."""

import errno
import os
import re
import subprocess
import sys

import pytest

from svqvae.run.failures import Ending, ending_of
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
    last = (tmp_path / "job.log").read_text().splitlines()[-1]
    assert re.search(r"done in \d+\.\d s, of one core \d+\.\d s; at most \d+ MB$", last)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_nothing_is_a_sentence(run, tmp_path, code):
    done = run(f'raise OSError({code}, os.strerror({code}), "a/model.json")')
    assert done.returncode != 0
    assert done.stderr.startswith("svqvae, train: ")
    assert len(done.stderr.splitlines()) == 1
    assert not list((tmp_path / "a").iterdir())


def test_a_log_that_cannot_be_opened_is_a_sentence(run, tmp_path):
    (tmp_path / "job.log").mkdir()
    done = run("pass")
    assert done.returncode != 0
    assert done.stderr.startswith("svqvae, train: ")
    assert "job.log" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise MemoryError", "the memory that it may use is full"),
        ('raise RuntimeError("DefaultCPUAllocator: can\'t allocate memory")', "the memory that it"),
        ('open("gone.gctx")', "gone.gctx: no such file; it was moved or removed"),
    ],
)
def test_memory_that_ends_and_a_file_that_is_gone_are_a_sentence(run, body, told):
    done = run(body)
    assert done.returncode != 0
    assert done.stderr.startswith(f"svqvae, train: {told}")
    assert len(done.stderr.splitlines()) == 1


def test_a_file_larger_than_the_system_allows_is_a_sentence(run, tmp_path):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))"
    body = f"""{limit}
    with atomic_path("a/model.safetensors") as temporary:
        temporary.write_bytes(bytes(1 << 20))"""
    done = run(body)
    assert done.returncode != 0
    assert "a/model.safetensors: cannot be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "a").iterdir())


JOB_OF_A_TABLE = JOB.replace('log=["job.log"], input=[]', 'log=["r/logs/b.log"], input=["r/a.tsv"]')


def test_a_table_that_is_damaged_stops_the_job_that_reads_it(repository, tmp_path):
    (tmp_path / "r" / "logs").mkdir(parents=True)
    (tmp_path / "r" / "a.tsv").write_text("x\n1\n")
    scripts = str(repository / "workflow" / "scripts")
    text = JOB_OF_A_TABLE.replace("a/model", "r/b").format(scripts=scripts, body="pass")
    made = "from svqvae.run.made import Made; m = Made.beside('r/logs/a.log', ['r/a.tsv'])\n"
    note = [sys.executable, "-c", f"{made}m.note(['r/a.tsv'])"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(repository)}
    options = {"cwd": tmp_path, "capture_output": True, "text": True, "env": environment}
    subprocess.run(note, check=True, **options)
    assert subprocess.run([sys.executable, "-c", text], **options).returncode == 0
    (tmp_path / "r" / "a.tsv").write_text("x\n2\n")
    done = subprocess.run([sys.executable, "-c", text], **options)
    assert done.returncode != 0
    assert done.stderr.startswith("svqvae, train: r/a.tsv: damaged or edited"), done.stderr


def test_a_fault_of_ours_keeps_its_traceback(run):
    done = run("raise KeyError('x')")
    assert "Traceback" in done.stderr


def test_an_input_that_is_refused_is_marked_so_that_it_is_not_tried_again(run, tmp_path):
    done = run('from svqvae.errors import SvqvaeError; raise SvqvaeError("no column")')
    assert done.stderr == "svqvae, train: no column\n"
    assert ending_of(tmp_path / "job.log") == Ending("no column", refused=True)


def test_what_another_run_is_at_fault_for_may_be_tried_again(run, tmp_path):
    run('open("a/model.json", "w").write("newer")' + WRITE)
    ending = ending_of(tmp_path / "job.log")
    assert "made or removed by another run" in ending.sentence
    assert not ending.refused


def test_a_full_disk_is_the_last_word_of_the_log(run, tmp_path):
    run(f'raise OSError({errno.ENOSPC}, os.strerror({errno.ENOSPC}), "a/model.json")')
    assert os.strerror(errno.ENOSPC) in ending_of(tmp_path / "job.log").sentence


def test_a_job_that_did_its_work_is_told_from_others(run, tmp_path):
    run("pass")
    assert ending_of(tmp_path / "job.log") == Ending(done=True)


def test_what_a_cluster_cancels_leaves_no_temporary_file(run, tmp_path):
    kill = "os.kill(os.getpid(), 15)"
    done = run(f'with atomic_path("a/model.safetensors") as t: t.write_text("half"); {kill}')
    assert done.returncode == 1
    assert not list((tmp_path / "a").iterdir())
    assert ending_of(tmp_path / "job.log").sentence.startswith("stopped: cancelled")
