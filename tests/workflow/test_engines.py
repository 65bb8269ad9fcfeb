"""Other engines than this machine and SLURM: what the profiles plan, and runs as they would be."""

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from test_workflow import REPORT, TINY

SMALL = {**TINY, "models": {"svqvae": TINY["models"]["svqvae"], "lda": {"preset": "lda"}}}
#: What PBS does, at once: run the script, and print a number.
QSUB = """#!/bin/sh
for script; do :; done
echo "$@" >> {calls}
sh "$script" > "$script.out" 2>&1
echo 7.server
"""


def snakemake(repository, folder, *arguments, **environment):
    (folder / "tiny.yaml").write_text(yaml.safe_dump(SMALL))
    own = ("--configfile", "tiny.yaml", "--directory", str(folder))
    snakefile = ("--snakefile", str(repository / "workflow" / "Snakefile"))
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *arguments, *own, *snakefile],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


@pytest.mark.slow
def test_a_scheduler_with_a_command_runs_it(repository, tmp_path):
    qsub, calls = tmp_path / "bin" / "qsub", tmp_path / "calls"
    qsub.parent.mkdir()
    qsub.write_text(QSUB.format(calls=shlex.quote(str(calls))))
    qsub.chmod(qsub.stat().st_mode | stat.S_IXUSR)
    profile = repository / "workflow/profiles/generic"
    run = snakemake(
        repository,
        tmp_path,
        *("--workflow-profile", str(profile), "--latency-wait", "5"),
        PATH=f"{qsub.parent}{os.pathsep}{os.environ['PATH']}",
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert (tmp_path / "results" / REPORT).is_file()
    asked = calls.read_text().splitlines()
    assert 5 < len(asked) < 12
    # Jobs that are submitted as one may run side by side.
    wanted = re.compile(r"-V -l select=1:ncpus=[1-4]:mem=\d+mb -l walltime=\d+ ")
    assert [a for a in asked if not wanted.match(a)] == []


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("rsync") is None, reason="rsync is not installed")
def test_results_may_lie_in_a_storage(repository, tmp_path):
    """As on Kubernetes, whose pods share no folder: every job works on copies."""
    store = tmp_path / "store"
    storage = ("--default-storage-provider", "fs", "--default-storage-prefix", str(store))
    run = snakemake(repository, tmp_path, "--cores", "2", *storage)
    assert run.returncode == 0, run.stderr[-3000:]
    assert (store / "results" / REPORT).is_file()
    assert (store / "results/tiny/svqvae/model/model.json").is_file()
    again = snakemake(repository, tmp_path, "--cores", "2", *storage)
    assert "Nothing to be done" in again.stdout + again.stderr


@pytest.mark.slow
def test_a_module_with_a_prefix_keeps_to_its_folder(repository, tmp_path):
    (tmp_path / "Snakefile").write_text(
        f"""
module mechanisms:
    snakefile: "{repository}/workflow/Snakefile"
    config: {SMALL!r}
    prefix: "mine"
use rule * from mechanisms as mechanisms_*
rule report:
    default_target: True
    input: "mine/results/report.html"
"""
    )
    run = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert (tmp_path / "mine/results/report.html").is_file()
    made = {path.name for path in tmp_path.iterdir() if any(path.rglob("*.tsv"))}
    assert made == {"mine"}


def test_kubernetes_is_asked_for_what_its_executor_knows(repository, tmp_path):
    """Without a cluster and its bucket the plan itself cannot be made; every option can be read."""
    profile = repository / "workflow/profiles/kubernetes"
    run = snakemake(repository, tmp_path, "--workflow-profile", str(profile), "--version")
    assert run.returncode == 0, run.stderr
    options = yaml.safe_load((profile / "config.yaml").read_text())
    known = subprocess.run(
        [sys.executable, "-m", "snakemake", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for option in options:
        assert re.search(rf"--{option}\b", known), option


@pytest.mark.parametrize("name", ["default", "slurm", "slurm-gpu", "generic", "kubernetes"])
def test_a_profile_starts_the_same_again(repository, name):
    profile = yaml.safe_load((repository / f"workflow/profiles/{name}/config.yaml").read_text())
    assert profile["rerun-incomplete"] is True
    assert profile["rerun-triggers"] == ["mtime", "params", "input", "software-env"]


def test_the_profile_with_gpus_is_that_of_slurm_but_for_them(repository):
    """Snakemake's profiles cannot include one another."""
    one, other = (
        yaml.safe_load((repository / f"workflow/profiles/{name}/config.yaml").read_text())
        for name in ("slurm", "slurm-gpu")
    )
    assert other.pop("set-resources") == {
        "train_long_networks": {"gpu": 1},
        "train_networks": {"gpu": 1},
    }
    assert one == other


@pytest.mark.parametrize(
    ("profile", "device", "wanted"),
    [("slurm", "auto", 0), ("slurm", "cuda", 2), ("slurm-gpu", "auto", 1)],
)
def test_a_gpu_is_asked_for_by_what_trains_networks(repository, tmp_path, profile, device, wanted):
    folder = repository / "workflow/profiles" / profile
    run = snakemake(
        repository,
        tmp_path,
        *("--workflow-profile", str(folder), "-n", "--config", f"device={device}"),
    )
    assert run.returncode == 0, run.stderr[-3000:]
    text = run.stdout + run.stderr
    asking = re.findall(r"rule (\w+):\n(?:    .*\n)*?    resources: .*gpu=1", text)
    # Our own network, and the five more trainings of its novelty.
    assert sorted(asking) == ["evaluate_novelty", "train_long_networks"][-wanted:][:wanted]


def instructions(path):
    """Instructions of a Dockerfile, each with its words; lines that go on are joined."""
    text = re.sub(r"\\\n", " ", path.read_text())
    lines = [line.strip() for line in text.splitlines()]
    return [line.split(None, 1) for line in lines if line and not line.startswith("#")]


def test_the_container_is_built_from_the_constraints(repository):
    """Checked without building: a builder needs the base image, and not every machine has one."""
    recipe = instructions(repository / "workflow/envs/Dockerfile")
    assert recipe[0][0] == "FROM"
    python = re.search(r"python:(3\.\d+)-slim", recipe[0][1])[1]
    assert f"python={python}" in (repository / "environment.yml").read_text()
    for name, words in recipe:
        if name == "COPY":
            for source in words.split()[:-1]:
                assert (repository / source).exists(), source
        if name == "RUN":
            subprocess.run(["sh", "-n", "-c", words], check=True)
    ran = " ".join(words for name, words in recipe if name == "RUN")
    assert "--constraints constraints.txt" in ran
    assert "[workflow,enrichment,signatures,storage]" in ran
    # As long as no user is named, a container runs as root, and leaves files of root's.
    assert any(name == "USER" for name, _ in recipe)


def test_what_is_installed_satisfies_what_is_declared():
    """The pins are those of environment.yml too: of each, all that it requires is there."""
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "check", "--python", sys.executable]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
