"""What the tables say, in sentences: the comparison first, the baseline that wins named."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svqvae.query.believed import novelty_advice
from svqvae.tl.evaluation.metrics import METRICS
from svqvae.tl.evaluation.selective import NAMED


def comparison_sentences(comparison: pd.DataFrame) -> str:
    """Say which rivals are ahead of the subject, which behind, and which do not differ."""
    # All that the figure beside it compares: one by which the subject is behind is said too.
    titles = {n: m.title for n, m in METRICS.items() if m.drawn and not m.lower_is_better}
    said = [_comparison(comparison, metric, title) for metric, title in titles.items()]
    if not any(said):
        return ""
    return " ".join(said) + (
        " In brackets its difference to each; the 95 % interval of the paired bootstrap over "
        "compounds decides."
    )


def _comparison(comparison: pd.DataFrame, metric: str, title: str) -> str:
    part = comparison[comparison["metric"] == metric].sort_values("difference")
    if part.empty:
        return ""
    worse, better = part[part["ci_high"] < 0], part[part["ci_low"] > 0]
    tied = part.drop([*worse.index, *better.index])

    def listed(rows: pd.DataFrame) -> str:
        named = [f"{r.rival} ({r.difference:+.3f})" for r in rows.itertuples()]
        return ", ".join(named) or "none"

    return (
        f"By {title}, {part['subject'].iloc[0]} is behind: {listed(worse)}; "
        f"no significant difference to: {listed(tied)}; ahead of: {listed(better)}."
    )


def calibration_sentence(calibration: pd.DataFrame, subject: str) -> str:
    """Say how far the subject's probabilities are from the truth, and how far the others'."""
    errors = calibration.set_index("model")
    own, others = errors.loc[subject], errors.drop(subject)["ece"]
    rest = f" Of the others: {others.min():.3f} to {others.max():.3f}." if len(others) else ""
    return (
        f"Expected calibration error of {subject} on held-out compounds: {own['ece']:.3f} "
        f"({own['ece_low']:.3f} to {own['ece_high']:.3f}).{rest}"
    )


def by_compound_sentence(table: pd.DataFrame, subject: str) -> str:
    """Give the subject's accuracy by compound beside that by signature."""
    mine = table[(table["model"] == subject) & (table["metric"] == "accuracy")]
    if mine.empty:
        return ""
    row = mine.iloc[0]
    return (
        f"By compound (of {row['n_compounds']:,}, a median of {row['signatures_per_compound']:g} "
        f"signatures each) {subject} names the class of {row['value']:.1%} "
        f"({row['ci_low']:.1%} to {row['ci_high']:.1%}); by signature of {row['by_signature']:.1%}."
    )


def selective_sentence(curves: pd.DataFrame, subject: str) -> str:
    """Say how often the subject is right on what it is surest of."""
    unit = "compound" if (curves["unit"] == "compound").any() else "signature"
    curves = curves[curves["unit"] == unit]
    at = {share: curves[np.isclose(curves["coverage"], share)] for share in (*NAMED, 1.0)}
    mine = {share: part[part["model"] == subject] for share, part in at.items()}
    if mine[1.0].empty:
        return ""
    said = [
        f"{share:.0%} of {unit}s {row['accuracy']:.1%} "
        f"({row['ci_low']:.1%} to {row['ci_high']:.1%})"
        for share, row in ((share, part.iloc[0]) for share, part in mine.items())
    ]
    fifth = at[0.2]
    ahead = fifth.loc[fifth["difference_low"] > 0, "model"]
    rest = "At 20 % no model is ahead of it with an interval beyond 0."
    if len(ahead):
        rest = f"Ahead of it at 20 %: {', '.join(ahead)}."
    return f"Share that is right where {subject} answers the surest {', '.join(said)}. {rest}"


def novelty_sentence(novelty: pd.DataFrame, subject: str) -> str:
    """Give the AUROC of the novelty score for classes left out of training."""
    if novelty.empty or novelty["auroc"].isna().all():
        return ""
    row = novelty.iloc[0]
    advice = novelty_advice(row["auroc"], low=row["ci_low"])
    return (
        f"Novelty of {subject} separates signatures of classes left out of training from those of "
        f"known classes with an AUROC of {row['auroc']:.3f} ({row['ci_low']:.3f} to "
        f"{row['ci_high']:.3f}) on held-out compounds; 0.5 is chance. {advice}"
    )


def neighbours_sentence(nearest: pd.DataFrame) -> str:
    """Say how often the nearest training compound is of the held-out signature's own class."""
    first = nearest[nearest["rank"] == 1]
    if first.empty:
        return ""
    shares = [first[c].value_counts(normalize=True) for c in ("true_class", "nearest_class")]
    # As often as if neighbours had nothing to do with the class.
    chance = float((shares[0] * shares[1]).sum())
    return (
        f"Of {len(first):,} held-out signatures {first['same_class'].mean():.0%} have a nearest "
        f"training compound of their own class; by chance it would be {chance:.0%}."
    )


def recovery_sentence(recovery: pd.DataFrame) -> str:
    """Say how much of the planted truth the first model found, and which model found most."""
    # A quantity that is undefined for all models stays, as missing.
    wide = recovery.pivot_table(
        index="model", columns="quantity", values="value", sort=False, dropna=False
    )
    name = str(recovery["model"].iloc[0])
    text = (
        f"{name} finds the planted groups with an adjusted Rand index of "
        f"{wide.loc[name, 'cluster_ari']:.2f}, and separates pairs of one group from others with "
        f"an AUROC of {wide.loc[name, 'same_group_auroc']:.3f}."
    )
    best = [
        f"{wide[q].max():.{digits}f} ({', '.join(wide.index[wide[q] == wide[q].max()])})"
        for q, digits in (("cluster_ari", 2), ("same_group_auroc", 3))
    ]
    return f"{text} Highest: {best[0]} and {best[1]}; differences are not tested."
