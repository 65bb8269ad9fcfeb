"""Where the known targets of drugs rank among knock-downs."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import hypergeom

from svqvae.pl.style import ROLE_COLOURS, in_house_style


@in_house_style
def drug_targets(ranks: pd.DataFrame) -> Figure:
    """Draw the share of drugs whose best-ranked known target is among the first genes.

    Parameters
    ----------
    ranks
        Table of :func:`svqvae.tl.genes.drug_targets.rank_targets`.
    """
    figure, ax = plt.subplots(figsize=(5.5, 4))
    colours = {"latent": ROLE_COLOURS["model"], "raw": ROLE_COLOURS["baseline"]}
    for space, part in ranks.groupby("space", sort=False):
        ax.ecdf(part["percentile"], color=colours[str(space)], lw=2, label=f"{space} space")
    # Drugs and their numbers of targets are the same in every space.
    drugs = ranks[ranks["space"] == ranks["space"].iloc[0]]
    x = np.linspace(0, 1, 201)
    chance = best_by_chance(x, drugs["n_targets"].to_numpy(), drugs["n_genes"].to_numpy())
    ax.plot(x, chance, "--", color="#9aa3ab", lw=1, label="genes at random")
    ax.set(
        xlabel="rank of the best known target, as a share of all genes",
        ylabel="share of drugs",
        xlim=(0, 1),
        ylim=(0, 1.01),
    )
    ax.legend(loc="lower right", fontsize=8)
    return figure


def best_by_chance(share: np.ndarray, n_targets: np.ndarray, n_genes: np.ndarray) -> np.ndarray:
    """Return the share of drugs to expect whose best target is among the first genes by chance.

    Parameters
    ----------
    share
        Of all genes, 0 to 1.
    n_targets, n_genes
        Of each drug: its own number of targets, drawn from its own genes without replacement. A
        drug of many targets has a better best one, so that the mean number of targets would not do.

    Returns
    -------
    ndarray
        The mean over drugs for each value of ``share``.
    """
    # The gene of rank r is counted at (r - 0.5) / n, as its percentile is.
    first = np.floor(share[:, None] * n_genes + 0.5)
    return hypergeom.sf(0, n_genes, n_targets, first).mean(axis=1)
