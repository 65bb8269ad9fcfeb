"""Run in bad surroundings, then as usual; say what was told, and compare every file.

    python tests/kills/bad_surroundings.py [--only WORD] [--keep FOLDER]

As root on Linux: each trial's results lie on a disk of its own (tmpfs), which is filled, or made
read-only, once a job of one rule is at work. Files vanish or lose a bit, memory and temporary
folders are withheld, the clock runs backwards. Then all is as before, the same command is given
again, and every result must have the bytes of a run that met nothing. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from kill_runs import SIM, configuration, digests, slow, start, wait_for
from loopback import Loopback

from svqvae.pp.simulation import write_simulated

#: Of the disk of a trial; a run of the small set leaves less than a tenth.
DISK_MB = 120
#: What a run says to its user: a job's last word, a refusal, or Snakemake's own.
SAID = re.compile(r"^(svqvae, .+|svqvae: (?!\d).+|OSError.*|MissingInput.*)$", re.MULTILINE)
#: Words of a terminal that come of ours, or of a library that nobody caught.
RAW = "Traceback (most recent call last)"


@dataclass(frozen=True)
class Trial:
    """What is done to a run: ``harm`` once a job of ``script`` is at work, or before the start."""

    name: str
    harm: Callable[[Path], Callable[[], None]]
    script: str | None = None
    environment: tuple[tuple[str, str], ...] = ()
    #: In bytes, of each process.
    memory: int | None = None


def fill(folder: Path) -> Callable[[], None]:
    """Leave no byte free on the disk of the results."""
    ballast = folder / "results" / ".ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue
    return ballast.unlink


def read_only(folder: Path) -> Callable[[], None]:
    """Let nothing be written to the results."""

    def remount(how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(folder / "results")], check=True)

    # What is open for writing holds the disk; a moment later it does not.
    for _ in range(200):
        try:
            remount("ro")
            break
        except subprocess.CalledProcessError:
            time.sleep(0.05)
    return lambda: remount("rw")


def vanish(where: str) -> Callable[[Path], Callable[[], None]]:
    """Take a file away; a result is made again, what a user brought comes back."""

    def harm(folder: Path) -> Callable[[], None]:
        path, aside = folder / where, folder / "aside"
        shutil.move(path, aside)
        is_result = where.startswith("results")
        return (lambda: None) if is_result else lambda: shutil.move(aside, path) and None

    return harm


def flip(where: str) -> Callable[[Path], Callable[[], None]]:
    """Change one bit in the middle of a file; deleted afterwards, as its message asks."""

    def harm(folder: Path) -> Callable[[], None]:
        path = folder / where
        was = path.stat()
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 4
        path.write_bytes(content)
        os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
        return path.unlink

    return harm


def nothing(folder: Path) -> Callable[[], None]:
    """Do no more than the environment does."""
    return lambda: None


def from_the_future(folder: Path) -> Callable[[], None]:
    """Stop the run half-way, and set what it made an hour ahead: the clock went back since."""
    subprocess.run(["pkill", "-KILL", "-f", f"{folder}/"], check=False)
    ahead = time.time() + 3600
    for path in [*(folder / "results").rglob("*"), *(folder / "resources").rglob("*")]:
        os.utime(path, (ahead, ahead))
    return lambda: None


#: What the small run's jobs are.
SCRIPTS = (
    *("download", "preprocess", "train_and_evaluate", "describe_classes", "benchmark_models"),
    *("evaluate_novelty", "draw", "write_report"),
)
MODEL = "results/tiny/svqvae"
TRIALS = [
    *(Trial(f"disk full: {script}", fill, script) for script in SCRIPTS),
    *(Trial(f"read-only: {s}", read_only, s) for s in ("preprocess", "train_and", "write_report")),
    Trial(
        "input gone: signatures.gctx", vanish("resources/downloads/signatures.gctx"), "preprocess"
    ),
    Trial("result gone: signatures.h5ad", vanish("results/tiny/signatures.h5ad"), "describe"),
    Trial("result gone: predictions.tsv", vanish(f"{MODEL}/predictions.tsv"), "write_report"),
    Trial("bit flipped: signatures.h5ad", flip("results/tiny/signatures.h5ad"), "describe"),
    Trial("bit flipped: model.safetensors", flip(f"{MODEL}/model/model.safetensors"), "describe"),
    Trial("bit flipped: predictions.tsv", flip(f"{MODEL}/predictions.tsv"), "write_report"),
    Trial("memory: 600 MB a process", nothing, memory=600 << 20),
    Trial("memory: 1,500 MB a process", nothing, memory=1500 << 20),
    Trial("TMPDIR that is not there", nothing, environment=(("TMPDIR", "/nowhere"),)),
    Trial("clock one hour back", from_the_future, "describe"),
]


@contextmanager
def disk(folder: Path) -> Iterator[None]:
    """Give the results a small disk of their own."""
    results = folder / "results"
    results.mkdir(parents=True)
    size = ("-o", f"size={DISK_MB}m")
    subprocess.run(["mount", "-t", "tmpfs", *size, "svqvae", str(results)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(results)], check=True)


def first_run(trial: Trial, folder: Path) -> tuple[int, str]:
    """Run in the bad surroundings; return the exit code and what the terminal showed."""
    before = {key: os.environ.get(key) for key, _ in trial.environment}
    os.environ.update(dict(trial.environment))
    limits = resource.getrlimit(resource.RLIMIT_AS)
    if trial.memory:
        resource.setrlimit(resource.RLIMIT_AS, (trial.memory, limits[1]))
    log = folder / "first.log"
    run = start(folder, log)
    resource.setrlimit(resource.RLIMIT_AS, limits)
    for key, value in before.items():
        os.environ.pop(key) if value is None else os.environ.update({key: value})
    mend = trial.harm(folder) if trial.script is None else lambda: None
    if trial.script is not None and wait_for(run, folder, trial.script) is not None:
        mend = trial.harm(folder)
    code = run.wait()
    mend()
    return code, log.read_text()


def main() -> None:
    """Run each trial twice, compare, and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="", help="trials whose name has this in it")
    options.add_argument("--keep", type=Path, help="where the logs stay")
    options = options.parse_args()
    root = options.keep or Path(tempfile.mkdtemp(prefix="svqvae-surroundings-"))
    root.mkdir(parents=True, exist_ok=True)
    bad = 0
    with Loopback() as server:
        write_simulated(root / "data", SIM)
        config = yaml.safe_dump(configuration(server, root / "data"))

        def prepared(name: str) -> Path:
            folder = root / re.sub(r"\W+", "-", name)
            folder.mkdir()
            (folder / "c.yaml").write_text(config)
            slow(server)
            return folder

        whole = prepared("whole")
        if start(whole, whole / "log").wait() != 0:
            sys.exit((whole / "log").read_text()[-3000:])
        wanted = digests(whole)
        print("| what | exit | what was said | the same command again |\n|---|---|---|---|")
        for trial in (trial for trial in TRIALS if options.only in trial.name):
            folder = prepared(trial.name)
            with disk(folder):
                code, told = first_run(trial, folder)
                again = start(folder, folder / "second.log").wait()
                found = digests(folder)
            differ = [k for k in wanted.keys() | found.keys() if wanted.get(k) != found.get(k)]
            said = list(dict.fromkeys(SAID.findall(told)))[:2] or ["nothing"]
            raw = " (with a traceback)" if RAW in told else ""
            good = again == 0 and not differ
            bad += not good or bool(code and (raw or said == ["nothing"]))
            then = "same bytes" if good else f"**exit {again}, {len(differ)} differ**"
            text = "; ".join(said).replace(str(folder), "…")
            print(f"| {trial.name} | {code} | {text}{raw} | {then} |", flush=True)
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
