"""Agreement of relations between classes with known ones: shared targets, or a list of pairs."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.matrix import group_sums
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.tables import read_table
from svqvae.tl.evaluation.resampling import percentile_interval
from svqvae.tl.fdr import FDR
from svqvae.tl.relations.relations import as_matrix

log = logging.getLogger("svqvae")

#: A class has the targets of at least this share of its compounds, and of this many.
SHARE, LEAST = 0.2, 2
#: Classes are related whose sets of targets overlap by more than this.
JACCARD = 0.1
#: Weights of pairs in memory at a time.
_CELLS = 4 << 20


def class_targets(obs: pd.DataFrame, classes: Sequence[str]) -> list[set[str]]:
    """Return the targets that are typical of each class.

    Parameters
    ----------
    obs
        Signatures with class, target (joined with ``|``) and their perturbagen: compound, else
        pert_id. A perturbagen counts once, however many signatures it has.
    """
    unit = keys.COMPOUND if keys.COMPOUND in obs else keys.PERT_ID
    rows = obs[[keys.CLASS, unit, keys.TARGET]].astype(object).drop_duplicates()
    size = rows.drop_duplicates([keys.CLASS, unit])[keys.CLASS].value_counts()
    parts = rows.assign(**{keys.TARGET: rows[keys.TARGET].str.split(keys.SEPARATOR)})
    once = parts.explode(keys.TARGET).drop_duplicates()
    counts = once.groupby([keys.CLASS, keys.TARGET]).size()
    typical = counts[
        (counts >= LEAST) & (counts >= SHARE * size.loc[counts.index.get_level_values(0)].values)
    ]
    found = typical.reset_index().groupby(keys.CLASS)[keys.TARGET].agg(set)
    return [found.get(name, set()) for name in classes]


def share_targets(targets: Sequence[set[str]]) -> np.ndarray:
    """Return the Jaccard overlap of the classes' targets, 0 where none has any."""
    every = sorted(set().union(*targets))
    has = np.array([[t in own for t in every] for own in targets], dtype=float)
    has = has.reshape(len(targets), len(every))
    both = has @ has.T
    either = has.sum(1)[:, None] + has.sum(1) - both
    return np.asarray(both / np.maximum(either, 1))


def read_relations(path: str | Path, classes: Sequence[str]) -> np.ndarray:
    """Return the mask, classes x classes, of the pairs that a table lists.

    Raises
    ------
    SvqvaeError
        If a column is missing, or no pair is of two classes. Pairs of classes that the data has
        not are left out, and the log names some, with the nearest class.
    """
    table = read_table(path)
    if missing := [c for c in ("class_a", "class_b") if c not in table]:
        raise SvqvaeError(
            f"{path}: no column '{c}'{did_you_mean(c, table.columns)}" for c in missing
        )
    index = pd.Index(classes)
    first, second = (index.get_indexer(table[c].astype(str)) for c in ("class_a", "class_b"))
    known = (first >= 0) & (second >= 0) & (first != second)
    if not known.any():
        example = str(table["class_a"].iloc[0]) if len(table) else ""
        raise SvqvaeError(
            f"{path}: none of {len(table)} pairs is of two classes of the data; first "
            f"'{example}'{did_you_mean(example, list(classes))}"
        )
    if not known.all():
        names = set(table["class_a"].astype(str)) | set(table["class_b"].astype(str))
        strange = sorted(names - set(classes))
        named = [f"'{name}'{did_you_mean(name, list(classes))}" for name in strange[:5]]
        log.warning(
            "%s: %d of %d pairs are left out; not classes of the data: %s",
            *(path, (~known).sum(), len(table), ", ".join(named) or "none (a class with itself)"),
        )
    related = np.zeros((len(classes), len(classes)), dtype=bool)
    related[first[known], second[known]] = related[second[known], first[known]] = True
    return related


def known_pairs(
    obs: pd.DataFrame, classes: Sequence[str], path: str | Path | None = None
) -> np.ndarray:
    """Return the mask, classes x classes, of related pairs: of a table, else by shared targets."""
    if path is not None:
        return read_relations(path, classes)
    related = share_targets(class_targets(obs, classes)) > JACCARD
    np.fill_diagonal(related, val=False)
    return related


def planted_pairs(truth: pd.DataFrame, classes: Sequence[str]) -> np.ndarray:
    """Return the mask, classes x classes, of pairs of one planted ``group``."""
    group = truth.loc[list(classes), keys.GROUP].to_numpy()
    related = group[:, None] == group
    np.fill_diagonal(related, val=False)
    return np.asarray(related)


def relation_agreement(
    relations: pd.DataFrame, related: np.ndarray, *, draws: int = 1000
) -> pd.DataFrame:
    """Return one row per measure of a model's relation table: measure and :func:`agreement`.

    The measures are the correlation of codes, that with the shared response held constant, and,
    where there are p-values, ``significance``, which is minus the p-value.
    """
    measures = {m: as_matrix(relations, m) for m in ("correlation", "specific_correlation")}
    if relations["p_value"].notna().any():
        # Pairs that cannot be tested have no evidence.
        measures["significance"] = -as_matrix(relations, "p_value").fillna(1)
    return pd.DataFrame(
        [
            {"measure": m, **agreement(v.to_numpy(), related, draws=draws)}
            for m, v in measures.items()
        ]
    )


