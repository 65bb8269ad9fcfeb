"""A job whose run is gone, or whose outputs were made anew, writes nothing."""

import os
import subprocess
import sys

import pytest

from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path
from svqvae.run.owner import VARIABLE, Outputs, Run, _place, _started


@pytest.fixture
def process():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as started:
        yield started
        started.kill()


def run_of(process):
    return Run(_place(), process.pid, _started(process.pid))


def write(path, text="mine"):
    with atomic_path(path) as temporary:
        temporary.write_text(text)


def test_a_run_names_itself_for_its_jobs(monkeypatch):
    monkeypatch.setenv(VARIABLE, "")
    Run.current().declare()
    run = Run.named(os.environ[VARIABLE])
    assert run == Run.current()
    assert run.lives()


@pytest.mark.parametrize("text", [None, "", "elsewhere/1/2", "x", "//", "a/b/c"])
def test_a_run_that_cannot_be_watched_is_not_judged(text, tmp_path):
    assert Run.named(text) is None
    outputs = Outputs([tmp_path / "a"], None)
    with outputs.guard():
        write(tmp_path / "a")
    assert (tmp_path / "a").read_text() == "mine"


def test_a_number_that_another_process_has_now_is_no_run(process):
    run = run_of(process)
    assert run.lives()
    assert not Run(run.place, run.pid, "1").lives()


def test_nothing_is_written_once_the_run_is_gone(tmp_path, process):
    outputs = Outputs([tmp_path / "a", tmp_path / "b"], run_of(process))
    with outputs.guard():
        write(tmp_path / "a")
        process.kill()
        # Not waited for: it is a zombie, as of a shell that has not noticed yet.
        with pytest.raises(SvqvaeError, match=r"b: not written: the run that started this job"):
            while True:
                write(tmp_path / "b")
                (tmp_path / "b").unlink()
                outputs._note(tmp_path / "b")
    assert not (tmp_path / "b").exists()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("before", [None, "old"])
def test_an_output_made_by_another_job_meanwhile_is_left_alone(tmp_path, before):
    card, weights = tmp_path / "model.json", tmp_path / "model.safetensors"
    if before:
        card.write_text(before)
    outputs = Outputs([card, weights], None)
    with outputs.guard():
        write(weights)
        write(tmp_path / "replaced", "newer")
        (tmp_path / "replaced").replace(card)
        with pytest.raises(SvqvaeError, match=r"model\.json was made or removed by another run"):
            write(card)
        # Weights and card belong together.
        with pytest.raises(SvqvaeError, match=r"model\.json was made or removed by another run"):
            write(weights, "again")
    assert card.read_text() == "newer"
    assert weights.read_text() == "mine"


def test_times_that_a_server_sets_later_are_no_other_file(tmp_path):
    outputs = Outputs([tmp_path / "a", tmp_path / "b"], None)
    with outputs.guard():
        write(tmp_path / "a")
        os.utime(tmp_path / "a", (7, 7))
        write(tmp_path / "b")
    assert (tmp_path / "b").read_text() == "mine"


def test_own_outputs_may_be_written_twice(tmp_path):
    outputs = Outputs([tmp_path / "a"], None)
    with outputs.guard():
        write(tmp_path / "a", "1")
        write(tmp_path / "a", "2")
        write(tmp_path / "beside", "3")
    write(tmp_path / "a", "4")
    assert (tmp_path / "a").read_text() == "4"


def test_a_run_is_known_by_its_name():
    run = Run.current()
    assert Run.named(run.name) == run
    assert not Run.ended(run.name)
    assert Run.ended(f"{run.place}/{run.pid}/0")
    assert not Run.ended(f"elsewhere/{run.pid}/0")
