"""One run at a time works in a folder; what a run that is gone claimed is free."""

import json
import os
import subprocess
import sys
from dataclasses import asdict

import pytest

from svqvae.errors import SvqvaeError
from svqvae.run import claims
from svqvae.run.claims import FILE, Claim, Claims, lives, read
from svqvae.run.owner import Run, _place, _started
from svqvae.run.stale_locks import remove_stale

ELSEWHERE = Claim(run="far 1/7/3", host="far", pid=7, since="2026-11-27 10:00")


@pytest.fixture
def process():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as started:
        yield started
        started.kill()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(claims, "_SETTLING", 0.01)
    monkeypatch.setattr(claims, "BEAT", 0.04)
    monkeypatch.setattr(claims, "SILENCE", 0.16)


def run_of(process):
    return Run(_place(), process.pid, _started(process.pid))


def claimed(folder, run, files=()):
    return Claims([folder], files, run)


def test_a_folder_is_claimed_and_given_up(tmp_path):
    mine = claimed(tmp_path / "a", Run.current())
    mine.take()
    claim = read(tmp_path / "a" / FILE)
    assert (claim.run, claim.pid, claim.workdir) == (Run.current().name, os.getpid(), os.getcwd())
    mine.take()  # it is ours
    mine.release()
    assert not (tmp_path / "a").exists()


def test_the_folder_of_a_living_run_is_refused_and_nothing_is_kept(tmp_path, process):
    other = claimed(tmp_path / "b", run_of(process))
    other.take()
    mine = Claims([tmp_path / "a", tmp_path / "b"], [], Run.current())
    with pytest.raises(SvqvaeError, match=rf"b: another run works in it \(process {process.pid}"):
        mine.take()
    assert not (tmp_path / "a").exists()
    assert list(mine.others()) == [tmp_path / "b" / FILE]
    assert read(tmp_path / "b" / FILE).pid == process.pid


def test_runs_in_different_folders_do_not_meet(tmp_path, process):
    claimed(tmp_path / "a", run_of(process)).take()
    claimed(tmp_path / "b", Run.current()).take()


def test_what_a_run_that_is_gone_claimed_is_free(tmp_path, process):
    claimed(tmp_path, run_of(process), ["x/"]).take()
    gone = run_of(process).name
    process.kill()
    process.wait()
    mine = claimed(tmp_path, Run.current())
    assert mine.others() == {}
    assert mine.is_gone(gone)
    assert [claim.files for claim in mine.gone_here] == [("x/",)]
    mine.take()
    assert read(tmp_path / FILE).run == Run.current().name


def test_a_run_elsewhere_lives_as_long_as_it_gives_signs(tmp_path):
    path = tmp_path / FILE
    path.write_text(json.dumps(asdict(ELSEWHERE)))
    told = []
    beats = iter(range(3))

    def beat(seconds):
        if next(beats) == 2:
            os.utime(path)

    assert lives(path, ELSEWHERE, wait=beat, tell=told.append)
    assert "looking for a sign of life of process 7 on far" in told[0]
    assert not lives(path, ELSEWHERE, wait=lambda seconds: None)


def test_a_clock_that_runs_backwards_gives_signs_too(tmp_path):
    path = tmp_path / FILE
    path.write_text(json.dumps(asdict(ELSEWHERE)))
    assert lives(path, ELSEWHERE, wait=lambda seconds: os.utime(path, (7, 7)))


def test_a_run_elsewhere_that_is_silent_is_taken_over_and_ends(tmp_path):
    path = tmp_path / FILE
    theirs = claimed(tmp_path, Run("far 1", 7, "3"))
    theirs.take()
    mine = claimed(tmp_path, Run.current())
    mine.take()
    assert mine.is_gone("far 1/7/3")
    # It was asleep only: it sees that the folder is another's now, and leaves it alone.
    assert theirs.beat() == path
    theirs.release()
    assert read(path).run == Run.current().name
    assert mine.beat() is None


def test_of_several_that_take_over_one_has_the_folder(tmp_path):
    script = """
import sys
from svqvae.errors import SvqvaeError
from svqvae.run.claims import Claims
from svqvae.run.owner import Run
mine = Claims([sys.argv[1]], [], Run.current())
input()
try:
    mine.take()
    print("has it", flush=True)
    input()
except SvqvaeError:
    print("refused", flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", "pass"]) as gone:
        pass
    (tmp_path / FILE).write_text(json.dumps(asdict(Claim(run=f"{_place()}/{gone.pid}/1"))))
    several = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for one in several:
        one.stdin.write("\n")
        one.stdin.flush()
    said = [one.stdout.readline().strip() for one in several]
    for one in several:
        one.communicate("\n")
    assert sorted(said) == ["has it", "refused", "refused", "refused"]


def test_a_claim_that_is_half_written_is_not_taken_at_once(tmp_path):
    path = tmp_path / FILE
    path.write_text('{"run": ')
    assert read(path) == Claim(run="")
    assert lives(path, read(path), wait=lambda seconds: path.write_text(json.dumps({"run": "x"})))


def test_a_claim_that_somebody_deleted_is_made_again(tmp_path):
    mine = claimed(tmp_path, Run.current())
    mine.take()
    (tmp_path / FILE).unlink()
    assert mine.beat() is None
    assert read(tmp_path / FILE).run == Run.current().name


def test_signs_of_life_are_given_until_another_has_the_folder(tmp_path):
    mine = claimed(tmp_path, Run.current())
    mine.take()
    lost = []
    mine.keep(lost.append)
    os.utime(tmp_path / FILE, (7, 7))
    before = (tmp_path / FILE).stat().st_mtime_ns
    assert lives(tmp_path / FILE, ELSEWHERE)
    assert (tmp_path / FILE).stat().st_mtime_ns != before
    (tmp_path / FILE).write_text(json.dumps(asdict(ELSEWHERE)))
    for _ in range(500):
        if lost:
            break
        claims.time.sleep(0.01)
    assert lost[0] == tmp_path / FILE


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "a").write_text("a file")
    with pytest.raises(SvqvaeError, match=r"a/\.run\.json: cannot be written: "):
        claimed(tmp_path / "a", Run.current()).take()


def test_locks_on_files_of_runs_that_are_gone_are_removed(tmp_path):
    locks = {
        "0.input.lock": "resources/a.gctx\nresults/one/signatures.h5ad\n",
        "0.output.lock": "results/one/signatures.h5ad\nresults/report.html\n",
        "1.output.lock": "results/two/signatures.h5ad\nresults/one.txt\n",
        "2.output.lock": "resources/one.gctx\n",
    }
    for name, text in locks.items():
        (tmp_path / name).write_text(text)
    gone = [Claim(run="x", files=("results/one/", "resources/one.gctx"))]
    remove_stale(gone, locks=tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["1.output.lock"]
    assert remove_stale([], locks=tmp_path) == []


def test_a_fork_gives_up_nothing(tmp_path):
    mine = claimed(tmp_path, Run.current())
    mine.take()
    child = os.fork()
    if child == 0:
        mine.release()
        os._exit(0)
    os.waitpid(child, 0)
    assert read(tmp_path / FILE).run == Run.current().name
    mine.release()
    assert read(tmp_path / FILE) is None
