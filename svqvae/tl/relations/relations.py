"""The relation table: correlations of class codes, with tests and intervals."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from svqvae.tl.relations.attenuation import corrected_correlations
from svqvae.tl.relations.pair_scores import pair_z
from svqvae.tl.relations.shared import specific_correlations
from svqvae.tl.relations.significance import permutation_null, q_values, resampling_support
from svqvae.tl.relations.similarity import HeldOutSimilarity

log = logging.getLogger("svqvae")


def code_correlations(codes: np.ndarray) -> np.ndarray:
    """Return the Pearson correlation between class codes (Xue et al. 2019), classes x classes.

    A code without spread over its dimensions correlates 0 with every other.

    Examples
    --------
    >>> codes = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 2.0, 1.0]])
    >>> code_correlations(codes).round(2).tolist()
    [[1.0, 1.0, -1.0], [1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]
    """
    centred = codes.astype(float) - codes.mean(1, keepdims=True, dtype=float)
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    flat = norm[:, 0] <= 1e-12
    if flat.any():
        log.warning("%d class codes are constant; their correlations are set to 0", flat.sum())
    unit = centred / np.where(norm <= 1e-12, 1, norm)
    correlation = np.clip(unit @ unit.T, -1, 1)
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation)


def mutual_nearest(correlation: np.ndarray) -> np.ndarray:
    """Return the mask of pairs in which each class is the other's most correlated class."""
    off = correlation - 3 * np.eye(len(correlation))
    nearest = np.zeros(off.shape, dtype=bool)
    nearest[np.arange(len(off)), off.argmax(1)] = True
    return nearest & nearest.T


def relation_table(
    classes: Sequence[str],
    codes: np.ndarray,
    replicates: Sequence[np.ndarray] = (),
    held_out: HeldOutSimilarity | None = None,
) -> pd.DataFrame:
    """Correlate every pair of classes, with test, interval and support of each relation.

    Parameters
    ----------
    classes
        Names, in the order of ``codes``.
    codes
        Classes x dimensions, of the model of all data.
    replicates
        Codes of models that were each trained without a part of the perturbagens.
    held_out
        Similarity of held-out compounds to the classes, by models trained without them.

    Returns
    -------
    DataFrame
        class_a, class_b (each pair once), correlation, ci_low, ci_high, corrected_correlation,
        corrected_low, corrected_high, specific_correlation, p_value, q_value, edge_support,
        support, mutual_nearest; strongest first.
        Without ``replicates`` and ``held_out`` the columns that need them are missing values.

    Notes
    -----
    ``correlation`` is the published measure, of the codes as they are. Codes of few compounds are
    noisy, which attenuates it: ``corrected_correlation`` is corrected for that, with the 95 %
    interval ``corrected_low`` to ``corrected_high``
    (:func:`svqvae.tl.relations.attenuation.corrected_correlations`). ``ci_low`` to ``ci_high`` is
    that interval, extended to hold ``correlation`` where attenuation has pulled it out.

    A response that all mechanisms share raises nearly all correlations, most of all those of the
    classes that carry much of it. ``specific_correlation`` is the partial correlation with it held
    constant (:mod:`svqvae.tl.relations.shared`). ``p_value`` is that of a permutation test on
    held-out compounds, with the shared response taken out: whether members of the one class are
    more similar to the other class than other compounds are
    (:func:`svqvae.tl.relations.significance.p_values`). ``q_value`` is Benjamini and Hochberg's,
    ``edge_support`` the share of subsamples without a fifth of the held-out compounds in which it
    is at most :data:`svqvae.tl.fdr.FDR`. All three are missing for classes without held-out
    compounds. ``support`` is the share of replicates in which the pair is mutually nearest.

    Examples
    --------
    >>> model = svqvae.make_model(adata, preset="class_mean_cosine").train()
    >>> classes = model.classes()
    >>> table = relation_table(classes.obs_names, classes.obsm["X_code"])
    >>> len(table)  # 8 classes
    28
    >>> table["correlation"].is_monotonic_decreasing
    True

    With models of the folds, each pair is tested:

    >>> from svqvae.data.split import training_rows
    >>> from svqvae.tl.relations.similarity import held_out_similarity
    >>> parts = [adata[training_rows(adata.obs, fold)] for fold in range(5)]
    >>> models = [svqvae.make_model(part, preset="class_mean_cosine").train() for part in parts]
    >>> held_out = held_out_similarity(enumerate(models), adata)
    >>> table = relation_table(classes.obs_names, classes.obsm["X_code"], held_out=held_out)
    >>> bool(table["q_value"].between(0, 1).all())
    True
    """
    pair = np.triu_indices(len(classes), 1)
    correlation = code_correlations(codes)
    names = np.asarray(classes, dtype=object)
    table = pd.DataFrame(
        {
            "class_a": names[pair[0]],
            "class_b": names[pair[1]],
            "correlation": correlation[pair],
            "ci_low": np.nan,
            "ci_high": np.nan,
            "corrected_correlation": np.nan,
            "corrected_low": np.nan,
            "corrected_high": np.nan,
            "specific_correlation": specific_correlations(correlation)[pair],
            "p_value": np.nan,
            "q_value": np.nan,
            "edge_support": np.nan,
            "support": np.nan,
            "mutual_nearest": mutual_nearest(correlation)[pair],
        }
    )
    if held_out is not None:
        corrected, low, high = corrected_correlations(held_out)
        table["corrected_correlation"] = corrected[pair]
        table["corrected_low"], table["corrected_high"] = low[pair], high[pair]
        table["ci_low"] = table[["corrected_low", "correlation"]].min(axis=1)
        table["ci_high"] = table[["corrected_high", "correlation"]].max(axis=1)
        tested = np.asarray(held_out.member.any(0))
        # Of two classes, and of one without held-out compounds, no pair can be tested.
        if tested.sum() > 2:
            part, at = held_out.of_classes(tested), np.ix_(tested, tested)
            chance = permutation_null(part)
            p = chance.p_values(pair_z(part))
            found = {"p_value": p, "q_value": q_values(p)}
            found["edge_support"] = resampling_support(part, chance)
            for name, values in found.items():
                whole = np.full(correlation.shape, np.nan)
                whole[at] = values
                table[name] = whole[pair]
    if len(replicates):
        mutual = [mutual_nearest(code_correlations(c))[pair] for c in replicates]
        table["support"] = np.mean(mutual, axis=0)
    return table.sort_values("correlation", ascending=False, kind="stable", ignore_index=True)


def as_matrix(table: pd.DataFrame, value: str = "correlation") -> pd.DataFrame:
    """Return a column of a relation table as a symmetric classes x classes frame, diagonal 1."""
    names = sorted(set(table["class_a"]) | set(table["class_b"]))
    matrix = pd.DataFrame(np.eye(len(names)), index=names, columns=names)
    a, b = matrix.index.get_indexer(table["class_a"]), matrix.index.get_indexer(table["class_b"])
    values = matrix.to_numpy(copy=True)
    values[a, b] = values[b, a] = table[value].to_numpy()
    return pd.DataFrame(values, index=names, columns=names)
