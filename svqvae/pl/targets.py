"""Where the known targets of drugs rank among knock-downs."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from svqvae.pl.style import ROLE_COLOURS


def targets_figure(ranks: pd.DataFrame) -> Figure:
    """Draw the share of drugs whose best-ranked known target is among the first genes.

    Parameters
    ----------
    ranks
        Table of :func:`svqvae.tl.drug_targets.rank_targets`.
    """
    figure, ax = plt.subplots(figsize=(5.5, 4))
    colours = {"latent": ROLE_COLOURS["model"], "raw": ROLE_COLOURS["baseline"]}
    for space, part in ranks.groupby("space", sort=False):
        ax.ecdf(part["percentile"], color=colours[str(space)], lw=2, label=f"{space} space")
    n_targets = ranks.groupby("space")["n_targets"].mean().iloc[0]
    x = np.linspace(0, 1, 200)
    # The best of n genes drawn at random.
    ax.plot(x, 1 - (1 - x) ** n_targets, "--", color="#9aa3ab", lw=1, label="genes at random")
    ax.set(
        xlabel="rank of the best known target, as a share of all genes",
        ylabel="share of drugs",
        xlim=(0, 1),
        ylim=(0, 1.01),
    )
    ax.legend(loc="lower right", fontsize=8)
    return figure
