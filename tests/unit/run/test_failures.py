"""Why a job failed is read from its log, said once, and only what refused its input is given up."""

import io
import logging
import os

import pytest

from svqvae.run.failures import REFUSED, Ending, JobFailures, ending_of

TIME = "2027-01-01 10:00:00,123"
STARTED = f"{TIME} INFO reading\n"
CRASH = f"""{TIME} ERROR train failed
Traceback (most recent call last):
  File "x.py", line 1, in <module>
MemoryError: no room
"""
ENDINGS = {
    "done": (f"{TIME} INFO done in 3.0 s\n", Ending(done=True)),
    "refused": (f"{TIME} ERROR {REFUSED}no column 'mao'\n", Ending("no column 'mao'", True)),
    "refused for several reasons": (
        f"{TIME} ERROR {REFUSED}2 problems:\n  - one\n  - two\n",
        Ending("2 problems:\n  - one\n  - two", True),
    ),
    "stopped": (f"{TIME} ERROR stopped: cancelled\n", Ending("stopped: cancelled")),
    "crashed": (CRASH, Ending("MemoryError: no room")),
    "crashed, and why": (f"{CRASH}{TIME} ERROR disk full\n", Ending("disk full")),
    "killed": ("", Ending()),
    "nothing written": (None, Ending()),
}


@pytest.mark.parametrize("text, expected", ENDINGS.values(), ids=ENDINGS)
def test_a_log_says_how_its_job_ended(text, expected, tmp_path):
    log = tmp_path / "job.log"
    log.write_text("" if text is None else STARTED + text)
    assert ending_of(log) == expected


def test_of_a_long_log_the_end_is_read(tmp_path):
    log = tmp_path / "job.log"
    log.write_text(STARTED * 5_000 + f"{TIME} ERROR {REFUSED}no\n")
    assert ending_of(log) == Ending("no", True)


class Run:
    """A run whose jobs, preprocess of data set d and its like, fail."""

    def __init__(self, folder, speaks=True):
        self.folder, self.out, self.given_up = folder, io.StringIO(), []
        self.log = logging.Logger("snakemake")
        failures = JobFailures(give_up=self.given_up.append, speaks=lambda: speaks, out=self.out)
        self.log.addHandler(failures)
        self.slurm = folder / "12.log"

    @property
    def said(self):
        return self.out.getvalue()

    def path(self, rule):
        return self.folder / f"{rule}.log"

    def start(self, jobid, rule):
        more = {"rule_name": rule, "wildcards": {"dataset": "d"}, "log": [str(self.path(rule))]}
        self.log.info("", extra={"event": "job_info", "jobid": jobid, **more})

    def fail(self, jobid, rule="preprocess", indent=False):
        logs = [str(self.path(rule)), *([] if indent else [str(self.slurm)])]
        more = {"jobid": jobid, "log": logs, "indent": indent}
        self.log.error("", extra={"event": "job_error", **more})

    def fail_together(self, *rules):
        jobs = [{"jobid": jobid} for jobid in range(len(rules))]
        more = {"job_error_info": jobs, "aux_logs": [str(self.slurm)]}
        self.log.error("", extra={"event": "group_error", **more})
        for jobid, rule in enumerate(rules):
            self.fail(jobid, rule, indent=True)

    def write(self, rule, text):
        self.path(rule).write_text(STARTED + text)


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path)


def test_what_refused_its_input_is_said_and_given_up(run):
    run.start(7, "preprocess")
    run.write("preprocess", ENDINGS["refused"][0])
    run.fail(7)
    assert run.said.startswith("svqvae: preprocess d failed: no column 'mao'\n")
    assert str(run.path("preprocess")) in run.said
    assert run.given_up == [7]


@pytest.mark.parametrize("how", ["crashed", "stopped", "killed"])
def test_what_may_go_well_the_next_time_is_tried_again(run, how):
    run.start(7, "preprocess")
    run.write("preprocess", ENDINGS[how][0])
    run.fail(7)
    assert run.given_up == []
    assert (ENDINGS[how][1].sentence or "killed, or out of memory or time") in run.said


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_what_slurm_says_of_a_job_that_it_ended_is_said(run, how):
    run.start(7, "preprocess")
    run.write("preprocess", ENDINGS[how][0])
    end = "*** JOB 12 ON node CANCELLED AT 2027-01-01T10:00:00 DUE TO TIME LIMIT ***"
    run.slurm.write_text(f"a line\nslurmstepd-node: error: {end}\nsrun: error: x\n")
    run.fail(7)
    assert "JOB 12 ON node CANCELLED AT 2027-01-01T10:00:00 DUE TO TIME LIMIT" in run.said
    assert run.said.count("failed") == 1
    assert str(run.slurm if how == "killed" else run.path("preprocess")) in run.said


def test_the_log_of_an_earlier_try_says_nothing_of_this_one(run):
    run.write("preprocess", ENDINGS["refused"][0])
    run.start(7, "preprocess")
    run.fail(7)
    assert run.given_up == []
    assert "killed, or out of memory or time" in run.said
    # Snakemake removes it before a job begins, and this one never did.
    run.start(7, "preprocess")
    run.path("preprocess").unlink()
    run.fail(7)
    assert run.given_up == []
    # The same words again, by the next try.
    run.start(7, "preprocess")
    run.write("preprocess", ENDINGS["refused"][0])
    os.utime(run.path("preprocess"), (1, 1))
    run.fail(7)
    assert run.given_up == [7]


def test_of_a_group_only_the_job_that_failed_is_named(run):
    rules = ["simulate", "preprocess", "report"]
    for jobid, rule in enumerate(rules):
        run.start(jobid, rule)
    run.write("simulate", ENDINGS["done"][0])
    run.write("preprocess", ENDINGS["refused"][0])
    run.fail_together(*rules)
    assert run.given_up == [1]
    assert run.said.count("failed") == 1
    assert "preprocess d failed: no column 'mao'" in run.said


def test_a_group_that_was_killed_is_said_once(run):
    rules = ["simulate", "preprocess", "report"]
    for jobid, rule in enumerate(rules):
        run.start(jobid, rule)
    run.write("simulate", ENDINGS["done"][0])
    run.slurm.write_text("slurmstepd: error: StepId=12.0 exceeded memory limit\n")
    run.fail_together(*rules)
    assert run.given_up == []
    assert run.said.startswith("svqvae: preprocess d failed: StepId=12.0 exceeded memory limit\n")
    assert run.said.count("failed") == 1


def test_where_jobs_speak_for_themselves_nothing_is_said_twice(tmp_path):
    run = Run(tmp_path, speaks=False)
    run.start(7, "preprocess")
    run.write("preprocess", ENDINGS["refused"][0])
    run.fail(7)
    assert run.said == ""
    assert run.given_up == [7]
