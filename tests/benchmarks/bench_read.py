"""Reading 978 genes x 5,000 scattered signatures of 20,000 x 12,328: ours against cmapPy.

One temporary GCTX for each layout (gzip in 1000 x 1000 chunks, contiguous; about 1 GB each),
read by each reader in a process of its own, in turns; the best of five, and the slowest. Memory
is the peak of the process above what it held before the call, less the result itself. The bound is
the bare work: the same chunks fetched and inflated on as many threads, or the same rows read into
one buffer, with nothing made of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
from isal import isal_zlib

SIGNATURES, GENES, BLOCK, ROUNDS = 20_000, 12_328, 1000, 5
LAYOUTS = {"gzip": {"chunks": (BLOCK, BLOCK), "compression": "gzip"}, "contiguous": {}}


def make(path: Path, layout: dict) -> None:
    """Write z-scores of four decimals, block by block."""
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        file.attrs["version"] = np.bytes_("GCTX1.0")
        matrix = file.create_dataset("0/DATA/0/matrix", (SIGNATURES, GENES), "f4", **layout)
        for start in range(0, SIGNATURES, BLOCK):
            matrix[start : start + BLOCK] = rng.standard_normal((BLOCK, GENES)).round(4)
        file["0/META/COL/id"] = [f"SIG_{i}".encode() for i in range(SIGNATURES)]
        file["0/META/ROW/id"] = [str(i).encode() for i in range(GENES)]


def peak_mb() -> float:
    """Return the process's peak resident memory so far."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024


def bare(path: str, rows: np.ndarray) -> float:
    """Return the seconds that the bytes alone take, of a file whose every chunk is wanted."""
    with h5py.File(path) as file:
        matrix, descriptor = file["0/DATA/0/matrix"].id, file.id.get_vfd_handle()
        full, row = 4 * BLOCK * BLOCK, 4 * GENES
        started = time.perf_counter()
        if matrix.get_offset() is None:
            stored: list = []
            matrix.chunk_iter(stored.append)

            def inflate(chunk: h5py.h5d.StoreInfo) -> None:
                raw = os.pread(descriptor, chunk.size, chunk.byte_offset)
                assert len(isal_zlib.decompressobj().decompress(raw, full)) == full

            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(inflate, stored))
        else:
            buffer = memoryview(bytearray(row))
            for at in np.sort(rows).tolist():
                assert os.preadv(descriptor, [buffer], matrix.get_offset() + at * row) == row
        return time.perf_counter() - started


def measure(reader: str, path: str) -> dict[str, float]:
    """Read once in this process; return seconds, megabytes above the result, and a checksum."""
    rng = np.random.default_rng(1)
    at = rng.permutation(SIGNATURES)[:5000]
    rows = [f"SIG_{i}" for i in at]
    genes = [str(i) for i in rng.permutation(GENES)[:978]]
    if reader == "bare":
        return {"seconds": bare(path, at)}
    if reader == "ours":
        import anndata  # noqa: F401  (counted as held before the call, as pandas is for cmapPy)

        from svqvae.io import read
    else:
        warnings.simplefilter("ignore")
        from cmapPy.pandasGEXpress.parse import parse
    before, started = peak_mb(), time.perf_counter()
    if reader == "ours":
        x = read(path, rows=rows, genes=genes).X
    else:
        x = parse(path, cid=rows, rid=genes).data_df
    seconds = time.perf_counter() - started
    above = peak_mb() - before - len(rows) * len(genes) * 4 / 2**20
    if reader != "ours":
        x = x.loc[genes, rows].to_numpy(np.float32).T
    weights = np.random.default_rng(2).random(x.shape)
    return {"seconds": seconds, "megabytes": above, "checksum": float((x * weights).sum())}


def main() -> None:
    """Print one line for each layout."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(*sys.argv[1:])))
        return
    for name, layout in LAYOUTS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bench.gctx"
            make(path, layout)
            runs: dict[str, list[dict]] = {"ours": [], "cmapPy": [], "bare": []}
            for reader in list(runs) * ROUNDS:
                command = [sys.executable, __file__, reader, str(path)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                runs[reader].append(json.loads(done.stdout.splitlines()[-1]))
        bound = min(run["seconds"] for run in runs.pop("bare"))
        sums = {run["checksum"] for found in runs.values() for run in found}
        assert len(sums) == 1, f"the readers differ: {sums}"
        seconds = {reader: sorted(r["seconds"] for r in found) for reader, found in runs.items()}
        spread = {reader: f"{s[0]:.2f} s (to {s[-1]:.2f})" for reader, s in seconds.items()}
        most = {reader: max(r["megabytes"] for r in found) for reader, found in runs.items()}
        print(
            f"read {name:>10}: ours {spread['ours']}, cmapPy {spread['cmapPy']}, ratio of the best "
            f"{seconds['cmapPy'][0] / seconds['ours'][0]:.1f}; bytes alone {bound:.2f} s, share "
            f"{bound / seconds['ours'][0]:.2f}; above the result: "
            f"ours {most['ours']:.0f} MB, cmapPy {most['cmapPy']:.0f} MB"
        )


if __name__ == "__main__":
    main()
