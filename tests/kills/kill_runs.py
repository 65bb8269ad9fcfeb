"""Kill runs at random moments and start them again; every file must be as of a run never killed.

    python tests/kills/kill_runs.py --n 60 --seed 1 [--keep FOLDER]

Each trial starts a run in a folder of its own and kills something with SIGKILL: Snakemake alone
(head), one job (job), all processes (tree), all while the report is written (report) or a file is
fetched (download). A run whose job was killed ends by itself. The same command is given once more;
it must succeed, and every result must have the bytes of the run that nobody killed. A run that
ended before its moment came is no kill: it is compared, and the trial is made again.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests"), str(REPOSITORY / "tests/workflow")]

from loopback import Fault, Loopback  # noqa: E402
from small_set import SMALL  # noqa: E402

from svqvae.pp.simulation import write_simulated  # noqa: E402

WAYS = ("head", "job", "tree", "report", "download")
#: A file of some megabytes, so that fetching it can be met.
SIM = replace(SMALL, groups=2, doses=2, landmark_genes=60, inferred_genes=9000)


def configuration(server: Loopback, data: Path) -> dict:
    """Return two models on a fetched data set, with all that is made of them."""
    urls = {}
    for name in ("signatures.gctx", "sig_info.txt", "gene_info.txt", "pert_info.txt"):
        urls[name] = server.serve(name, (data / name).read_bytes())
    return {
        "datasets": {
            "tiny": {
                "source": {
                    "kind": "gctx",
                    "signatures": urls["signatures.gctx"],
                    "sig_info": urls["sig_info.txt"],
                    "gene_info": urls["gene_info.txt"],
                },
                "labels": {"key": "moa", "table": urls["pert_info.txt"]},
                "filters": {"genes": "landmark"},
                "split": {"folds": 2},
            }
        },
        "models": {
            "svqvae": {"preset": "svqvae", "epochs": 60, "hidden": 200},
            "lda": {"preset": "lda"},
        },
    }


def slow(server: Loopback) -> None:
    """Let the next request of each file take a while."""
    for served in server.files.values():
        served.faults[:] = [Fault("slow")]


def start(folder: Path, log: Path) -> subprocess.Popen:
    """Start the run, in a session of its own."""
    command = [
        *(sys.executable, "-m", "snakemake", "--configfile", "c.yaml", "--cores", "2"),
        *("--snakefile", str(REPOSITORY / "workflow" / "Snakefile")),
        *("--rerun-incomplete", "--keep-going"),
    ]
    with log.open("a") as out:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdout=out,
            stderr=out,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )


def digests(folder: Path) -> dict[str, str]:
    """Return the digest of every result and fetched file; logs and hidden files are notes."""
    found = {}
    for part in ("results", "resources"):
        for path in sorted((folder / part).rglob("*")):
            at = path.relative_to(folder)
            hidden = any(part.startswith(".") for part in at.parts)
            if path.is_file() and at.parts[1] != "logs" and not hidden:
                found[str(at)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def jobs_of(folder: Path) -> dict[int, str]:
    """Return the jobs that run in a folder: process and name of the script."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdecimal() else []
            here = words and os.readlink(entry / "cwd") == str(folder)
        except OSError:
            continue
        scripts = [w.decode().rpartition("/")[2] for w in words if b"scripts/tmp" in w]
        if here and scripts:
            found[int(entry.name)] = scripts[0]
    return found


def wait_for(run: subprocess.Popen, folder: Path, script: str) -> int | None:
    """Return the process of a script once it runs; None if the run ended before."""
    while run.poll() is None:
        for process, name in jobs_of(folder).items():
            if script in name:
                return process
        time.sleep(0.02)
    return None


def kill(run: subprocess.Popen, folder: Path, way: str, chance: random.Random, took: float) -> str:
    """Kill a run, or part of it, at a random moment; return what was hit."""
    if way in ("report", "download"):
        if wait_for(run, folder, {"report": "write_report", "download": "download"}[way]) is None:
            return "nothing"
        time.sleep(chance.uniform(0, 2))
    else:
        until = time.monotonic() + chance.uniform(0, took)
        while run.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
    if run.poll() is not None:
        return "nothing"
    running = jobs_of(folder)
    if way == "job":
        while not running and run.poll() is None:
            time.sleep(0.02)
            running = jobs_of(folder)
        if not running:
            return "nothing"
        hit = chance.choice(sorted(running))
        os.kill(hit, signal.SIGKILL)
        name = running[hit]
        run.wait()
        return name.partition(".")[2]
    if way == "head":
        run.kill()
    else:
        os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    return ", ".join(sorted(n.partition(".")[2] for n in running.values())) or "between jobs"


def main() -> None:
    """Kill, start again, compare; print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--n", type=int, default=60)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--keep", type=Path, help="where failed trials stay")
    options = options.parse_args()
    chance = random.Random(options.seed)
    rows, bad = [], 0
    root = options.keep or Path(tempfile.mkdtemp(prefix="svqvae-kills-"))
    root.mkdir(parents=True, exist_ok=True)
    with Loopback() as server:
        write_simulated(root / "data", SIM)
        config = yaml.safe_dump(configuration(server, root / "data"))

        def folder_for(name: str) -> Path:
            folder = root / name
            folder.mkdir()
            (folder / "c.yaml").write_text(config)
            slow(server)
            return folder

        whole = folder_for("whole")
        begun = time.monotonic()
        if start(whole, whole / "log").wait() != 0:
            sys.exit((whole / "log").read_text()[-3000:])
        took = time.monotonic() - begun
        wanted = digests(whole)
        print(f"a run never killed: {took:.0f} s, {len(wanted)} files")
        kills = 0
        while kills < options.n:
            way = WAYS[kills % len(WAYS)]
            folder = folder_for(f"{len(rows):03d}-{way}")
            run = start(folder, folder / "log")
            hit = kill(run, folder, way, chance, took)
            again = start(folder, folder / "log").wait()
            found = digests(folder)
            differ = sorted(
                k for k in wanted.keys() | found.keys() if wanted.get(k) != found.get(k)
            )
            left = [p for p in folder.rglob(".run.json")] + jobs_of_list(folder)
            good = again == 0 and not differ and not left
            kills += hit != "nothing"
            rows.append((way, "nothing hit" if hit == "nothing" else "as if never killed"))
            if not good:
                bad += 1
                rows[-1] = (way, "wrong")
                print(f"  exit {again}, {len(differ)} files differ: {differ[:5]}, left {left}")
            print(f"{kills:3d} {way:9s} hit {hit}: {'ok' if good else 'WRONG'}", flush=True)
            if good:
                subprocess.run(["rm", "-r", str(folder)], check=True)
    print("\nway        outcome              n")
    for (way, outcome), n in sorted(Counter(rows).items()):
        print(f"{way:10s} {outcome:20s} {n}")
    sys.exit(bool(bad))


def jobs_of_list(folder: Path) -> list[str]:
    """Return the jobs that still run in a folder."""
    return [f"job {process} {name}" for process, name in jobs_of(folder).items()]


if __name__ == "__main__":
    main()
