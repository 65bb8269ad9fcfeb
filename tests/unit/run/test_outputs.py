"""A job whose run is gone, or whose outputs were made anew, writes nothing."""

import json
import os
import subprocess
import sys

import pytest

from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path
from svqvae.run import claims
from svqvae.run.outputs import Outputs, Owner
from svqvae.run.owner import Run, _place, _started


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


def owner_of(process):
    return Owner(run_of(process).name)


UNKNOWN = Owner(None)


def test_a_run_names_itself_for_its_jobs(monkeypatch, tmp_path):
    monkeypatch.setenv("SVQVAE_RUN", "")
    monkeypatch.setenv("SVQVAE_CLAIMS", "[]")
    Owner.declare(Run.current(), [tmp_path / "a: b"])
    owner = Owner.declared()
    assert (owner.name, owner.files) == (Run.current().name, [str(tmp_path / "a: b")])
    assert owner.lives()
    assert owner.is_near


def test_a_job_elsewhere_knows_its_run_by_the_claim(tmp_path):
    claim = tmp_path / claims.FILE
    owner = Owner("node7 1/2/3", [claim])
    assert not owner.is_near
    assert owner.lives()  # a file server shows a new file late
    claim.write_text(json.dumps({"run": "node7 1/2/3", "files": []}))
    assert owner.lives()
    outputs = Outputs([tmp_path / "a", tmp_path / "b"], owner)
    with outputs.guard():
        write(tmp_path / "a")
        claim.write_text(json.dumps({"run": "node8 1/2/3", "files": []}))
        with pytest.raises(SvqvaeError, match="is gone, or another has its folder"):
            write(tmp_path / "b")
    claim.unlink()
    assert not owner.lives()  # given up


@pytest.mark.parametrize("text", [None, "", "elsewhere/1/2", "x", "//", "a/b/c"])
def test_a_run_that_cannot_be_watched_is_not_judged(text, tmp_path):
    assert Run.named(text) is None
    outputs = Outputs([tmp_path / "a"], Owner(text))
    with outputs.guard():
        write(tmp_path / "a")
    assert (tmp_path / "a").read_text() == "mine"


def test_a_number_that_another_process_has_now_is_no_run(process):
    run = run_of(process)
    assert run.lives()
    assert not Run(run.place, run.pid, "1").lives()


def test_nothing_is_written_once_the_run_is_gone(tmp_path, process):
    outputs = Outputs([tmp_path / "a", tmp_path / "b"], owner_of(process))
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
    outputs = Outputs([card, weights], UNKNOWN)
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
    outputs = Outputs([tmp_path / "a", tmp_path / "b"], UNKNOWN)
    with outputs.guard():
        write(tmp_path / "a")
        os.utime(tmp_path / "a", (7, 7))
        write(tmp_path / "b")
    assert (tmp_path / "b").read_text() == "mine"


def test_own_outputs_may_be_written_twice(tmp_path):
    outputs = Outputs([tmp_path / "a"], UNKNOWN)
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
