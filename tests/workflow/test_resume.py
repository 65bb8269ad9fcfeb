"""A run killed in the middle of a training goes on from there, to the same bits."""

import os
import signal
import subprocess
import sys
import time

import pytest
import yaml
from test_workflow import TINY

FOLDS = "results/tiny/paper/folds"
TARGET = f"{FOLDS}/1-seed0/model.safetensors"
CHECKPOINT = "results/tiny/paper/.training/1-seed0.checkpoint"
#: A checkpoint is written every few seconds: on a faster machine only a longer training has one.
EPOCHS = (1600, 6400, 25600)


def configure(folder, epochs):
    model = {"preset": "paper", "epochs": epochs, "hidden": 600, "batch_size": 8}
    folder.mkdir(exist_ok=True)
    (folder / "c.yaml").write_text(yaml.safe_dump({**TINY, "models": {"paper": model}}))


def command(repository, folder):
    return [
        *(sys.executable, "-m", "snakemake", "--snakefile"),
        *(str(repository / "workflow" / "Snakefile"), "--configfile", str(folder / "c.yaml")),
        *("--directory", str(folder), "--cores", "1", "--rerun-incomplete", FOLDS),
    ]


def kill_at_first_checkpoint(repository, folder):
    """Start the run and kill it, all its jobs too; return whether it had a checkpoint by then."""
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            command(repository, folder), stdout=log, stderr=log, start_new_session=True
        ) as run,
    ):
        until = time.monotonic() + 240
        while not (folder / CHECKPOINT).exists() and run.poll() is None:
            assert time.monotonic() < until, (folder / "log").read_text()[-3000:]
            time.sleep(0.05)
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
    assert run.returncode in (0, -signal.SIGKILL), (folder / "log").read_text()[-3000:]
    return (folder / CHECKPOINT).exists()


@pytest.mark.slow
def test_kill_and_resume(repository, tmp_path):
    for epochs in EPOCHS:
        broken, whole = tmp_path / f"broken-{epochs}", tmp_path / f"whole-{epochs}"
        configure(broken, epochs)
        if kill_at_first_checkpoint(repository, broken):
            break
    checkpoint = broken / CHECKPOINT
    assert checkpoint.exists(), f"a training of {epochs} epochs ended before its first checkpoint"
    assert not (broken / TARGET).exists()
    # As after a power cut: Snakemake's own lock is still there, and no run holds it.
    assert list((broken / ".snakemake/locks").iterdir())
    again = subprocess.run(command(repository, broken), capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr[-3000:]
    log = (broken / "results/logs/tiny/paper/train.log").read_text()
    # The first fold was done, the second goes on.
    assert "fold 0, seed 0 (1 of 3): was trained before the run stopped" in log
    assert "going on after epoch" in log
    assert not checkpoint.exists()
    configure(whole, epochs)
    subprocess.run(command(repository, whole), check=True, capture_output=True)
    assert (broken / TARGET).read_bytes() == (whole / TARGET).read_bytes()
    history = "results/tiny/paper/folds/1-seed0/history.tsv"
    assert (broken / history).read_bytes() == (whole / history).read_bytes()
