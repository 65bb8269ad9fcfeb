"""Make the table of the tutorial: simulated, in the form of DESeq2's, under real gene symbols.

    cd docs/tutorials; python deseq2_table.py ../../results/l1000_consensus/svqvae/model deseq2.csv

What the reference model has learned of HMGCR inhibitors, with noise of the size of a statistic's;
genes missing and without a statistic, as experiments have them.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from scipy.stats import norm

import svqvae

CLASS = "HMGCR inhibitor"
#: Share of landmark genes that the experiment does not have, and that have no statistic.
MISSING, WITHOUT = 0.12, 0.03
#: Root mean square of the class in the statistic, whose noise has SD 1.
STRENGTH = 1.5


def table(model_dir: str) -> pd.DataFrame:
    """Return baseMean, log2FoldChange, lfcSE, stat, pvalue and padj by symbol."""
    rng = np.random.default_rng(0)
    model = svqvae.load_model(model_dir)
    profile = model.classes()[CLASS].to_df().iloc[0]
    profile *= STRENGTH / np.sqrt((profile**2).mean())
    kept = profile.sample(frac=1 - MISSING, random_state=1)
    stat = kept + rng.standard_normal(len(kept))
    error = rng.lognormal(-1.8, 0.4, len(kept))
    p = 2 * norm.sf(stat.abs())
    found = pd.DataFrame(
        {
            "baseMean": rng.lognormal(6, 1.5, len(kept)),
            "log2FoldChange": stat * error,
            "lfcSE": error,
            "stat": stat,
            "pvalue": p,
            "padj": np.minimum(1, p * len(p) / pd.Series(p).rank().to_numpy()),
        }
    )
    found.index = pd.Index([model.symbols[gene] for gene in kept.index])
    found.loc[rng.random(len(found)) < WITHOUT, ["stat", "pvalue", "padj"]] = np.nan
    return found.sort_values("padj")


if __name__ == "__main__":
    table(sys.argv[1]).to_csv(sys.argv[2], float_format="%.4g", na_rep="NA")
