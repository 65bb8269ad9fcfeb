"""Time and memory of preprocessing and of training, from 10,000 to 720,000 signatures x 978.

For each size a contiguous GCTX and its tables are made in a temporary folder; preprocessing (from
GCTX to signatures.h5ad) and ten epochs of the paper preset run in processes of their own, whose
peak resident memory (libraries and mapped pages included) is what the kernel says. Writes
the table and the figure that the README shows:

    python tests/benchmarks/bench_scale.py docs/scaling [sizes ...]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from bench_read import peak_mb

SIZES = (10_000, 50_000, 200_000, 720_000)
GENES, CLASSES, PER_COMPOUND, EPOCHS, BLOCK = 978, 75, 36, 10, 5000


def make(folder: Path, n: int) -> None:
    """Write signatures of 75 classes, and GEO tables of them."""
    rng = np.random.default_rng(0)
    compound = np.arange(n) // PER_COMPOUND
    profile = rng.normal(size=(CLASSES, GENES)).astype(np.float32)
    ids = [f"SIG_{i}" for i in range(n)]
    genes = [str(i) for i in range(GENES)]
    with h5py.File(folder / "signatures.gctx", "w") as file:
        matrix = file.create_dataset("0/DATA/0/matrix", (n, GENES), "f4")
        for start in range(0, n, BLOCK):
            part = compound[start : start + BLOCK]
            noise = rng.standard_normal((len(part), GENES), dtype=np.float32)
            matrix[start : start + len(part)] = 2 * noise + profile[part % CLASSES]
        file["0/META/COL/id"] = [i.encode() for i in ids]
        file["0/META/ROW/id"] = [g.encode() for g in genes]
    pd.DataFrame(
        {
            "sig_id": ids,
            "pert_id": [f"BRD-K{c:08d}" for c in compound],
            "pert_iname": [f"compound {c}" for c in compound],
            "pert_type": "trt_cp",
            "cell_id": np.resize(["A375", "MCF7", "PC3", "HT29"], n),
            "pert_idose": np.resize(["10 um", "3.33 um", "1.11 um"], n),
            "pert_itime": np.resize(["6 h", "24 h"], n),
            "tas": rng.random(n).round(4),
            "moa": [f"mechanism {c % CLASSES}" for c in compound],
        }
    ).to_csv(folder / "sig_info.txt", sep="\t", index=False)


def preprocess(folder: Path) -> None:
    """Run the step as the workflow's script does."""
    from svqvae.pp.preprocess import prepare
    from svqvae.pp.source import make_source

    files = {"signatures": folder / "signatures.gctx", "sig_info": folder / "sig_info.txt"}
    prepared = prepare(
        make_source("gctx", files),
        labels={"key": "moa"},
        filters={"pert_type": ["trt_cp"], "min_perturbagens_per_class": 1},
        split={"folds": 2},
        clip=10,
    )
    prepared.write(folder / "signatures.h5ad")


def train(folder: Path) -> None:
    """Train ten epochs from the file, as the workflow's script does."""
    import anndata as ad

    from svqvae.models.registry import make_model

    adata = ad.read_h5ad(folder / "signatures.h5ad", backed="r")
    make_model(adata, preset="paper", epochs=EPOCHS).train().save(folder / "model")


def measured(step: str, folder: str) -> dict[str, float]:
    """Run one step in this process."""
    started = time.perf_counter()
    {"preprocess": preprocess, "train": train}[step](Path(folder))
    return {"seconds": time.perf_counter() - started, "megabytes": peak_mb()}


def figure(table: pd.DataFrame, path: Path) -> None:
    """Draw time and memory against size, both on logarithmic axes but memory's."""
    import matplotlib.pyplot as plt

    plots, axes = plt.subplots(1, 2, figsize=(8, 3.2))
    for step, part in table.groupby("step", sort=False):
        slope = np.polyfit(np.log(part["signatures"]), np.log(part["seconds"]), 1)[0]
        label = f"{step}{f', {EPOCHS} epochs' if step == 'train' else ''}"
        axes[0].plot(part["signatures"], part["seconds"], "o-", label=f"{label}: slope {slope:.2f}")
        rise = np.polyfit(part["signatures"] / 1e5, part["megabytes"] / 1000, 1)[0]
        axes[1].plot(
            part["signatures"] / 1000,
            part["megabytes"] / 1000,
            "o-",
            label=f"{label}: {rise:.2f} GB per 100,000",
        )
    axes[0].set(xscale="log", yscale="log", xlabel="signatures", ylabel="seconds")
    axes[1].set(xlabel="thousand signatures", ylabel="peak memory (GB)", ylim=(0, None))
    for ax in axes:
        ax.legend(fontsize=7)
        ax.grid(color="#e5e8eb", lw=0.6)
    plots.tight_layout()
    plots.savefig(path.with_suffix(".png"), dpi=130)


def main() -> None:
    """Measure each size and step; print, and write table and figure."""
    if sys.argv[1:2] in (["preprocess"], ["train"]):
        print(json.dumps(measured(*sys.argv[1:])))
        return
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    sizes = [int(n) for n in sys.argv[2:]] or SIZES
    rows = []
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder), n)
            for step in ("preprocess", "train"):
                command = [sys.executable, __file__, step, folder]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                found = json.loads(done.stdout.splitlines()[-1])
                rows.append({"signatures": n, "step": step, **found})
                print(
                    f"{n:>8,} signatures, {step:>10}: {found['seconds']:.1f} s, "
                    f"{found['megabytes'] / 1000:.2f} GB",
                    flush=True,
                )
    table = pd.DataFrame(rows)
    if out is not None:
        table.round({"seconds": 1, "megabytes": 0}).to_csv(
            out.with_suffix(".tsv"), sep="\t", index=False
        )
        figure(table, out)


if __name__ == "__main__":
    main()
