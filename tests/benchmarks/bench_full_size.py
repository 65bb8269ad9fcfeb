"""The seven cell lines of the papers, landmark genes, out of 118,050 x 12,328 (5.8 GB).

A contiguous GCTX of that size is made in the folder given (or a temporary one) and removed. As
on GEO, signatures lie plate by plate, one cell line each; the landmark genes are scattered.
Ours is held against dd reading as many bytes as the wanted rows have, from the same file,
both with the file dropped from the page cache first; and once more with the file in it. Disks
of virtual machines differ from one second to the next, so that medians of alternate runs are
compared, and their ranges shown.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np
from bench_read import peak_mb

SIGNATURES, GENES, PLATE, LANDMARKS = 118_050, 12_328, 350, 978
PAPER_LINES = ["A375", "HA1E", "HELA", "HT29", "MCF7", "PC3", "YAPC"]
OTHER_LINES = ["A549", "VCAP", "HEPG2"]
QUERY = f"cell_id in {PAPER_LINES}"
ROUNDS = 5


def make(path: Path) -> None:
    """Write the file, plate by plate."""
    rng = np.random.default_rng(0)
    lines = np.resize([*PAPER_LINES, *OTHER_LINES], SIGNATURES // PLATE + 1)
    cells = np.repeat(lines, PLATE)[:SIGNATURES]
    landmark = np.zeros(GENES, dtype=int)
    landmark[rng.permutation(GENES)[:LANDMARKS]] = 1
    plate = rng.standard_normal((PLATE, GENES), dtype=np.float32)
    with h5py.File(path, "w") as file:
        file.attrs["version"] = np.bytes_("GCTX1.0")
        matrix = file.create_dataset("0/DATA/0/matrix", (SIGNATURES, GENES), "f4")
        for start in range(0, SIGNATURES, PLATE):
            stop = min(start + PLATE, SIGNATURES)
            matrix[start:stop] = plate[: stop - start] + start % 97
        file["0/META/COL/id"] = [f"SIG_{i}".encode() for i in range(SIGNATURES)]
        file["0/META/COL/cell_id"] = [c.encode() for c in cells]
        file["0/META/ROW/id"] = [str(i).encode() for i in range(GENES)]
        file["0/META/ROW/pr_is_lm"] = landmark


def forget(path: str) -> None:
    """Drop the file from the page cache."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def ours(path: str) -> dict[str, float]:
    """Read the subset in this process."""
    import anndata  # noqa: F401

    from svqvae.io import read

    started = time.perf_counter()
    adata = read(path, rows=QUERY, genes="pr_is_lm == 1")
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "megabytes": peak_mb(), "signatures": adata.n_obs}


def dd(path: str, n_bytes: int) -> float:
    """Return the seconds that dd takes to read the first ``n_bytes``."""
    command = ["dd", f"if={path}", "of=/dev/null", "bs=4M", f"count={n_bytes >> 22}"]
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return time.perf_counter() - started


def main() -> None:
    """Print one line for the file on disk and one for the file in the page cache."""
    if len(sys.argv) > 2:
        print(json.dumps(ours(sys.argv[2])))
        return
    parent = sys.argv[1] if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        path = str(Path(folder) / "full.gctx")
        make(Path(path))
        for cached in (False, True):
            runs, reference = [], []
            for _ in range(ROUNDS):
                command = [sys.executable, __file__, "ours", path]
                if not cached:
                    forget(path)
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                runs.append(json.loads(done.stdout.splitlines()[-1]))
                if not cached:
                    forget(path)
                reference.append(dd(path, runs[-1]["signatures"] * GENES * 4))
            seconds = sorted(r["seconds"] for r in runs)
            reference.sort()
            middle = seconds[ROUNDS // 2], reference[ROUNDS // 2]
            print(
                f"subset {'in the page cache' if cached else 'from disk'}: "
                f"{runs[0]['signatures']:,} of {SIGNATURES:,} signatures, median of {ROUNDS}: ours "
                f"{middle[0]:.2f} s ({seconds[0]:.2f}-{seconds[-1]:.2f}), dd {middle[1]:.2f} s "
                f"({reference[0]:.2f}-{reference[-1]:.2f}), ratio {middle[0] / middle[1]:.2f}; "
                f"peak memory {max(r['megabytes'] for r in runs):.0f} MB, libraries included"
            )


if __name__ == "__main__":
    main()
