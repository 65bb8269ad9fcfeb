"""Knock-downs for a simulated set: of the target of each class, and of genes that are none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.pp.simulated_programs import programs

if TYPE_CHECKING:
    from anndata import AnnData

#: Genes that no compound targets, for each that one does.
_OTHERS = 4
#: Size of what a knock-down does beside what inhibiting the gene does, and of a hairpin's own
#: effect, relative to the class profile.
_BESIDE, _OFF_TARGET = 0.8, 0.8


def simulate_knockdowns(
    profiles: np.ndarray,
    background: np.ndarray,
    var: pd.DataFrame,
    *,
    cells: Sequence[str],
    hairpins: int,
    strength: float,
    nuisance: float,
    seed: int,
) -> AnnData:
    """Draw one signature of every hairpin in every cell line.

    Parameters
    ----------
    profiles
        Classes x genes. The target of class i is gene i of ``var``; knocking it down does to the
        cell what the class does, and more.
    background
        Programs that all signatures share: stress, growth, and one of each cell line.
    hairpins
        Of each gene.

    Returns
    -------
    AnnData
        Signatures x genes with the GEO columns of a LINCS series; pert_type trt_sh, pert_iname the
        gene, pert_id the hairpin.
    """
    import anndata as ad

    rng = np.random.default_rng([seed, 1])
    n_classes, n_columns = profiles.shape
    n_genes = min(n_classes * (1 + _OTHERS), len(var))
    gene, hairpin, cell = (
        a.ravel()
        for a in np.meshgrid(
            np.arange(n_genes), np.arange(hairpins), np.arange(len(cells)), indexing="ij"
        )
    )
    effect = _BESIDE * programs(rng, n_genes, n_columns)
    effect[:n_classes] += profiles
    effect[n_classes:] += programs(rng, n_genes - n_classes, n_columns)
    own = _OFF_TARGET * programs(rng, n_genes * hairpins, n_columns)
    knocked = strength * rng.lognormal(0, 0.3, (n_genes, hairpins))[gene, hairpin]
    stress, growth, lines = background[0], background[1], background[2:]
    x = knocked[:, None] * (effect[gene] + own[gene * hairpins + hairpin])
    x += nuisance * knocked[:, None] * rng.lognormal(-0.2, 0.5, (len(gene), 1)) * stress
    x += 0.3 * nuisance * rng.standard_normal((len(gene), 1)) * growth
    x += 0.3 * nuisance * rng.lognormal(-0.2, 0.5, (len(gene), 1)) * lines[cell]
    x += rng.standard_t(5, x.shape) / np.sqrt(5 / 3)
    symbols = var[keys.GENE_SYMBOL].to_numpy()[gene]
    ids = np.array([f"TRCN{g:06d}{h:02d}" for g, h in zip(gene, hairpin, strict=True)])
    obs = pd.DataFrame(
        {
            keys.PERT_ID: ids,
            keys.PERT_NAME: symbols,
            keys.PERT_TYPE: "trt_sh",
            keys.CELL_ID: np.array(cells)[cell],
            "pert_idose": keys.LINCS_NULL,
            "pert_itime": "96 h",
        }
    )
    obs.index = pd.Index("SIM001_" + obs[keys.CELL_ID] + "_96H:" + obs[keys.PERT_ID])
    return ad.AnnData(x.astype(np.float32), obs=obs, var=var)
