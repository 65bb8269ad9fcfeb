"""What the tables say of the mechanisms, in sentences: relations, hubs, clusters, knowledge."""

from __future__ import annotations

import pandas as pd

from svqvae.tl.relations.network import significant_edges
from svqvae.tl.relations.significance import FDR


def relations_sentence(relations: pd.DataFrame) -> str:
    """Say how many mechanism pairs resemble each other beyond chance, and name the surest."""
    total = len(relations)
    if relations["q_value"].isna().all():
        top = relations.iloc[0]
        return (
            f"Strongest of {total} pairs: {top['class_a']} and {top['class_b']} "
            f"({top['correlation']:.2f}). Without held-out compounds no interval or q-value."
        )
    found = significant_edges(relations)
    text = (
        f"{len(found)} of {total} pairs of classes resemble each other beyond chance at a false "
        f"discovery rate of {FDR:.0%} (median correlation {relations['correlation'].median():.2f})."
    )
    if len(found):
        top = found.iloc[0]
        text += (
            f" The surest: {top['class_a']} and {top['class_b']} (q {top['q_value']:.1g}, found "
            f"again in {top['edge_support']:.0%} of resamples"
        )
        if pd.notna(top["corrected_correlation"]):
            text += (
                f"; corrected correlation {top['corrected_correlation']:.2f}, "
                f"{top['corrected_low']:.2f} to {top['corrected_high']:.2f}"
            )
        text += ")."
    mutual = relations[relations["mutual_nearest"]]
    sure = mutual[mutual["q_value"] <= FDR]
    text += f" {len(mutual)} pairs are each other's nearest, {len(sure)} of them beyond chance"
    if mutual["support"].isna().all():
        return f"{text}."
    supported = mutual[mutual["support"] >= 0.8]
    return f"{text}, {len(supported)} so in at least 80 % of the models that left a fold out."


def hubs_sentence(hubs: pd.DataFrame) -> str:
    """Say which classes many others call their nearest for no reason of their own."""
    found = hubs[hubs["hub"]]
    if found.empty:
        return "No class is the nearest of more classes than chance explains."
    named = [
        f"{r['class']} (nearest of {r['nearest_of']}, with the shared response held constant of "
        f"{r['nearest_of_specific']}; {r['edges']} pairs beyond chance)"
        for r in found.to_dict("records")
    ]
    return f"Hubs of the network of nearest classes: {'; '.join(named)}."


def clusters_sentence(stability: pd.DataFrame) -> str:
    """Say how many clusters there are by both methods, how stable, and whether they agree."""
    chosen = stability[stability["chosen"]]
    if chosen.empty:
        return "Too few classes to cluster."
    titles = {"ward": "Ward's tree", "leiden": "Leiden's communities"}
    parts = []
    for row in chosen.itertuples():
        stable = "" if pd.isna(row.stability) else f" (stability {row.stability:.2f})"
        parts.append(f"{row.n_clusters} by {titles[row.method]}{stable}")
    text = f"Clusters: {', '.join(parts)}"
    agreement = stability["agreement"].iloc[0]
    if pd.isna(agreement):
        missing = [titles[m] for m in titles if m not in set(chosen["method"])]
        return f"{text}; none by {' or '.join(missing)}."
    return f"{text}; adjusted Rand index between the two {agreement:.2f}."


def known_relations_sentence(known: pd.DataFrame, subject: str) -> str:
    """Give the AUROC of the subject's correlations for related pairs, and who does better."""
    # PCL connectivity, the baseline without a model, has one measure of its own.
    codes = known["measure"] == "correlation"
    rival = ~known["model"].isin(known.loc[codes, "model"])
    table = known[codes | rival].set_index("model")
    first = table.iloc[0]
    if "auroc" not in table or table["auroc"].isna().all():
        return (
            f"Of {first['n_pairs']} pairs of classes {first['n_related']} are known to be related: "
            "nothing to compare the models with."
        )
    name = subject if subject in table.index else str(table.index[0])
    own = table.loc[name]
    others = table["auroc"].drop(name)
    text = (
        f"Of {own['n_pairs']} pairs of classes {own['n_related']} are known to be related; {name} "
        f"separates them with an AUROC of {own['auroc']:.3f} ({own['auroc_low']:.3f} to "
        f"{own['auroc_high']:.3f}) and an average precision of {own['average_precision']:.3f}."
    )
    better = others[others > own["auroc"]].sort_values(ascending=False, kind="stable")
    if len(better):
        named = ", ".join(f"{model} ({value:.3f})" for model, value in better.items())
        return f"{text} Higher values, differences not tested: {named}."
    if others.empty:
        return text
    return f"{text} No other has a higher value; next is {others.idxmax()} ({others.max():.3f})."


def known_pairs_sentence(pairs: pd.DataFrame) -> str:
    """Say how many known pairs are beyond chance, how many are not, and what is new."""
    counts = pairs["outcome"].value_counts()
    found, missed, new = (int(counts.get(o, 0)) for o in ("found", "missed", "new"))
    if not found + missed + new:
        return ""
    return (
        f"Of {found + missed} known pairs {found} are beyond chance, {missed} are missed; {new} "
        "pairs beyond chance are not known to be related."
    )


def targets_sentence(summary: pd.DataFrame) -> str:
    """Say where the known targets rank among knock-downs, in both spaces, and by chance."""
    rows = summary.set_index("space")
    parts = []
    for space, row in rows.drop("difference").iterrows():
        parts.append(
            f"{row['percentile']:.1%} of all genes in {space} space ({row['ci_low']:.1%} to "
            f"{row['ci_high']:.1%}; by chance {row['chance']:.1%}, p {row['p_value']:.2g})"
        )
    difference = rows.loc["difference"]
    if difference["p_value"] > 0.05:
        verdict = "The two do not differ significantly"
    elif difference["percentile"] < 0:
        verdict = "The model helps"
    else:
        verdict = "The model is worse than the signatures themselves"
    first = rows.iloc[0]
    return (
        f"Drug targets: of {first['n_drugs']:.0f} drugs with {first['n_target_sets']:.0f} sets of "
        f"targets the best-ranked known target stands, by the mean over sets, within "
        f"{', '.join(parts)}. {verdict} (p {difference['p_value']:.2g})."
    )
