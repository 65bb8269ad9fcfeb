"""A run killed in the middle of a training goes on from there, to the same bits."""

import os
import signal
import subprocess
import sys
import time

import pytest
import yaml
from test_workflow import TINY

TARGET = "results/tiny/paper/folds/0-seed0/model.safetensors"
# Long enough to be killed after the first checkpoint, short enough for a test.
CONFIG = {
    **TINY,
    "models": {"paper": {"preset": "paper", "epochs": 1600, "hidden": 600, "batch_size": 8}},
}


def command(repository, folder):
    return [
        *(sys.executable, "-m", "snakemake", "--snakefile"),
        *(str(repository / "workflow" / "Snakefile"), "--configfile", str(folder / "c.yaml")),
        *("--directory", str(folder), "--cores", "1", "--rerun-incomplete", TARGET),
    ]


@pytest.mark.slow
def test_kill_and_resume(repository, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
        (folder / "c.yaml").write_text(yaml.safe_dump(CONFIG))
    checkpoint = broken / "results/tiny/paper/folds/.0-seed0.checkpoint"
    with subprocess.Popen(
        command(repository, broken),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as run:
        until = time.monotonic() + 240
        while not checkpoint.exists() and run.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
        os.killpg(run.pid, signal.SIGKILL)
    assert checkpoint.exists(), "the training ended before its first checkpoint"
    assert not (broken / TARGET).exists()
    # As after a power cut: Snakemake's own lock is still there.
    unlock = [*command(repository, broken)[:-2], "--unlock"]
    subprocess.run(unlock, check=True, capture_output=True)
    again = subprocess.run(command(repository, broken), capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr[-3000:]
    log = (broken / "results/logs/tiny/paper/train-0-seed0.log").read_text()
    assert "going on after epoch" in log
    assert not checkpoint.exists()
    subprocess.run(command(repository, whole), check=True, capture_output=True)
    assert (broken / TARGET).read_bytes() == (whole / TARGET).read_bytes()
    history = "results/tiny/paper/folds/0-seed0/history.tsv"
    assert (broken / history).read_bytes() == (whole / history).read_bytes()
