"""Tables of any number of classes, for tests of printed figures: all that a run draws.

Names are as long as real ones, and differ as those do: by their last word, or by one in the middle.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations, product

import anndata as ad
import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.tl.evaluation.metrics import METRICS
from svqvae.tl.evaluation.recovery import QUANTITIES
from svqvae.tl.evaluation.selective import COVERAGES
from svqvae.tl.fdr import benjamini_hochberg
from svqvae.tl.relations.clusters import ward_cuts
from svqvae.tl.relations.network import nearest_edges, significant_edges

_TARGETS = [
    *("HMGCR", "tubulin polymerization", "topoisomerase", "PI3K", "HDAC", "dopamine receptor"),
    *("glucocorticoid receptor", "peroxisome proliferator-activated receptor gamma", "EGFR"),
    *("gonadotropin releasing factor hormone receptor", "beta adrenergic receptor", "CDK"),
    *("voltage-gated potassium channel subfamily A", "T-type calcium channel", "mTOR", "JAK"),
    *("serotonin receptor", "insulin-like growth factor 1 receptor", "proteasome", "bromodomain"),
    *("nicotinic acetylcholine receptor", "sodium/potassium-transporting ATPase", "HSP", "Aurora"),
    *("phosphodiesterase 4", "vascular endothelial growth factor receptor", "cyclooxygenase"),
]
_ACTIONS = [
    *("inhibitor", "agonist", "antagonist", "positive allosteric modulator", "blocker"),
    *("partial agonist", "inverse agonist", "activator", "opener", "degrader", "sensitizer"),
    *("negative allosteric modulator",),
]
MODELS = {
    **dict.fromkeys(("svqvae", "paper", "vqvae", "vae"), "model"),
    **dict.fromkeys(("class_mean", "class_mean_cosine", "logistic_regression"), "baseline"),
    **dict.fromkeys(("lda_of_principal_components_and_more", "random_forest"), "baseline"),
}


def names_of(n: int) -> list[str]:
    """Return names of mechanisms, at most 324."""
    return [f"{target} {action}" for action, target in product(_ACTIONS, _TARGETS)][:n]


@cache
def tables_of(n: int, clusters: int | None = None, models: int = 9) -> dict[str, object]:
    """Return what figures draw, by the names of the rows of the results."""
    rng = np.random.default_rng(0)
    names = names_of(n)
    found = clusters or max(2, n // 6)
    group = rng.integers(0, found, n)
    codes = 1.4 * rng.standard_normal((found, 40))[group] + rng.standard_normal((n, 40))
    genes = pd.DataFrame({"gene": [f"GENE{i}" for i in range(200)]}, index=range(1000, 1200))
    x = codes @ rng.standard_normal((40, 200)) / 6
    classes = ad.AnnData(x, obs=pd.DataFrame(index=names), obsm={keys.X_CODE: codes})
    classes.var_names = genes.index.astype(str)
    cluster = ward_cuts(codes)(found)
    table = pd.DataFrame({keys.CLASS: names, keys.CLUSTER: cluster})
    relations = _relations(rng, names, codes)
    at = rng.integers(0, n, min(3000, 30 * n))
    points = np.r_[codes[at] + rng.standard_normal((len(at), 40)), codes][:, :2]
    return {
        "signatures": ad.AnnData(np.zeros((1, 1))),
        "classes": classes,
        "class_clusters": table.sort_values([keys.CLUSTER, keys.CLASS], ignore_index=True),
        "class_markers": _markers(x, names, genes),
        "mechanism_correlations": relations,
        "mechanism_network": significant_edges(relations),
        "nearest_network": nearest_edges(relations),
        "latent_map": pd.DataFrame(
            {
                "name": [*(f"S{k}" for k in range(len(at))), *names],
                "kind": np.repeat(["signature", "code"], [len(at), n]),
                keys.CLASS: [*(names[k] for k in at), *names],
                keys.CLUSTER: [*cluster[at], *cluster],
                "pc1": points[:, 0],
                "pc2": points[:, 1],
            }
        ),
        "confusion": _confusion(rng, names),
        "history": _history(rng),
        **_evaluation(rng, list(MODELS.items())[:models]),
    }


def _relations(rng, names, codes) -> pd.DataFrame:
    r = np.corrcoef(codes)[np.triu_indices(len(names), 1)]
    p = np.where(r > np.quantile(r, 0.99), 1e-6, rng.random(len(r)))
    table = pd.DataFrame(list(combinations(names, 2)), columns=["class_a", "class_b"])
    return table.assign(
        correlation=r,
        p_value=p,
        q_value=benjamini_hochberg(p),
        edge_support=rng.random(len(r)),
        mutual_nearest=rng.random(len(r)) < 0.3,
    )


def _markers(x, names, genes) -> pd.DataFrame:
    order = np.argsort(-np.abs(x), axis=1)[:, :10]
    return pd.DataFrame(
        {
            keys.CLASS: np.repeat(names, 10),
            "gene": genes["gene"].to_numpy()[order.ravel()],
            "gene_id": genes.index.to_numpy()[order.ravel()],
            "score": np.take_along_axis(x, order, 1).ravel(),
        }
    )


def _confusion(rng, names) -> pd.DataFrame:
    shares = rng.dirichlet(np.full(len(names), 0.05), len(names)) + np.eye(len(names))
    table = pd.DataFrame(shares / shares.sum(1, keepdims=True), index=names, columns=names)
    return table.rename_axis("true_class")


def _history(rng) -> pd.DataFrame:
    terms = ["loss", "reconstruction", "commitment", "codebook", "supervision", "kl"]
    falls = np.exp(-np.arange(40)[:, None] / 10) * rng.uniform(1, 3, len(terms))
    return pd.DataFrame(falls, columns=terms).assign(epoch=range(1, 41), lr=1e-3)


def _curves(rows, names) -> pd.DataFrame:
    """Return accuracy by coverage of each model."""
    coverage = np.tile(COVERAGES, len(names))
    table = rows(model=np.repeat(names, len(COVERAGES)), coverage=coverage)
    table = table.rename(columns={"value": "accuracy"}).assign(unit="signature", subject=names[0])
    apart = table["accuracy"] - 0.5
    return table.assign(difference_low=apart - 0.1, difference_high=apart + 0.1)


def _evaluation(rng, models) -> dict[str, pd.DataFrame]:
    def rows(**columns) -> pd.DataFrame:
        value = rng.uniform(0.2, 0.8, len(columns["model"]))
        table = pd.DataFrame(columns).assign(value=value, ci_low=value - 0.1, ci_high=value + 0.1)
        return table.assign(role=table["model"].map(dict(models)))

    names = [m for m, _ in models]
    metric = [m for _ in names for m in METRICS]
    summary = rows(model=np.repeat(names, len(METRICS)), metric=metric)
    runs = pd.concat([summary.assign(fold=str(f), value=rng.random(len(summary))) for f in "01"])
    rival = summary[summary["model"] != names[0]].rename(columns={"model": "rival"})
    rival = rival.assign(subject=names[0], difference=rival["value"] - 0.5)
    rival[["ci_low", "ci_high"]] -= 0.5
    confidence = np.tile(np.arange(10) / 10 + 0.05, len(names))
    bins = rows(model=np.repeat(names, 10), confidence=confidence)
    quantities = list(QUANTITIES)
    recovery = rows(model=np.repeat(names, len(quantities)), quantity=quantities * len(names))
    kinds = ["auc", "nearest_class", "nearest_class_real"]
    realism = rows(model=np.repeat(names[:4], 9), quantity=np.tile(np.repeat(kinds, 3), 4))
    steps = [*("read", "perturbagen type", "labelled"), "quality: distil_cc_q75 at least 0.2"]
    return {
        "benchmark_summary": summary,
        "benchmark": runs.assign(seed=0),
        "benchmark_comparisons": rival,
        "reliability": bins.assign(n=50, accuracy=bins["value"]),
        "calibration": pd.DataFrame({"model": names, "ece": rng.random(len(names)) / 5}),
        "risk_coverage": _curves(rows, names),
        "recovery": recovery.assign(fold_min=recovery["ci_low"], fold_max=recovery["ci_high"]),
        "realism": realism.assign(**{keys.CLASS: ["all", "a", "b"] * 12}),
        "drug_targets": pd.DataFrame(
            {
                "space": np.repeat(["latent", "raw"], 40),
                "n_targets": 2,
                "n_genes": 300,
                "percentile": rng.random(80),
            }
        ),
        "filters": pd.DataFrame(
            {
                "step": steps,
                "dropped": [0, 20_000, 12_345, 900],
                "signatures": [1_319_138, 1_299_138, 1_286_793, 1_285_893],
            }
        ),
    }
