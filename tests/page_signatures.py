"""Signatures of random numbers, for results folders that are made for tests of the page."""

from __future__ import annotations

from collections.abc import Sequence

import anndata as ad
import numpy as np


def made_signatures(rng, names, compounds, per_compound, genes) -> ad.AnnData:
    """Return signatures of random numbers: the same number of compounds of each class."""
    code = np.repeat(np.arange(len(names)), compounds * per_compound)
    perturbagen = np.repeat(np.arange(len(names) * compounds), per_compound)
    adata = ad.AnnData(rng.standard_normal((len(code), genes)).astype(np.float32))
    adata.obs_names = [f"SIG{i:06d}" for i in range(len(code))]
    adata.var_names = [str(1000 + i) for i in range(genes)]
    adata.var["pr_gene_symbol"] = [f"GENE{i}" for i in range(genes)]
    adata.obs["sig_id"] = list(adata.obs_names)
    adata.obs["pert_id"] = [f"BRD-{i:05d}" for i in perturbagen]
    adata.obs["pert_iname"] = [f"drug {i}" for i in perturbagen]
    adata.obs["class"] = np.array(names, dtype=object)[code]
    adata.obs["cell_id"] = rng.choice(["A375", "MCF7", "PC3"], len(code))
    adata.obs["fold"] = perturbagen % 5
    adata.uns["svqvae"] = {"source": {"signatures": "made.gctx"}}
    return adata


def rename(signatures: ad.AnnData, names: Sequence[str]) -> None:
    """Give the first compounds and genes other names; those of compounds are their ids too."""
    ids = dict.fromkeys(signatures.obs["pert_id"])
    other = dict(zip(ids, names, strict=False))
    for column in ("pert_iname", "pert_id"):
        pairs = zip(signatures.obs["pert_id"], signatures.obs[column], strict=True)
        signatures.obs[column] = [other.get(i, now) for i, now in pairs]
    symbols = [*names, *signatures.var["pr_gene_symbol"].iloc[len(names) :]]
    signatures.var["pr_gene_symbol"] = symbols[: signatures.n_vars]
