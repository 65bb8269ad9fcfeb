"""Whether relations between mechanisms can be believed: errors, power, warnings, seeds, time.

On simulated sets that were not used to design the tests (seeds from 500 on; preset svqvae, whose
codes are solved for, so that its decoder need not be trained here). ``make bench-relations``; the
table of times goes to the file given, beside a figure of it.
"""

from __future__ import annotations

import sys
import time
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import anndata as ad
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import adjusted_rand_score

from svqvae.data.split import assign_folds, training_rows
from svqvae.io.atomic import write_table
from svqvae.models.registry import make_model
from svqvae.pl.style import house_style, save
from svqvae.pp.simulation import Simulation, simulate_dataset
from svqvae.tl.genes.markers import class_contrasts, class_markers
from svqvae.tl.relations.attenuation import corrected_correlations
from svqvae.tl.relations.limits import relation_limits
from svqvae.tl.relations.network import hub_table, significant_edges
from svqvae.tl.relations.pair_scores import pair_z
from svqvae.tl.relations.relations import code_correlations, relation_table
from svqvae.tl.relations.significance import permutation_null, q_values
from svqvae.tl.relations.similarity import held_out_similarity
from svqvae.tl.relations.stability import cluster_table, leiden_clusters, ward_clusters

if TYPE_CHECKING:
    from svqvae.models.base import ClassModel
    from svqvae.tl.relations.similarity import HeldOutSimilarity

FOLDS = 5
#: Compounds of each class where sizes are unequal.
UNEQUAL = [5, 5, 5, 6, 6, 6, 8, 8, 8, 10, 10, 12, 15, 20, 25, 30, 40, 60]
SETS = {"default": {}, "strong shared response": {"nuisance": 2.5}, "unequal sizes": {}}


def drawn(sim: Simulation, sizes: list[int] | None = None) -> tuple[ad.AnnData, np.ndarray]:
    """Return labelled signatures of landmark genes, in folds, and each class's planted group."""
    signatures, perts, truth = simulate_dataset(sim)
    labelled = perts.dropna(subset="moa")
    if sizes is not None:
        at = labelled.groupby("moa").cumcount()
        wanted = labelled["moa"].map(dict(zip(truth.obs_names, sizes, strict=True)))
        labelled = labelled[at < wanted]
    class_of = labelled.set_index("pert_id")["moa"]
    rows = signatures.obs["pert_id"].isin(class_of.index).to_numpy()
    adata = signatures[rows, : sim.landmark_genes].copy()
    adata.X = np.clip(adata.X, -10, 10)
    return labels(adata, class_of), truth.obs["group"].to_numpy()


def labels(adata: ad.AnnData, class_of: pd.Series) -> ad.AnnData:
    """Label compounds and assign them to folds."""
    obs = adata.obs.assign(**{"class": adata.obs["pert_id"].map(class_of)})
    obs["fold"] = assign_folds(obs["pert_id"], obs["class"], folds=FOLDS, seed=0)
    return ad.AnnData(adata.X, obs=obs, var=adata.var)


def permuted(adata: ad.AnnData, seed: int) -> ad.AnnData:
    """Deal the labels anew among the compounds: they mean nothing."""
    class_of = adata.obs.drop_duplicates("pert_id").set_index("pert_id")["class"]
    permuted = np.random.default_rng(seed).permutation(class_of.to_numpy())
    return labels(adata, pd.Series(permuted, index=class_of.index))


def model_of(adata: ad.AnnData, seed: int = 0) -> ClassModel:
    """Fit the codes; one epoch of the decoder and no probabilities, which relations do not use."""
    model = make_model(adata, preset="svqvae", epochs=1, hidden=4, latent=2)
    with patch.object(type(model), "calibrate"):
        return model.train(seed=seed)


def fold_models(adata: ad.AnnData, seed: int = 0) -> list[tuple[int, ClassModel]]:
    """Return a model of each fold that never saw it."""
    return [(f, model_of(adata[training_rows(adata.obs, f)], seed)) for f in range(FOLDS)]


def tested(held_out: HeldOutSimilarity) -> tuple[np.ndarray, np.ndarray]:
    """Return p- and q-values of all pairs of classes."""
    p = permutation_null(held_out).p_values(pair_z(held_out))
    pair = np.triu_indices(len(p), 1)
    return p[pair], q_values(p)[pair]


