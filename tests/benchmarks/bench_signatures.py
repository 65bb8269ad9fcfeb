"""What signatures of plates and of counts are worth: `docs/signatures.md` quotes it.

    python tests/benchmarks/bench_signatures.py plates ../shared/data/l1000_plates
    python tests/benchmarks/bench_signatures.py cells
    python tests/benchmarks/bench_signatures.py wald

``plates``: MODZ beside cmapPy's own, level 4 beside published level 5, and time. ``cells``: how
many cells a pseudobulk needs, on pbmc68k_reduced, which ships with scanpy. ``wald``: planted
changes in simulated counts, and time by perturbations.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")


def plates(folder: str) -> None:
    """Compare with cmapPy and with what was published."""
    from cmapPy.math.agg_wt_avg import agg_wt_avg
    from cmapPy.math.robust_zscore import robust_zscore

    import svqvae
    from svqvae.pp.source import Source
    from svqvae.signatures.modz import modz, strength
    from svqvae.signatures.plates import from_plates
    from svqvae.signatures.zscore import reference_of

    plate = Path(folder) / "LJP005_A375_24H_level4_n377x978.gctx"
    adata = svqvae.read(plate)
    x = np.asarray(adata.X, dtype=float)
    for size in (2, 3, 4, 7):
        # No replicates of compounds on one plate: wells with noise stand for them, or unlike ones.
        noisy = x[60] + np.random.default_rng(size).normal(size=(size, 978))
        for name, z in (("alike", noisy), ("of other compounds", x[60 : 60 + size])):
            z = np.clip(z, -10, 10)
            mine = modz(z, np.zeros(size, dtype=int), np.arange(978)).x[0]
            # Its weights are rounded to four digits, and the floor is of means, not half sums.
            theirs = agg_wt_avg(pd.DataFrame(z.T))[0].to_numpy()
            print(f"modz of {size} {name}: furthest from cmapPy {np.abs(mine - theirs).max():.5f}")
    x = x * np.linspace(0.2, 2, x.shape[1])  # as of expression, genes differ in spread
    theirs = robust_zscore(pd.DataFrame(x.T)).to_numpy().T
    found = reference_of(x)
    # cmapPy's floor is 0.1 alone, not the first percentile too.
    above = found.scale > found.scale.min()
    furthest = np.abs(found.z(x) - theirs)[:, above].max()
    print(f"robust z: furthest from cmapPy {furthest:.5f} in {above.sum()} genes above the floor")
    published = svqvae.read(Path(folder) / "modz_level5_n272x978.gctx")
    known = published.obs["distil_ss"].to_numpy()
    print(f"distil_ss, 272 published: furthest {np.abs(strength(published.X) - known).max():.1e}")
    begun = time.process_time()
    made = from_plates(Source(signatures=plate))
    print(f"a plate of {adata.n_obs} wells: {time.process_time() - begun:.2f} s", made.x.shape)
    signature = "CPC006_A375_6H:BRD-U88459701-000-01-8:10"
    one = from_plates(Source(signatures=Path(folder) / "CPC006_A375_6H_level4_n371x978.gctx"))
    target = published.to_df().loc[signature, one.var.index]
    like = pd.DataFrame(np.array(one.x), one.obs.index).T
    like = like.set_axis(one.var.index).corrwith(target, method="spearman")
    print("one of 7 replicates of a published signature:", like.nlargest(3).round(3).to_dict())


def recovered() -> tuple[np.ndarray, pd.DataFrame, pd.Index]:
    """Return counts, labels and genes of pbmc68k_reduced, out of its log-normalised values."""
    import scanpy as sc

    pbmc = sc.datasets.pbmc68k_reduced()
    values = np.expm1(pbmc.raw.X.toarray().astype(float))
    smallest = np.where(values > 0, values, np.inf).min(1, keepdims=True)
    return np.rint(values / smallest), pbmc.obs[["bulk_labels"]].astype(str), pbmc.raw.var_names


def cells() -> None:
    """Compare signatures of n cells with that of all others of their type; control cells too."""
    import anndata as ad

    from svqvae.pp.source import Source
    from svqvae.signatures.control import Control
    from svqvae.signatures.experiment import from_counts

    x, obs, genes = recovered()
    rng = np.random.default_rng(0)
    kinds = ["CD56+ NK", "CD19+ B", "CD14+ Monocyte", "CD4+/CD25 T Reg"]
    control = np.flatnonzero(obs["bulk_labels"] == "Dendritic")
    rows: list[tuple[float, ...]] = []
    measures = ("same type", "other types", "SD of no change", "of it beyond 3")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cells.h5ad"
        for n in (3, 5, 10, 20, 30):
            for draw in range(6):
                label = np.full(len(x), "", dtype=object)
                order = rng.permutation(control)
                label[order[n:]], label[order[:n]] = "control", "unchanged"
                for kind in kinds:
                    mine = rng.permutation(np.flatnonzero(obs["bulk_labels"] == kind))
                    if len(mine) >= 2 * n:
                        label[mine[:n]], label[mine[n:]] = kind, f"rest of {kind}"
                kept = label != ""
                ad.AnnData(
                    x[kept],
                    obs=pd.DataFrame({"label": label[kept]}, index=obs.index[kept]),
                    var=pd.DataFrame(index=genes),
                ).write_h5ad(path)
                made = from_counts(
                    Source(signatures=path), control=Control.of("label=control"), min_cells=3
                )
                z = pd.DataFrame(np.array(made.x), made.obs.index, made.var.index)
                likes = [
                    np.corrcoef(z.loc[k], z.loc[f"rest of {k}"])[0, 1]
                    for k in kinds
                    if k in z.index
                ]
                others = [
                    np.corrcoef(z.loc[k], z.loc[f"rest of {o}"])[0, 1]
                    for k in kinds
                    for o in kinds
                    if k != o and k in z.index and f"rest of {o}" in z.index
                ]
                null = z.loc["unchanged"]
                rows.append(
                    (n, draw, np.mean(likes), np.mean(others), null.std(), (null.abs() > 3).mean())
                )
            table = pd.DataFrame(rows[-6:], columns=["n", "draw", *measures])
            print(table.mean().drop("draw").round(3).to_dict(), flush=True)


def wald() -> None:
    """Planted changes in counts of three replicates, and time by perturbations."""
    from svqvae.signatures.statistic import wald as statistic

    for n_treated, n_genes in ((1, 1000), (5, 1000), (20, 1000)):
        rng = np.random.default_rng(0)
        mean = np.exp(rng.normal(3.5, 1.8, n_genes))
        change = np.zeros((n_treated, n_genes))
        for row in change:
            row[rng.choice(n_genes, n_genes // 20, replace=False)] = rng.normal(0, 1, n_genes // 20)
        condition = np.r_[np.full(6, -1), np.repeat(np.arange(n_treated), 3)]
        full = np.vstack([change, np.zeros(n_genes)])[condition]
        mu = mean * 2**full * rng.uniform(0.5, 2, (len(condition), 1))
        size = 1 / (0.05 + 1 / mean)
        counts = rng.negative_binomial(size, size / (size + mu))
        begun = time.process_time()
        z = statistic(counts, condition, condition < 0)
        seconds = time.process_time() - begun
        still = (change == 0) & (z != 0)
        like = np.corrcoef(z[~still], change[~still])[0, 1]
        print(
            f"{n_treated} perturbations x {n_genes} genes: {seconds:.1f} s of one core; SD where "
            f"nothing changes {z[still].std():.2f}; with what was planted r {like:.2f}"
        )


if __name__ == "__main__":
    {"plates": plates, "cells": cells, "wald": wald}[sys.argv[1]](*sys.argv[2:])
