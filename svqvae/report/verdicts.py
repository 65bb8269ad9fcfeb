"""The five cards of the first screen: a verdict in words, one number with its interval, a link.

The words know ties, chance and n: no winner is named where the interval of a difference holds 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from svqvae.report.sides import headline, headline_metric, heads_by_compound, standing
from svqvae.tl.fdr import FDR
from svqvae.tl.relations.limits import FEW_CLASSES

Tables = Mapping[str, pd.DataFrame]

#: Expected calibration errors up to which probabilities are close to, or roughly, the truth.
_CLOSE, _ROUGH = 0.05, 0.1


@dataclass(frozen=True)
class Card:
    """A card; ``view`` is the section that it leads to."""

    key: str
    title: str
    verdict: str
    number: str
    view: str


def cards(
    tables: Tables, model_tables: Tables, *, model: str, chance: Mapping[str, float]
) -> list[dict[str, str]]:
    """Return the cards of a model on a data set."""
    made = [
        _input(tables),
        _benchmark(tables, model, chance),
        _relations(model_tables),
        _known(tables, model_tables, model),
        _trust(tables, model),
    ]
    return [asdict(card) for card in made]


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return names as a sentence lists them, the first few and how many more."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _number(value: float, low: float = float("nan"), high: float = float("nan")) -> str:
    if pd.isna(value):
        return ""
    interval = "" if pd.isna(low) or pd.isna(high) else f" [{low:.3f}, {high:.3f}]"
    return f"{value:.3f}{interval}"


def _input(tables: Tables) -> Card:
    steps = tables["filters"]
    first, last = steps.iloc[0], steps.iloc[-1]
    kept = f"{last['signatures']:,} of {first['signatures']:,} signatures kept"
    text = f"{last['perturbagens']:,} compounds in {last['classes']:,} classes."
    return Card("input", "Input", text, kept, "input")


def benchmark_verdict(tables: Tables, chance: Mapping[str, float]) -> str:
    """Say which models are ahead, which are level with them, and whether any is above chance."""
    summary, pairs = headline(tables)
    if summary is None:
        return "No scores."
    if pairs is None:
        columns = ["model", "other", "metric", "difference", "ci_low", "ci_high"]
        pairs = pd.DataFrame(columns=columns)
    rows, level = standing(summary, pairs, headline_metric(tables))
    if rows.empty:
        return "No scores."
    if len(rows) == 1:
        text = f"Only {level[0]} was scored."
    elif len(level) == 1:
        text = f"Ahead of all others: {level[0]}."
    else:
        text = f"Best: {listed(level)}, level."
    if heads_by_compound(tables):
        text = f"By compound. {text}"
    by_chance = chance.get(headline_metric(tables))
    if by_chance is not None and not (rows["ci_low"] > by_chance).any():
        return f"{text} None is above chance."
    return text


def _benchmark(tables: Tables, model: str, chance: Mapping[str, float]) -> Card:
    number = ""
    rows, _ = headline(tables)
    if rows is not None:
        metric = headline_metric(tables)
        own = rows[(rows["metric"] == metric) & (rows["model"] == model)]
        if len(own):
            row = own.iloc[0]
            number = f"{model}: mean reciprocal rank "
            number += _number(row["value"], row["ci_low"], row["ci_high"])
            if metric in chance:
                number += f"; chance {chance[metric]:.3f}"
    return Card("benchmark", "Benchmark", benchmark_verdict(tables, chance), number, "benchmark")


def _relations(tables: Tables) -> Card:
    table = tables.get("mechanism_correlations")
    if table is None:
        return Card("relations", "Relations", "This model has no codes to relate.", "", "relations")
    if table["q_value"].isna().all():
        text = "No held-out compounds: no pair could be tested."
        return Card("relations", "Relations", text, f"{len(table):,} pairs", "relations")
    found = table[table["q_value"] <= FDR].sort_values("q_value", kind="stable")
    text = "No pair is alike beyond chance."
    if len(found):
        surest = found.iloc[0]
        text = f"Alike beyond chance, surest: {surest['class_a']} and {surest['class_b']}."
    text += _limits(tables)
    number = f"{len(found):,} of {len(table):,} pairs, q ≤ {FDR:g}"
    return Card("relations", "Relations", text, number, "relations")


def _limits(tables: Tables) -> str:
    """Say in a few words for how many classes a missing edge says little, where that is so."""
    limits = tables.get("relation_test")
    # An empty field is read back as missing.
    if limits is None or not limits["warning"].fillna("").iloc[0]:
        return ""
    row = limits.iloc[0]
    if row["n_classes"] < FEW_CLASSES:
        return f" With {row['n_classes']:,} classes a missing edge says little."
    out = row["n_classes"] - row["in_reach"]
    return f" For {out:,} of {row['n_classes']:,} classes a missing edge says little."


def _known(tables: Tables, of_model: Tables, model: str) -> Card:
    title = "Known relations"
    known = tables.get("known_relations")
    if known is None:
        return Card("known", title, "No known relations to compare with.", "", "relations")
    rows = known[known["model"] == model]
    row = (rows if len(rows) else known).iloc[0]
    if not len(rows) or "auroc" not in known or pd.isna(row["auroc"]):
        text = f"{row['n_related']:,} of {row['n_pairs']:,} pairs are known; not compared."
        return Card("known", title, text, "", "relations")
    if row["auroc_low"] > 0.5:
        text = "Known pairs are more alike than others"
    elif row["auroc_high"] < 0.5:
        text = "Known pairs are less alike than others"
    else:
        text = "Known pairs cannot be told from others"
    text += f"; {_known_found(tables, of_model, int(row['n_related']))}"
    number = f"AUROC {_number(row['auroc'], row['auroc_low'], row['auroc_high'])}"
    return Card("known", title, text, number, "relations")


def _known_found(tables: Tables, of_model: Tables, n: int) -> str:
    """Say how many of the known pairs the model finds beyond chance."""
    pairs, relations = tables.get("known_pairs"), of_model.get("mechanism_correlations")
    if pairs is None or relations is None or relations["q_value"].isna().all():
        return f"{n:,} are known."
    # The outcome is that of the subject; what is known is so for every model.
    known = pairs.loc[pairs["outcome"] != "new", ["class_a", "class_b"]]
    found = relations[relations["q_value"] <= FDR]
    both = set(map(frozenset, known.to_numpy())) & set(
        map(frozenset, found[["class_a", "class_b"]].to_numpy())
    )
    return f"{len(both):,} of {n:,} are beyond chance."


def _trust(tables: Tables, model: str) -> Card:
    title, table = "Trust", tables.get("calibration")
    own = None if table is None else table[table["model"] == model]
    if own is None or own.empty or pd.isna(own["ece"].iloc[0]):
        return Card("trust", title, "Calibration is not known.", "", "calibration")
    row = own.iloc[0]
    if row["ece_high"] <= _CLOSE:
        text = "Probabilities are close to the truth."
    elif row["ece"] <= _ROUGH:
        text = "Probabilities are roughly right."
    else:
        text = "Probabilities are off: read them as ranks."
    number = f"Calibration error {_number(row['ece'], row['ece_low'], row['ece_high'])}"
    return Card("trust", title, text, number, "calibration")