def errors_and_power(n_sets: int) -> None:
    """Print false edges where labels mean nothing or classes are unrelated, and what is found."""
    for name, settings in SETS.items():
        sizes = UNEQUAL if name == "unequal sizes" else None
        most = {"compounds_per_class": max(sizes)} if sizes else {}
        apart = {"groups": 18, "classes_per_group": 1}
        null: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {"nothing": [], "unrelated": []}
        power, false = [], []
        for seed in range(500, 500 + n_sets):
            adata, group = drawn(Simulation(seed=seed, **most, **settings), sizes)
            unrelated, _ = drawn(Simulation(seed=seed, **most, **settings, **apart), sizes)
            for situation, data in (("nothing", permuted(adata, seed)), ("unrelated", unrelated)):
                null[situation].append(tested(held_out_similarity(fold_models(data), data)))
            _, q = tested(held_out_similarity(fold_models(adata), adata))
            same = (group[:, None] == group)[np.triu_indices(len(group), 1)]
            power.append((q <= 0.05)[same].mean())
            false.append((q <= 0.05)[~same].sum() / max(1, (q <= 0.05).sum()))
        for situation, results in null.items():
            p = np.concatenate([p for p, _ in results])
            uniform = stats.kstest(p, "uniform")
            any_found = sum((q <= 0.05).any() for _, q in results)
            print(
                f"{name}, {situation}: {any_found} of {n_sets} sets with a false edge; share of "
                f"p <= 0.05 {(p <= 0.05).mean():.3f}, of p <= 0.01 {(p <= 0.01).mean():.3f}; "
                f"Kolmogorov-Smirnov D {uniform.statistic:.3f}, p {uniform.pvalue:.2g}"
            )
        print(
            f"{name}, planted: found {np.mean(power):.3f} of related pairs; false discovery "
            f"proportion {np.mean(false):.3f}",
            flush=True,
        )


