"""Which mechanisms resemble each other: correlations of class codes, with intervals."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from svqvae.tl.resampling import jackknife_se, moderate_variances, t_interval
from svqvae.tl.shared import specific_correlations

log = logging.getLogger("svqvae")

#: Keeps Fisher's z finite for codes that are alike to the last digit.
_LIMIT = 1 - 1e-6


def code_correlations(codes: np.ndarray) -> np.ndarray:
    """Return the Pearson correlation between class codes (Xue et al. 2019), classes x classes.

    A code without spread over its dimensions correlates 0 with every other.
    """
    centred = codes.astype(float) - codes.mean(1, keepdims=True, dtype=float)
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    flat = norm[:, 0] <= 1e-12
    if flat.any():
        log.warning("%d class codes are constant; their correlations are set to 0", flat.sum())
    unit = centred / np.where(norm <= 1e-12, 1, norm)
    correlation = np.clip(unit @ unit.T, -1, 1)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def mutual_nearest(correlation: np.ndarray) -> np.ndarray:
    """Return the mask of pairs in which each class is the other's most correlated class."""
    off = correlation - 3 * np.eye(len(correlation))
    nearest = np.zeros(off.shape, dtype=bool)
    nearest[np.arange(len(off)), off.argmax(1)] = True
    return nearest & nearest.T


def relation_table(
    classes: Sequence[str], codes: np.ndarray, replicates: Sequence[Sequence[np.ndarray]] = ()
) -> pd.DataFrame:
    """Correlate every pair of classes.

    Parameters
    ----------
    classes
        Names, in the order of ``codes``.
    codes
        Classes x dimensions, of the model of all data.
    replicates
        For each fold the codes of the models (one per seed) trained without it.

    Returns
    -------
    DataFrame
        class_a, class_b (each pair once), correlation, ci_low, ci_high,
        specific_correlation, p_value, q_value, support, mutual_nearest; strongest first.
        Without replicates the columns that need them are missing values.

    Notes
    -----
    ``ci_low`` and ``ci_high`` are a delete-a-group jackknife interval of the correlation, on
    Fisher's z: how much it depends on which perturbagens were seen. Seeds are averaged
    within a fold, and all folds of a seed start from the same initial weights, so the noise of
    initialisation is not in it.

    A response that all mechanisms share lifts nearly all correlations, and most those of the
    classes that carry much of it. ``specific_correlation`` holds it constant
    (:mod:`svqvae.tl.shared`). The p-value asks whether it stands out, one-sided, from the
    bulk of pairs: Fisher's z minus the median pair's, over the pair's jackknife standard
    error and the spread of typical pairs beyond theirs (an empirical null: Efron 2004), the
    variances moderated over pairs, since each is known from few folds only (Smyth 2004).
    On 100 simulated sets not used to design it (24 classes of 6 perturbagens, one shared
    response with log-normal loadings of spread 1), 23.3 of 24 related pairs were found at a
    false discovery rate of 5 % and 0.6 % of the pairs found were false; of 100 sets without a
    related pair 3 had a finding. Without holding the response constant 69 % of the pairs
    found were false. With few classes the test is conservative. A
    second response shared by a part of the classes only is a relation by this
    test. ``support`` is the share of replicates in which the pair is mutually nearest.
    """
    first, second = np.triu_indices(len(classes), 1)
    correlation = code_correlations(codes)
    names = np.asarray(classes, dtype=object)
    table = pd.DataFrame(
        {
            "class_a": names[first],
            "class_b": names[second],
            "correlation": correlation[first, second],
            "ci_low": np.nan,
            "ci_high": np.nan,
            "specific_correlation": specific_correlations(correlation)[first, second],
            "p_value": np.nan,
            "q_value": np.nan,
            "support": np.nan,
            "mutual_nearest": mutual_nearest(correlation)[first, second],
        }
    )
    if len(replicates) >= 2:
        by_fold = [[code_correlations(c) for c in fold] for fold in replicates]
        df = len(replicates) - 1

        def fold_z(measure: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
            """Fisher's z of each pair, folds x pairs, seeds averaged."""
            z = [[_fisher(measure(c)[first, second]) for c in fold] for fold in by_fold]
            return np.array([np.mean(seeds, axis=0) for seeds in z])

        z = _fisher(table["correlation"].to_numpy())
        variance, df_moderated = moderate_variances(jackknife_se(fold_z(np.asarray)) ** 2, df=df)
        low, high = t_interval(z, np.sqrt(variance), df=df_moderated)
        table["ci_low"], table["ci_high"] = np.tanh(low), np.tanh(high)
        specific = _fisher(table["specific_correlation"].to_numpy())
        specific_se = jackknife_se(fold_z(specific_correlations))
        variance, df_moderated = moderate_variances(specific_se**2, df=df)
        table["p_value"] = stats.t.sf(_excess(specific, variance), df_moderated)
        table["q_value"] = multipletests(table["p_value"], method="fdr_bh")[1]
        mutual = [mutual_nearest(c)[first, second] for c in itertools.chain.from_iterable(by_fold)]
        table["support"] = np.mean(mutual, axis=0)
    return table.sort_values("correlation", ascending=False, kind="stable", ignore_index=True)


def _fisher(correlation: np.ndarray) -> np.ndarray:
    return np.arctanh(np.clip(correlation, -_LIMIT, _LIMIT))


def _excess(z: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return how far each pair stands out from typical pairs, in standard deviations."""
    deviation = z - np.median(z)
    # Of a normal bulk the median absolute deviation is 0.6745 standard deviations; pairs that
    # stand out hardly move it.
    bulk = (np.median(np.abs(deviation)) / 0.6745) ** 2
    typical = max(0.0, bulk - float(np.median(variance)))
    return deviation / np.sqrt(variance + typical)


def as_matrix(table: pd.DataFrame, value: str = "correlation") -> pd.DataFrame:
    """Return a column of a relation table as a symmetric classes x classes frame, diagonal 1."""
    names = sorted(set(table["class_a"]) | set(table["class_b"]))
    matrix = pd.DataFrame(np.eye(len(names)), index=names, columns=names)
    a, b = matrix.index.get_indexer(table["class_a"]), matrix.index.get_indexer(table["class_b"])
    values = matrix.to_numpy(copy=True)
    values[a, b] = values[b, a] = table[value].to_numpy()
    return pd.DataFrame(values, index=names, columns=names)
