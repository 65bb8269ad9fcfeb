"""How much of a planted truth a model found; only simulated data has one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from sklearn.metrics import adjusted_rand_score, roc_auc_score

from svqvae import keys
from svqvae.tl.clusters import cut
from svqvae.tl.relations import code_correlations
from svqvae.tl.resampling import jackknife_se, t_interval

if TYPE_CHECKING:
    from anndata import AnnData

#: What is measured, and what it means on the report.
QUANTITIES = {
    "cluster_ari": "adjusted Rand index of class clusters and planted groups",
    "same_group_auroc": "AUROC of code correlation for pairs of one planted group",
    "truth_spearman": "Spearman of code correlations with those of the planted profiles",
    "profile_correlation": "mean correlation of decoded with planted class profiles",
}


def _measure(codes: np.ndarray, clusters: np.ndarray, truth: AnnData) -> dict[str, float]:
    first, second = np.triu_indices(len(codes), 1)
    group = truth.obs[keys.GROUP].astype(str).to_numpy()
    found = code_correlations(codes)[first, second]
    planted = code_correlations(np.asarray(truth.X))[first, second]
    return {
        "cluster_ari": adjusted_rand_score(group, clusters),
        "same_group_auroc": roc_auc_score(group[first] == group[second], found),
        "truth_spearman": float(spearmanr(found, planted).statistic),
    }


def recovery(
    classes: AnnData, truth: AnnData, replicates: Sequence[Sequence[np.ndarray]] = ()
) -> pd.DataFrame:
    """Compare class codes, clusters and profiles with what was planted.

    Parameters
    ----------
    classes
        Class table of a model with ``obs["cluster"]``.
    truth
        Planted profiles with ``obs["group"]``; its genes cover those of ``classes``.
    replicates
        For each fold the codes of the models trained without it; they give the intervals
        (delete-a-group jackknife).

    Returns
    -------
    DataFrame
        quantity, value, ci_low, ci_high.
    """
    truth = truth[classes.obs_names, classes.var_names]
    values = _measure(classes.obsm[keys.X_CODE], classes.obs[keys.CLUSTER].to_numpy(), truth)
    decoded, planted = np.asarray(classes.X, dtype=float), np.asarray(truth.X, dtype=float)
    per_class = [np.corrcoef(a, b)[0, 1] for a, b in zip(decoded, planted, strict=True)]
    values["profile_correlation"] = float(np.mean(per_class))
    table = pd.DataFrame({"quantity": list(values), "value": list(values.values())})
    table["ci_low"] = table["ci_high"] = np.nan
    if len(replicates) >= 2:
        n_clusters = classes.obs[keys.CLUSTER].nunique()
        folds = [
            pd.DataFrame([_measure(c, cut(c, n_clusters), truth) for c in fold]).mean()
            for fold in replicates
        ]
        per_fold = pd.DataFrame(folds)
        measured = table["quantity"].isin(per_fold.columns)
        at = per_fold[table.loc[measured, "quantity"]]
        low, high = t_interval(
            table.loc[measured, "value"].to_numpy(),
            jackknife_se(at.to_numpy()),
            groups=len(replicates),
        )
        table.loc[measured, "ci_low"] = np.clip(low, -1, 1)
        table.loc[measured, "ci_high"] = np.clip(high, -1, 1)
    return table
