"""How much of a planted truth a model found; only simulated data has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from sklearn.metrics import adjusted_rand_score, roc_auc_score

from svqvae import keys
from svqvae.tl.relations.clusters import ward_cuts
from svqvae.tl.relations.relations import code_correlations

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
    same = group[first] == group[second]
    found = code_correlations(codes)[first, second]
    planted = code_correlations(np.asarray(truth.X))[first, second]
    return {
        "cluster_ari": adjusted_rand_score(group, clusters),
        # Undefined where the plant has no pair of either kind.
        "same_group_auroc": roc_auc_score(same, found) if 0 < same.sum() < len(same) else np.nan,
        "truth_spearman": float(spearmanr(found, planted).statistic),
    }


def recovery(
    classes: AnnData, truth: AnnData, replicates: Sequence[np.ndarray] = ()
) -> pd.DataFrame:
    """Compare class codes, clusters and profiles with what was planted.

    Parameters
    ----------
    classes
        Class table of a model with ``obs["cluster"]``.
    truth
        Planted profiles with ``obs["group"]``; its genes cover those of ``classes``.
    replicates
        Codes of the models that were each trained without a fold. Rank statistics and
        clusterings are not smooth, so a jackknife interval would be wrong; the range over
        these models is given instead.

    Returns
    -------
    DataFrame
        quantity, value, fold_min, fold_max.
    """
    truth = truth[classes.obs_names, classes.var_names]
    values = _measure(classes.obsm[keys.X_CODE], classes.obs[keys.CLUSTER].to_numpy(), truth)
    decoded, planted = np.asarray(classes.X, dtype=float), np.asarray(truth.X, dtype=float)
    per_class = [np.corrcoef(a, b)[0, 1] for a, b in zip(decoded, planted, strict=True)]
    values["profile_correlation"] = float(np.mean(per_class))
    table = pd.DataFrame({"quantity": list(values), "value": list(values.values())})
    table["fold_min"] = table["fold_max"] = np.nan
    n_clusters = classes.obs[keys.CLUSTER].nunique()
    measured = [_measure(c, ward_cuts(c)(n_clusters), truth) for c in replicates]
    if measured:
        spread = pd.DataFrame(measured).reindex(columns=table["quantity"])
        table["fold_min"], table["fold_max"] = spread.min().to_numpy(), spread.max().to_numpy()
    return table


def recovery_of_models(
    classes: Mapping[str, AnnData],
    truth: AnnData,
    replicates: Mapping[str, Sequence[np.ndarray]],
    *,
    roles: Mapping[str, str],
) -> pd.DataFrame:
    """Return :func:`recovery` of several models, as one table that begins with model and role.

    Parameters
    ----------
    classes, replicates
        Of each model.
    roles
        Of each model: model or baseline.
    """
    tables = []
    for name, table in classes.items():
        found = recovery(table, truth, replicates[name])
        found.insert(0, "model", name)
        found.insert(1, "role", roles[name])
        tables.append(found)
    return pd.concat(tables)
