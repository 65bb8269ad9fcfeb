"""A value for each gene of how it changes against the control: on the scale of a z-score.

With replicates, DESeq2's Wald statistic (pydeseq2): log fold change over its standard error.
Without, the change of log2 CPM over its spread among pseudobulks that are drawn from control
cells, as many cells each. Both have an SD of 1 where nothing changes; the second knows nothing of
how replicates differ, so that it is larger.
"""

from __future__ import annotations

import logging
import os
import warnings

import numpy as np
import pandas as pd
from scipy import sparse

from svqvae.errors import require_extra
from svqvae.signatures.zscore import MAD_TO_SD

log = logging.getLogger("svqvae")

#: Perturbations that one model of DESeq2 holds: its time grows with their square.
_AT_ONCE = 10
#: Counts that are added before logarithms are taken, of a pseudobulk of mean depth.
_PRIOR = 0.5
#: Pseudobulks that are drawn from control cells.
DRAWS = 100


def wald(counts: np.ndarray, condition: np.ndarray, is_control: np.ndarray) -> np.ndarray:
    """Return DESeq2's Wald statistic of each condition against the control; 0 where it has none.

    Parameters
    ----------
    counts
        Replicates x genes, whole numbers.
    condition
        Of each replicate its number, from 0; of controls any.

    Returns
    -------
    ndarray
        Conditions x genes. Ratios to 0 counts, and outliers, have no statistic.

    Raises
    ------
    SvqvaeError
        If pydeseq2 is not installed.
    """
    require_extra("signatures", "pydeseq2")
    numbers = np.unique(condition[~is_control])
    found = np.zeros((len(numbers), counts.shape[1]), dtype=np.float32)
    # Never seen, as in a model of genes alone: DESeq2 refuses them.
    seen = np.flatnonzero(counts.any(0))
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        rows = np.flatnonzero(is_control | np.isin(condition, some))
        labels = np.where(
            is_control[rows], "control", [f"treated{c}" for c in condition[rows]]
        ).tolist()
        part = _wald_of(counts[np.ix_(rows, seen)], labels, [f"treated{c}" for c in some])
        found[np.ix_(np.arange(start, start + len(some)), seen)] = part
        log.info("DESeq2: %d of %d conditions", start + len(some), len(numbers))
    return found


def _wald_of(counts: np.ndarray, labels: list[str], treated: list[str]) -> np.ndarray:
    from pydeseq2.dds import DeseqDataSet
    from pydeseq2.default_inference import DefaultInference
    from pydeseq2.ds import DeseqStats

    names = [f"row{i}" for i in range(len(counts))]
    genes = [f"gene{i}" for i in range(counts.shape[1])]
    threads = os.environ.get("OMP_NUM_THREADS", "")
    inference = DefaultInference(n_cpus=int(threads) if threads.isdecimal() else 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of single genes that do not converge
        data = DeseqDataSet(
            counts=pd.DataFrame(np.rint(counts).astype(np.int64), names, genes),
            metadata=pd.DataFrame({"condition": labels}, names),
            design="~condition",
            quiet=True,
            inference=inference,
        )
        data.deseq2()
        rows = []
        for name in treated:
            stats = DeseqStats(
                data,
                contrast=["condition", name, "control"],
                quiet=True,
                inference=inference,
                independent_filter=False,
            )
            stats.run_wald_test()
            rows.append(stats.statistics.to_numpy(dtype=float))
    found = np.stack(rows)
    return np.where(np.isfinite(found), found, 0)


def log_cpm(counts: np.ndarray, depth: float) -> np.ndarray:
    """Return log2 counts per million; what is added is the same for libraries of any depth.

    Parameters
    ----------
    counts
        Libraries x genes.
    depth
        Counts of a library of mean depth.
    """
    per_million = counts / np.maximum(counts.sum(1, keepdims=True), 1) * 1e6
    return np.log2(per_million + _PRIOR / depth * 1e6)


def robust_z(
    treated: np.ndarray,
    drawn: np.ndarray,
    *,
    expected: np.ndarray,
    shrink: float = 1.0,
    more: float = 0.0,
) -> np.ndarray:
    """Return the robust z-score of one pseudobulk against control pseudobulks of its size.

    Parameters
    ----------
    treated
        Counts of each gene.
    drawn
        Counts of control pseudobulks x genes.
    expected
        Counts of each gene if nothing changes: the spread is at least Poisson's of them.
    shrink
        What the spread of those that were drawn is multiplied by: they may have other sizes.
    more
        Variance of the control's own median, as a share of the pseudobulk's: its cells over those
        of the control.
    """
    depth = float(np.median(drawn.sum(1)))
    z = log_cpm(drawn, depth)
    centre = np.median(z, axis=0)
    spread = shrink * MAD_TO_SD * np.median(np.abs(z - centre), axis=0)
    poisson = 1 / (np.log(2) * np.sqrt(expected + _PRIOR))
    scale = np.maximum(spread, poisson) * np.sqrt(1 + more)
    return ((log_cpm(treated[None], depth)[0] - centre) / scale).astype(np.float32)


def draws(rows: np.ndarray, size: int, n_rows: int, seed: int) -> sparse.csr_array:
    """Return :data:`DRAWS` x rows: how often each control cell is in a pseudobulk of ``size``."""
    chosen = np.random.default_rng(seed).choice(rows, size=(DRAWS, size))
    at = np.repeat(np.arange(DRAWS), size)
    ones = np.ones(DRAWS * size)
    # Twice drawn, twice counted.
    return sparse.coo_array((ones, (at, chosen.ravel())), shape=(DRAWS, n_rows)).tocsr()
