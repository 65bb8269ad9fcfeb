"""A run tells what it does, how far it is and how long the rest may take."""

import io
import logging

import pytest

from svqvae.run.progress import RunProgress, duration
from svqvae.run.work import share_trained, work_of

MODELS = {"paper": {"epochs": 300}, "lda": {}}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Run:
    """A run of a network, a classifier and a report, by its events."""

    def __init__(self, shares=()):
        self.clock, self.out, self.shares = Clock(), io.StringIO(), dict(shares)
        self.progress = RunProgress(
            work=work_of(MODELS, 6),
            share_done=lambda rule, wildcards: self.shares.get(wildcards.get("model")),
            cores=2,
            out=self.out,
            clock=self.clock,
        )
        self.log = logging.Logger("snakemake")
        self.log.addHandler(self.progress)
        self.tell("run_info", stats={"train": 2, "write_report": 1, "all": 1, "total": 4})

    def tell(self, event, **more):
        self.log.info("", extra={"event": event, **more})

    def start(self, jobid, rule, **wildcards):
        # In the order of Snakemake 9.
        self.tell("job_started", jobs=[jobid])
        self.tell("job_info", jobid=jobid, rule_name=rule, wildcards=wildcards)

    def finish(self, jobid, at):
        self.clock.now = at
        self.tell("job_finished", job_id=jobid)

    def last(self):
        self.progress.write()
        return self.out.getvalue().splitlines()[-1]


@pytest.fixture
def run():
    return Run()


def test_a_line_says_what_runs_and_how_far_it_is(run):
    run.start(1, "train", dataset="d", model="paper")
    run.start(2, "train", dataset="d", model="lda")
    assert run.last() == "svqvae: 0 of 3 jobs done in 0 s; now train paper, train lda"
    run.finish(2, at=9)
    run.start(3, "write_report")
    assert "svqvae: 1 of 3 jobs done in 9 s" in run.last()
    assert run.last().endswith("now train paper, write_report")


def test_the_rest_is_estimated_by_the_pace_so_far(run):
    paper, lda = (work_of(MODELS, 6)("train", {"model": m}) for m in MODELS)
    run.start(2, "train", dataset="d", model="lda")
    run.finish(2, at=2 * lda)
    run.start(1, "train", dataset="d", model="paper")
    # Too little is done to tell.
    assert run.progress.seconds_left() is None
    assert "left" not in run.last()
    run.finish(1, at=2 * lda + 2 * paper)
    # Two seconds a unit of work; one report is left, for one of two cores.
    assert run.progress.seconds_left() == pytest.approx(
        2 * work_of(MODELS, 6)("write_report", {}) / 2
    )


def test_a_training_that_says_how_far_it_is_is_believed():
    run = Run({"paper": 0.5})
    run.start(1, "train", dataset="d", model="paper")
    run.clock.now = 100
    assert "train paper (50%)" in run.last()
    # And the other training, and the report, on the other core.
    assert 100 <= run.progress.seconds_left() < 120


def test_lines_are_few(run):
    for jobid in range(50):
        run.start(jobid, "train", dataset="d", model="lda")
        run.finish(jobid, at=jobid * 0.1)
    assert len(run.out.getvalue().splitlines()) <= 1


def test_events_of_jobs_that_nobody_planned_are_no_fault(run):
    run.tell("job_finished", job_id=99)
    run.tell("job_started", jobs=[98])
    run.log.info("something else")
    assert "0 of 3" in run.last()


def test_work_grows_with_epochs_and_trainings():
    work = work_of(MODELS, 6)
    assert work("train", {"model": "paper"}) > 3 * work("train", {"model": "lda"})
    assert work("train", {"model": "paper"}) == 6 * work("train_networks_fold", {"model": "paper"})
    assert work("train", {}) > 0
    assert work("draw_model_described", {}) > work("write_report", {})


def test_models_kept_so_far_are_counted(tmp_path):
    assert share_trained(tmp_path, 4) is None
    (tmp_path / "0-seed0").mkdir()
    (tmp_path / "0-seed0" / "identity.json").write_text("{}")
    (tmp_path / "1-seed0").mkdir()
    assert share_trained(tmp_path, 4) == 0.25


def test_times_are_said_as_people_do():
    assert [duration(s) for s in (0.4, 59, 61, 900, 3700)] == [
        "0 s",
        "59 s",
        "1 min 1 s",
        "15 min",
        "1 h 2 min",
    ]
