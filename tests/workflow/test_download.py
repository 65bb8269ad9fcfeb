"""A run whose files come from a server: fetched once, resumed, refused in words."""

import gzip
import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest
import yaml
from loopback import Fault, Loopback, kill_after
from small_set import SMALL, TARGET

from svqvae.pp.simulation import write_simulated

SIM = replace(SMALL, landmark_genes=400)
FOLDER = "resources/downloads"


@pytest.fixture(scope="module")
def bodies(tmp_path_factory):
    """Content of each file of the data set by its name."""
    folder = tmp_path_factory.mktemp("simulated")
    write_simulated(folder, SIM)
    return {p.name: p.read_bytes() for p in folder.iterdir()}


@pytest.fixture
def server():
    with Loopback() as running:
        yield running


@pytest.fixture
def config(server, bodies):
    """Signatures by a download, two tables by URLs, of which one is packed."""
    packed = gzip.compress(bodies["signatures.gctx"])
    sums = f"{hashlib.sha512(packed).hexdigest()}  level5.gctx.gz\n".encode()
    return {
        "downloads": {
            "resources/geo/signatures.gctx": {
                "url": server.serve("level5.gctx.gz", packed),
                "checksums": server.serve("SUMS.txt.gz", gzip.compress(sums)),
                "size": len(packed),
            }
        },
        "datasets": {
            "mine": {
                "source": {
                    "kind": "gctx",
                    "signatures": "resources/geo/signatures.gctx",
                    "sig_info": server.serve("sig_info.txt", bodies["sig_info.txt"]),
                },
                "labels": {
                    "key": "moa",
                    "table": server.serve(
                        "pert_info.txt.gz", gzip.compress(bodies["pert_info.txt"])
                    ),
                },
                "split": {"folds": 3},
            }
        },
        "models": {"mean": {"preset": "class_mean"}},
    }


def jobs(output):
    """Job counts of a run or dry run, by rule."""
    return {k: int(n) for k, n in re.findall(r"^(\w+) {2,}(\d+)$", output, re.M) if k != "total"}


def write(folder, config):
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def hidden(folder):
    return sorted(p.name for p in folder.iterdir() if p.name.startswith("."))


def test_a_run_fetches_what_it_needs_once(tmp_path, config, server, bodies, snakemake):
    path = write(tmp_path, config)
    dry = snakemake(tmp_path, path, TARGET, "--dry-run")
    assert jobs(dry.stdout + dry.stderr) == {"download": 3, "preprocess": 1}
    assert server.requests == []
    run = snakemake(tmp_path, path, TARGET)
    assert run.returncode == 0, run.stderr[-3000:]
    assert (tmp_path / TARGET).is_file()
    fetched = {
        "resources/geo/signatures.gctx": "signatures.gctx",
        f"{FOLDER}/sig_info.txt": "sig_info.txt",
        f"{FOLDER}/pert_info.txt": "pert_info.txt",
    }
    for place, name in fetched.items():
        assert (tmp_path / place).read_bytes() == bodies[name]
        log = (tmp_path / "results/logs/downloads" / f"{place}.log").read_text()
        assert f"fetching {server.root}" in log
        assert "in place" in log
    assert hidden(tmp_path / FOLDER) == [".pert_info.txt.url", ".sig_info.txt.url"]
    assert len(server.requests) == 4

    # Whatever changes after that: nothing is fetched again, and what was made is still good.
    again = snakemake(tmp_path, path, TARGET)
    assert "Nothing to be done" in again.stdout + again.stderr
    forced = snakemake(tmp_path, path, TARGET, "--dry-run", "--forceall")
    assert jobs(forced.stdout + forced.stderr) == {"preprocess": 1}
    assert len(server.requests) == 4


def test_a_file_of_the_users_own_is_used(tmp_path, config, server, bodies, snakemake):
    """Even if it is older than the workflow, which is reason enough for Snakemake elsewhere."""
    for place, name in (
        ("resources/geo/signatures.gctx", "signatures.gctx"),
        (f"{FOLDER}/sig_info.txt", "sig_info.txt"),
    ):
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_bytes(bodies[name])
        os.utime(tmp_path / place, (1, 1))
    path = write(tmp_path, config)
    dry = snakemake(tmp_path, path, TARGET, "--dry-run")
    assert jobs(dry.stdout + dry.stderr) == {"download": 1, "preprocess": 1}
    run = snakemake(tmp_path, path, TARGET)
    assert run.returncode == 0, run.stderr[-3000:]
    assert {r.path for r in server.requests} == {"/pert_info.txt.gz"}


