"""SLURM, on one node: the profile as shipped, and jobs that are killed, late, starved or wrong.

Faults come from outside: signals to the processes of a job, and limits on the command line. It
takes minutes, most of them spent in starting Snakemake thrice a job; two runs go side by side.
"""

import hashlib
import re
import signal
import subprocess
from pathlib import Path

import pytest
import yaml
from cluster import Head, asked, processes_of, signal_all, state_of, wait_for
from small_set import simulated

pytestmark = pytest.mark.slurm

SMALL = {"source": simulated(), "labels": {"key": "moa"}, "split": {"folds": 2}}
WRONG = SMALL | {"labels": {"key": "mao"}}
MEAN = {"mean": {"preset": "class_mean"}}
#: The profile's seconds are for clusters.
SOON = ("--slurm-init-seconds-before-status-checks", "1")
#: The least of time that SLURM knows, and less memory than Python takes; in the first try only.
LIMITS = (
    "simulate_dataset:runtime=0",
    "simulate_dataset:mem_mb=100",
    "preprocess:runtime=1 if attempt == 1 and wildcards.dataset == 'late' else 60",
    "preprocess:mem_mb=100 if attempt == 1 and wildcards.dataset == 'starved' else 3000",
)


@pytest.fixture(scope="module")
def cluster():
    """SLURM on this machine; the tests are skipped where it cannot be had."""
    script = Path(__file__).with_name("one_node.sh")
    done = subprocess.run(["bash", script], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no SLURM here: {done.stderr.strip()}")


@pytest.fixture(scope="module")
def start(cluster, repository, request):
    """Return a function that starts a run in a folder, as often as asked."""

    def start(folder, *arguments, datasets, models=MEAN):
        config = folder / "small.yaml"
        analysis = {"bootstrap_draws": 100}
        config.write_text(
            yaml.safe_dump({"datasets": datasets, "models": models, "analysis": analysis})
        )
        head = Head(repository, folder, config, *arguments)
        request.addfinalizer(head.stop)
        return head

    return start


@pytest.fixture(scope="module")
def faults(start, tmp_path_factory):
    """A run of four faults; its head, and SLURM's numbers of the jobs that signals went to."""
    head = start(
        tmp_path_factory.mktemp("faults"),
        "results/killed/mean/held_out_scores.tsv",
        *(f"results/{name}/signatures.h5ad" for name in ("late", "starved", "wrong")),
        *SOON,
        "--set-resources",
        *LIMITS,
        datasets={"killed": SMALL, "late": SMALL, "starved": SMALL, "wrong": WRONG},
    )
    head.late = signal_all("preprocess:dataset=late", signal.SIGSTOP)
    return head


@pytest.fixture(scope="module")
def whole(faults, start, tmp_path_factory):
    """A whole run by the profile as it is, started while that of the faults goes on."""
    models = {"svqvae": {"preset": "svqvae", "epochs": 2, "hidden": 20}, "knn": {"preset": "knn"}}
    head = start(tmp_path_factory.mktemp("whole"), datasets={"small": SMALL}, models=models)
    faults.killed = signal_all("train_means:dataset=killed", signal.SIGKILL)
    return head


@pytest.fixture(scope="module")
def ended(faults, whole):
    """The run of faults, after its end."""
    faults.ended()
    return faults


def test_what_was_killed_is_tried_again_with_more(ended):
    first, second = ended.tries_of(ended.killed)
    assert asked(first) == (4000, 240)
    assert asked(second) == (8000, 480)
    assert state_of(second) == "COMPLETED"
    assert Path(ended.folder, "results/killed/mean/held_out_scores.tsv").exists()


def test_what_was_out_of_time_is_tried_again(ended):
    first, second = ended.tries_of(ended.late)
    assert (asked(first)[1], state_of(first)) == (1, "TIMEOUT")
    assert (asked(second)[1], state_of(second)) == (60, "COMPLETED")
    assert "DUE TO TIME LIMIT" in ended.text
    assert Path(ended.folder, "results/late/signatures.h5ad").exists()


def test_what_was_out_of_memory_is_tried_again(ended):
    starved = next(job for job in ended.submitted() if asked(job)[0] == 100)
    first, second = ended.tries_of(starved)
    assert state_of(first) in ("FAILED", "OUT_OF_MEMORY")
    assert (asked(second)[0], state_of(second)) == (3000, "COMPLETED")
    assert "exceeded memory limit" in ended.text
    assert Path(ended.folder, "results/starved/signatures.h5ad").exists()


def test_what_refused_its_input_is_said_and_not_tried_again(ended):
    assert ended.process.returncode != 0
    assert re.search(
        r"^svqvae: preprocess wrong failed: \S+pert_info.txt: no column 'mao'; did you mean 'moa'",
        ended.text,
        re.MULTILINE,
    )
    # Four that prepare, one that trains; and the second try of three.
    assert len(ended.submitted()) == 8
    assert ended.text.count("Trying to restart") == 3


def test_the_profile_as_shipped_ends_with_a_report(whole):
    assert whole.ended() == 0, whole.text
    assert Path(whole.folder, "results/report-small.html").stat().st_size > 100_000
    # What prepares; two trainings; novelty; what describes a model; the summary.
    assert len(whole.submitted()) == 6, whole.text
    assert " jobs done in " in whole.text
    assert not list(Path(whole.folder, ".snakemake").glob("tmp.*"))


def test_a_head_that_is_stopped_cancels_its_jobs_and_goes_on_when_started_again(start, tmp_path):
    wanted = ("results/small/signatures.h5ad", *SOON)
    head = start(tmp_path, *wanted, datasets={"small": SMALL})
    job = signal_all("preprocess:dataset=small", signal.SIGSTOP)
    head.process.send_signal(signal.SIGTERM)
    assert head.ended() != 0
    wait_for(lambda: state_of(job) == "CANCELLED")
    wait_for(lambda: not processes_of("preprocess:dataset=small"))
    assert not list(tmp_path.glob(".snakemake/tmp.*"))
    assert start(tmp_path, *wanted, datasets={"small": SMALL}).ended() == 0


def test_jobs_that_outlive_a_killed_head_leave_the_next_run_alone(start, tmp_path):
    wanted = ("results/begun/signatures.h5ad", "results/queued/signatures.h5ad", *SOON)
    datasets = {"begun": SMALL, "queued": SMALL}
    control("update", "partitionname=main", "state=down")
    head = start(tmp_path, *wanted, datasets=datasets)
    queued, begun = wait_for(lambda: len(head.submitted()) == 2 and head.submitted())
    control("hold", queued)
    control("update", "partitionname=main", "state=up")
    wait_for(lambda: processes_of(".preprocess.py"))
    assert signal_all(".preprocess.py", signal.SIGSTOP) == begun
    head.process.kill()
    head.process.wait()

    again = start(tmp_path, *wanted, datasets=datasets)
    assert again.ended() == 0, again.text
    made = digests_in(tmp_path)
    assert len(made) > 6

    control("release", queued)
    signal_all(".preprocess.py", signal.SIGCONT)
    for job in (begun, queued):
        wait_for(lambda job=job: state_of(job) == "FAILED")
    assert digests_in(tmp_path) == made


def digests_in(folder):
    """Return digest and date of every file of the data sets."""
    files = [path for path in folder.glob("results/*/*.*") if path.is_file()]
    return {path: file_digest(path) for path in files}


def file_digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_mtime_ns


def control(*words):
    subprocess.run(["scontrol", *words], check=True)