def grouped(n_groups: int, n_classes: int, seed: int) -> tuple[ad.AnnData, np.ndarray]:
    """Draw classes that are dealt to groups in turn, six compounds each, and each one's group."""
    per_group = -(-n_classes // n_groups)
    adata, group = drawn(Simulation(seed=seed, groups=n_groups, classes_per_group=per_group))
    names = np.sort(adata.obs["class"].unique())
    # Classes are named by group, then number.
    turn = np.argsort(np.arange(len(names)) % per_group, kind="stable")[:n_classes]
    kept = np.sort(turn)
    rows = adata.obs["class"].isin(names[kept]).to_numpy()
    return adata[rows].copy(), group[kept]


def grid(first: int = 900) -> None:
    """Print errors, power and warnings by number of groups and of classes; 0 groups: unrelated."""
    print("| groups | classes | sets | false edge | p <= 0.05 | KS p | power | false | warned |")
    for n_classes, n_sets in ((5, 12), (20, 12), (75, 5)):
        for n_groups in (0, 2, 3, 6):
            if n_groups >= n_classes:
                continue
            unrelated, any_false, power, false, warned = [], [], [], [], []
            for seed in range(first, first + n_sets):
                adata, group = grouped(n_groups or n_classes, n_classes, seed)
                held_out = held_out_similarity(fold_models(adata), adata)
                p, q = tested(held_out)
                same = (group[:, None] == group)[np.triu_indices(n_classes, 1)]
                found = q <= 0.05
                unrelated.append(p[~same])
                any_false.append((found & ~same).any())
                power.append(found[same].mean() if same.any() else np.nan)
                false.append((found & ~same).sum() / max(1, found.sum()))
                warned.append(bool(relation_limits(held_out, pd.Series(q))["warning"].item()))
            all_p = np.concatenate(unrelated)
            print(
                f"| {n_groups or 'none'} | {n_classes} | {n_sets} | {sum(any_false)} | "
                f"{(all_p <= 0.05).mean():.3f} | {stats.kstest(all_p, 'uniform').pvalue:.1g} | "
                f"{np.mean(power):.2f} | {np.mean(false):.3f} | {sum(warned)} |",
                flush=True,
            )


def coverage(n_sets: int, n_samples: int) -> None:
    """Print how often intervals of six compounds a class hold what 150 a class come to."""
    for name, settings in list(SETS.items())[:2]:
        of_all, of_top = [], []
        for seed in range(500, 500 + n_sets):
            large, _ = drawn(Simulation(seed=seed, compounds_per_class=150, **settings))
            pair = np.triu_indices(18, 1)
            truth = code_correlations(model_of(large).codes)[pair]
            top = truth > np.quantile(truth, 0.85)
            class_of = large.obs.drop_duplicates("pert_id").set_index("pert_id")["class"]
            for sample in range(n_samples):
                chosen = class_of.groupby(class_of).sample(6, random_state=sample)
                rows = large.obs["pert_id"].isin(chosen.index).to_numpy()
                small = labels(large[rows], chosen)
                _, low, high = corrected_correlations(
                    held_out_similarity(fold_models(small), small)
                )
                covered = (low[pair] <= truth) & (truth <= high[pair])
                of_all.append(covered.mean())
                of_top.append(covered[top].mean())
        print(
            f"coverage, {name}: {np.mean(of_all):.3f} of pairs, {np.mean(of_top):.3f} of the most "
            f"alike ({n_sets} sets of {n_samples} samples)",
            flush=True,
        )


def seeds() -> None:
    """Print clusters and edges over five seeds of training and of simulation."""
    for name, sets in (("training", [0] * 5), ("simulation", range(500, 505))):
        found, edges = [], []
        for seed, of_set in enumerate(sets):
            adata, group = drawn(Simulation(seed=of_set))
            models = fold_models(adata, seed)
            whole = model_of(adata, seed)
            replicates = [m.codes for _, m in models]
            ward = ward_clusters(whole.codes, replicates)
            leiden = leiden_clusters(whole.codes, replicates)
            found.append([adjusted_rand_score(group, c.clusters) for c in (ward, leiden)])
            _, q = tested(held_out_similarity(models, adata))
            edges.append(set(np.flatnonzero(q <= 0.05)))
        jaccard = [len(a & b) / len(a | b) for a, b in combinations(edges, 2)]
        print(
            f"seeds of {name}: adjusted Rand index Ward {np.min(found, axis=0)[0]:.2f} to "
            f"{np.max(found, axis=0)[0]:.2f}, Leiden {np.min(found, axis=0)[1]:.2f} to "
            f"{np.max(found, axis=0)[1]:.2f}; edges, mean Jaccard {np.mean(jaccard):.3f}",
            flush=True,
        )


def times(out: Path) -> None:
    """Time everything that is said of the classes, from 20 to 300 of them."""
    rows = []
    for n_classes, compounds in ((20, 15), (75, 15), (150, 15), (300, 15)):
        sim = Simulation(
            seed=500, groups=n_classes // 5, classes_per_group=5, compounds_per_class=compounds
        )
        adata, _ = drawn(sim)
        models, whole = fold_models(adata), model_of(adata)
        marks = [time.perf_counter()]
        held_out = held_out_similarity(models, adata)
        replicates = [m.codes for _, m in models]
        marks.append(time.perf_counter())
        relations = relation_table(whole.class_names, whole.codes, replicates, held_out)
        marks.append(time.perf_counter())
        ward = ward_clusters(whole.codes, replicates)
        cluster_table(whole.class_names, ward, leiden_clusters(whole.codes, replicates))
        marks.append(time.perf_counter())
        significant_edges(relations)
        hub_table(relations)
        contrasts = class_contrasts(adata, whole.classes())
        class_markers(contrasts, [m.decode(m.codes) for _, m in models])
        marks.append(time.perf_counter())
        parts = [b - a for a, b in pairwise(marks)]
        rows.append((n_classes, adata.n_obs, *parts, sum(parts)))
        print(f"{n_classes} classes, {adata.n_obs} signatures: {sum(parts):.0f} s", flush=True)
    names = ["similarity_s", "relations_s", "clusters_s", "markers_s", "all_s"]
    table = pd.DataFrame(rows, columns=["n_classes", "n_signatures", *names])
    write_table(table, out.with_suffix(".tsv"))
    draw_times(table, out)


def draw_times(table: pd.DataFrame, out: Path) -> None:
    """Draw the seconds of each part over the number of classes."""
    with house_style():
        figure, ax = plt.subplots(figsize=(5.5, 3.5))
        for name in [c for c in table if c.endswith("_s")]:
            ax.plot(table["n_classes"], table[name], "o-", label=name.removesuffix("_s"))
        ax.axhline(180, color="#9aa3ab", ls="--", lw=1)
        ax.set(xlabel="classes (15 compounds, 135 signatures each)", ylabel="seconds, 2 cores")
        ax.set(xscale="log", yscale="log")
        ax.set_xticks(table["n_classes"], table["n_classes"].astype(str), minor=False)
        ax.set_xticks([], minor=True)
        ax.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
        save(figure, table, out)


if __name__ == "__main__":
    asked = set(sys.argv[2:]) or {"errors", "grid", "coverage", "seeds", "times"}
    if "errors" in asked:
        errors_and_power(40)
    if "grid" in asked:
        grid()
    if "coverage" in asked:
        coverage(4, 6)
    if "seeds" in asked:
        seeds()
    if "times" in asked:
        times(Path(sys.argv[1]))