def known_pair_table(
    relations: pd.DataFrame, related: np.ndarray, targets: Sequence[set[str]] | None = None
) -> pd.DataFrame:
    """Return the pairs that are known or found, and which of them are both.

    Parameters
    ----------
    relations
        Table of :func:`svqvae.tl.relations.relations.relation_table`.
    related
        Classes x classes in alphabetical order, which pairs are known.
    targets
        Targets of each class, where known.

    Returns
    -------
    DataFrame
        class_a, class_b, outcome (``found``: known and beyond chance at
        :data:`svqvae.tl.fdr.FDR`; ``missed``: known; ``new``: beyond chance),
        shared_targets, rank and correlation among all pairs, corrected_correlation, q_value,
        edge_support; found, missed and new, each by rank.
    """
    names = as_matrix(relations).index
    a, b = (names.get_indexer(relations[c]) for c in ("class_a", "class_b"))
    known, beyond = related[a, b], (relations["q_value"] <= FDR).to_numpy()
    outcome = np.select([known & beyond, known, beyond], ["found", "missed", "new"], "")
    table = relations[["class_a", "class_b"]].copy()
    table["outcome"] = pd.Categorical(outcome, categories=["found", "missed", "new", ""])
    table["shared_targets"] = ""
    if targets is not None:
        table["shared_targets"] = [
            keys.SEPARATOR.join(sorted(targets[i] & targets[j])) for i, j in zip(a, b, strict=True)
        ]
    table["rank"] = relations["correlation"].rank(ascending=False, method="min").astype(int)
    kept = ["correlation", "corrected_correlation", "q_value", "edge_support"]
    table = pd.concat([table, relations[kept]], axis=1)[outcome != ""]
    table = table.sort_values(["outcome", "rank"], ignore_index=True)
    return table.astype({"outcome": str})


def agreement(
    similarity: np.ndarray, related: np.ndarray, *, draws: int = 1000, seed: int = 0
) -> dict[str, float]:
    """Measure how well a similarity discriminates related pairs of classes from others.

    Parameters
    ----------
    similarity, related
        Classes x classes. Where the similarity is missing it counts as the least.

    Returns
    -------
    dict
        n_pairs, n_related, auroc and average_precision with ``_low`` and ``_high``, a 95 %
        bootstrap interval that draws *classes*: the pairs of one class are dependent, and an
        interval over pairs would be too narrow. A class drawn twice is no pair with itself.
        Missing where all pairs are of one kind.
    """
    first, second = np.triu_indices(len(related), 1)
    truth, value = related[first, second], similarity[first, second]
    value = np.where(np.isnan(value), -np.inf, value)
    found: dict[str, float] = {"n_pairs": len(truth), "n_related": int(truth.sum())}
    if not 0 < truth.sum() < len(truth):
        return found
    n = len(related)
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws)
    # First what there is, every class once.
    counts = np.vstack([np.ones(n), counts])
    drawn = _auroc_and_precision(truth, value, (first, second), counts)
    for i, name in enumerate(("auroc", "average_precision")):
        low, high = percentile_interval(drawn[i, 1:])
        found |= {name: float(drawn[i, 0]), f"{name}_low": low, f"{name}_high": high}
    return found


def _auroc_and_precision(
    truth: np.ndarray, value: np.ndarray, pair: tuple[np.ndarray, np.ndarray], counts: np.ndarray
) -> np.ndarray:
    """Return the area under the ROC curve and the average precision in each draw of classes.

    As scikit-learn's ``roc_auc_score`` and ``average_precision_score`` of pairs that weigh the
    product of their classes' counts. Recall rises at the values of related pairs alone, and these
    are few: of all others it is enough to know how much lies between two such values.

    Parameters
    ----------
    truth, value
        Of each pair: whether it is related, and its similarity.
    pair
        Positions of the two classes of each pair.
    counts
        Draws x classes.

    Returns
    -------
    ndarray
        2 x draws; NaN where a draw has not pairs of both kinds.
    """
    # Steps of recall, from the most similar: unrelated pairs above it, and of its very value
    # unrelated and related ones. Behind the last step more unrelated pairs follow.
    related_at, at = np.unique(-value[truth]), -value
    step = np.searchsorted(related_at, at)
    tied = np.append(related_at, np.nan)[step] == at
    kind = np.where(tied, np.where(truth, 2, 1), 0)
    n_steps = len(related_at) + 1
    each = np.ascontiguousarray(counts.T, dtype=float)
    size = max(1, _CELLS // len(counts))
    parts = np.array_split(np.stack(pair), -(-len(value) // size), axis=1)
    weights = (each[first] * each[second] for first, second in parts)
    sums = group_sums(weights, 3 * step + kind, 3 * n_steps).reshape(n_steps, 3, -1)
    true, false_above = sums[:, 2], np.cumsum(sums[:, 0] + sums[:, 1], axis=0)
    n_true, n_false = true.sum(0), false_above[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        auroc = (true * (n_false - false_above + sums[:, 1] / 2)).sum(0) / (n_true * n_false)
        precision = np.cumsum(true, axis=0)
        precision /= np.maximum(precision + false_above, 1)
        average = (true * precision).sum(0) / n_true
    usable = (n_true > 0) & (n_false > 0)
    return np.where(usable, np.stack([auroc, average]), np.nan)
