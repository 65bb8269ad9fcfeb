"""From result files to figure files: the only part of the figures that knows of paths."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from svqvae import keys
from svqvae.io.tables import read_result
from svqvae.pl import comparison as comparisons
from svqvae.pl import evaluation, latent, mechanisms, network, targets
from svqvae.pl.style import house_style, save
from svqvae.tl.evaluation.evaluate import confusion
from svqvae.tl.evaluation.recovery import QUANTITIES
from svqvae.tl.relations.clusters import tree
from svqvae.tl.relations.network import nearest_edges

if TYPE_CHECKING:
    from anndata import AnnData

#: Genes of the profile heatmap: the strongest markers of each class, at most this many in all.
PROFILE_GENES = 60


def draw_model(
    *, signatures: str | Path, model: str | Path, folder: str | Path, out: str | Path
) -> None:
    """Draw a model's relations, networks, profiles, map and confusion.

    Parameters
    ----------
    signatures
        signatures.h5ad of the data set.
    model
        Folder of the model of all data.
    folder
        Folder with the model's tables.
    out
        Where the figures go.
    """
    import anndata as ad

    from svqvae.models.registry import load_model

    folder, out = Path(folder), Path(out)
    adata, classes = ad.read_h5ad(signatures, backed="r"), ad.read_h5ad(folder / "classes.h5ad")
    relations = read_result(folder / "mechanism_correlations.tsv")
    clusters = read_result(folder / "class_clusters.tsv")
    with house_style():
        figure = mechanisms.correlation_heatmap(
            relations, clusters, tree(classes.obsm[keys.X_CODE])
        )
        save(figure, relations, out / "mechanism_correlations")
        edges = read_result(folder / "mechanism_network.tsv")
        tested = bool(relations["p_value"].notna().any())
        figure = network.significant_network(edges, clusters, tested=tested)
        save(figure, edges, out / "mechanism_network")
        edges = nearest_edges(relations)
        save(network.nearest_network(edges, clusters), edges, out / "nearest_network")
        image_shape = adata.uns[keys.UNS].get(keys.IMAGE_SHAPE)
        if image_shape is None:
            profiles = _marker_profiles(classes, read_result(folder / "class_markers.tsv"))
            figure = mechanisms.profile_heatmap(profiles, clusters)
        else:
            profiles = classes.to_df()
            rows, columns = (int(n) for n in image_shape)
            figure = mechanisms.class_images(
                profiles.to_numpy(), list(classes.obs_names), (rows, columns)
            )
        save(figure, profiles.rename_axis(keys.CLASS).reset_index(), out / "class_profiles")
        points = latent.latent_map(load_model(model), adata, clusters)
        save(latent.latent_figure(points), points, out / "latent_map")
        predictions = read_result(folder / "predictions.tsv")
        shares = confusion(predictions)
        table = shares.rename_axis("true_class").reset_index()
        save(evaluation.confusion_heatmap(shares), table, out / "confusion")


def _marker_profiles(classes: AnnData, markers: pd.DataFrame) -> pd.DataFrame:
    """Return classes x genes (symbols) for the strongest markers, class after class."""
    per_class = max(2, PROFILE_GENES // markers[keys.CLASS].nunique())
    strongest = markers.groupby(keys.CLASS, sort=False).head(per_class)
    chosen = strongest.drop_duplicates("gene_id").astype({"gene_id": str})
    profiles = classes.to_df()[chosen["gene_id"].to_list()]
    return profiles.set_axis(chosen["gene"].to_list(), axis=1)


def draw_training(history: str | Path, *, out: str | Path) -> None:
    """Draw the terms of the objective over the epochs."""
    table = read_result(history)
    with house_style():
        save(evaluation.training_curves(table), table, Path(out) / "training")


def draw_dataset(
    *,
    benchmark: str | Path,
    summary: str | Path,
    comparison: str | Path,
    calibration: str | Path,
    reliability: str | Path,
    filters: str | Path,
    out: str | Path,
) -> None:
    """Draw all models side by side, and the account of the filters."""
    out = Path(out)
    runs, pooled, steps = (read_result(p) for p in (benchmark, summary, filters))
    pairs, errors, bins = (read_result(p) for p in (comparison, calibration, reliability))
    with house_style():
        save(evaluation.benchmark_figure(runs, pooled), pooled, out / "benchmark")
        save(comparisons.comparison_figure(pairs), pairs, out / "comparison")
        save(comparisons.reliability_figure(bins, errors), bins, out / "reliability")
        save(evaluation.filter_figure(steps), steps, out / "filters")


def draw_recovery(recovery: str | Path, *, out: str | Path) -> None:
    """Draw how much of the planted truth each model found."""
    table = read_result(recovery)
    with house_style():
        save(evaluation.recovery_figure(table, QUANTITIES), table, Path(out) / "recovery")


def draw_targets(ranks: str | Path, *, out: str | Path) -> None:
    """Draw where the known targets of drugs rank among knock-downs."""
    table = read_result(ranks)
    with house_style():
        save(targets.targets_figure(table), table, Path(out) / "drug_targets")


def draw_realism(
    tables: Mapping[str, str | Path], *, roles: Mapping[str, str], out: str | Path
) -> None:
    """Draw how real the signatures look that each model (a key of ``tables``) simulates."""
    parts = [read_result(path).assign(model=m, role=roles[m]) for m, path in tables.items()]
    table = pd.concat(parts, ignore_index=True)
    table = table[["model", "role", *table.columns.drop(["model", "role"])]]
    with house_style():
        save(evaluation.realism_figure(table), table, Path(out) / "realism")