def test_a_missing_file_is_told_without_a_traceback(tmp_path, config, server, snakemake):
    del server.files["/sig_info.txt"]
    run = snakemake(tmp_path, write(tmp_path, config), TARGET)
    output = run.stdout + run.stderr
    assert run.returncode != 0
    assert len(server.asked("sig_info.txt")) == 1
    assert (
        f"svqvae, download: {server.root}/sig_info.txt: HTTP 404 Not Found; the server has no "
        "such file" in output
    )
    assert "Traceback" not in output
    assert not (tmp_path / TARGET).exists()
    assert not list((tmp_path / FOLDER).glob("*sig_info*"))


def test_a_wrong_sum_is_told_and_nothing_is_left(tmp_path, config, server, snakemake):
    server.files["/level5.gctx.gz"].faults = [Fault("corrupt", 9)] * 9
    run = snakemake(tmp_path, write(tmp_path, config), TARGET)
    output = run.stdout + run.stderr
    assert run.returncode != 0
    assert "sha512 is" in output
    assert "Traceback" not in output
    # Once more from the start, as a transfer may go wrong; then it is another file.
    assert len(server.asked("level5.gctx.gz")) == 2
    assert not list(tmp_path.glob("resources/geo/*"))
    assert not list(tmp_path.glob("resources/geo/.*"))


def test_what_was_fetched_outlives_a_failed_job(tmp_path, config, server, bodies, snakemake):
    """Snakemake deletes the outputs of failed jobs, but not the bytes beside them."""
    url = config["datasets"]["mine"]["source"]["sig_info"]
    size = len(bodies["sig_info.txt"])
    server.files["/sig_info.txt"].faults = [Fault("close", 300), Fault("status", status=403)]
    path = write(tmp_path, config)
    run = snakemake(tmp_path, path, f"{FOLDER}/sig_info.txt")
    assert run.returncode != 0
    assert f"{url}: HTTP 403" in run.stdout + run.stderr
    assert (tmp_path / FOLDER / ".sig_info.txt.part").stat().st_size == 300
    run = snakemake(tmp_path, path, f"{FOLDER}/sig_info.txt")
    assert run.returncode == 0, run.stderr[-3000:]
    assert (tmp_path / FOLDER / "sig_info.txt").read_bytes() == bodies["sig_info.txt"]
    assert server.requests[-1].range == "bytes=300-"
    assert server.requests[-1].sent == size - 300


def test_a_killed_run_is_resumed(tmp_path, config, server, repository, snakemake):
    body = os.urandom(6_000_000)
    sums = {"sha256": hashlib.sha256(body).hexdigest()}
    config["downloads"]["big.bin"] = {"url": server.serve("big", body, Fault("slow")), **sums}
    path = write(tmp_path, config)
    command = [sys.executable, "-m", "snakemake", "--configfile", str(path), "--cores", "1"]
    command += ["--snakefile", str(repository / "workflow" / "Snakefile")]
    command += ["--directory", str(tmp_path), "big.bin"]
    run = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    kept = kill_after(run, tmp_path / ".big.bin.part", 200_000, group=True)
    snakemake(tmp_path, path, "--unlock")
    again = snakemake(tmp_path, path, "big.bin", "--rerun-incomplete")
    assert again.returncode == 0, again.stderr[-3000:]
    assert (tmp_path / "big.bin").read_bytes() == body
    assert server.requests[-1].sent == len(body) - kept > 0


def test_an_absolute_path_can_be_fetched_to(tmp_path, config, server, snakemake):
    place = tmp_path / "scratch" / "sigs.gctx"
    config["downloads"] = {str(place): config["downloads"]["resources/geo/signatures.gctx"]}
    config["datasets"]["mine"]["source"]["signatures"] = str(place)
    (tmp_path / "run").mkdir()
    run = snakemake(tmp_path / "run", write(tmp_path, config), TARGET)
    assert run.returncode == 0, run.stderr[-3000:]
    assert place.is_file()
