"""What the profile for SLURM submits: few jobs, that ask for more when they are tried again.

By dry runs, which need no SLURM; tests/slurm runs it.
"""

import re
import subprocess
import sys

import pytest
import yaml


@pytest.fixture(scope="module")
def dry_run(repository, tmp_path_factory):
    """Return a function that returns the text of a dry run of a configuration."""

    def dry_run(name, *arguments):
        command = [sys.executable, "-m", "snakemake", "-n", *arguments]
        command += ["--workflow-profile", "workflow/profiles/slurm"]
        command += ["--configfile", f"config/{name}.yaml"]
        command += ["--directory", str(tmp_path_factory.mktemp(name))]
        done = subprocess.run(command, cwd=repository, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return dry_run


@pytest.fixture(scope="module")
def default(dry_run):
    return dry_run("config")


def submitted(text):
    """What sbatch is called for: each group of jobs, and each job on its own."""
    groups = re.findall(r"^\[[^]]+\] Group job (\w+)", text, re.MULTILINE)
    alone = re.findall(r"^rule (\w+):", text, re.MULTILINE)
    return [*groups, *(rule for rule in alone if rule not in ("all", "download"))]


def asked(text):
    """Megabytes and minutes that each rule asks for."""
    found = re.findall(
        r"^ *(?:rule|localrule) (\w+):$(?:\n(?! *$).*)*?\n *resources: (.*)$", text, re.MULTILINE
    )
    return {
        rule: tuple(int(re.search(rf"\b{name}=(\d+)", known)[1]) for name in ("mem_mb", "runtime"))
        for rule, known in found
        if rule != "all"
    }


def test_the_default_run_submits_few_jobs(default):
    jobs = submitted(default)
    assert len(jobs) == 26
    # Trainings side by side, each on its own; what is short, together.
    assert sum(job.startswith("train_") for job in jobs) == 16
    others = sorted({job for job in jobs if not job.startswith("train_")})
    assert others == ["describe", "evaluate_novelty", "prepare", "summarise"]
    assert jobs.count("prepare") == jobs.count("summarise") == 1


def test_a_run_whose_trainings_are_jobs_submits_tens(dry_run):
    assert len(submitted(dry_run("lincs_phase2_hub"))) < 60


def test_what_is_tried_again_asks_for_twice_as_much(dry_run, default):
    first, second = asked(default), asked(dry_run("config", "--attempt", "2"))
    assert len(first) > 12
    for rule, (memory, minutes) in first.items():
        assert second[rule] == (2 * memory, 2 * minutes), rule


def test_every_job_has_one_thread_as_on_a_laptop(default):
    assert "threads:" not in default


def test_account_and_partition_are_set_by_taking_off_a_hash(repository):
    text = (repository / "workflow/profiles/slurm/config.yaml").read_text()
    profile = yaml.safe_load(text.replace("# - slurm_", "- slurm_"))
    assert profile["default-resources"][:2] == [
        "slurm_account=my_account",
        "slurm_partition=my_partition",
    ]
    assert yaml.safe_load(text)["default-resources"] == profile["default-resources"][2:]
