"""What a model says of the classes: codes, relations, clusters and markers, with their support."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from svqvae import keys
from svqvae.data.split import training_rows
from svqvae.models.registry import load_model
from svqvae.tl.genes.markers import class_contrasts, class_markers
from svqvae.tl.relations import stability
from svqvae.tl.relations.fold_classes import FoldClasses
from svqvae.tl.relations.limits import relation_limits
from svqvae.tl.relations.relations import relation_table

if TYPE_CHECKING:
    from anndata import AnnData


def class_table(model: str | Path, adata: AnnData) -> AnnData:
    """Return a saved model's classes (decoded profiles and codes) with the genes' symbols."""
    classes = load_model(model).classes()
    classes.var = adata.var.loc[classes.var_names].copy()
    classes.uns[keys.UNS] = {"model": str(model)}
    return classes


def describe_classes(
    classes: AnnData,
    adata: AnnData,
    folds: FoldClasses,
    *,
    n_clusters: int | Literal["auto"] = "auto",
    top: int = 50,
) -> dict[str, pd.DataFrame]:
    """Correlate and cluster the classes of a model, and find their markers.

    Parameters
    ----------
    classes
        Of the model of all data. Gets the clusters, as ``obs["cluster"]``.
    adata
        All signatures, with class and fold.
    folds
        Of the models of folds and seeds. Where they never saw what is held out, relations are
        tested by it; where each left out another part of the data, they are the resamples that
        support is counted in.
    n_clusters
        As in :func:`svqvae.tl.relations.stability.ward_clusters`.
    top
        Markers of each class.

    Returns
    -------
    dict
        mechanism_correlations, relation_test, class_clusters, cluster_stability and class_markers:
        see :func:`svqvae.tl.relations.relations.relation_table`,
        :func:`svqvae.tl.relations.limits.relation_limits`,
        :mod:`svqvae.tl.relations.stability` and :func:`svqvae.tl.genes.markers.class_markers`.
    """
    names, codes = list(classes.obs_names), classes.obsm[keys.X_CODE]
    codes_again = list(folds.codes[folds.resamples])
    relations = relation_table(names, codes, codes_again, folds.held_out)
    ward = stability.ward_clusters(codes, codes_again, n_clusters=n_clusters)
    leiden = stability.leiden_clusters(codes, codes_again)
    classes.obs[keys.CLUSTER] = ward.clusters
    contrasts = class_contrasts(adata[training_rows(adata.obs, "all")], classes)
    profiles = list(folds.profiles[folds.resamples])
    return {
        "mechanism_correlations": relations,
        "relation_test": relation_limits(folds.held_out, relations["q_value"]),
        "class_clusters": stability.cluster_table(names, ward, leiden),
        "cluster_stability": stability.stability_table(ward, leiden),
        "class_markers": class_markers(contrasts, profiles, top=top),
    }
