"""Realism of simulated signatures: classifier two-sample tests and nearest held-out neighbours."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.matrix import SignatureMatrix
from svqvae.data.split import held_out_rows, perturbagens, training_rows
from svqvae.models.base import ClassModel
from svqvae.tl.evaluation import two_sample
from svqvae.tl.evaluation.resampling import cluster_weights, percentile_interval

if TYPE_CHECKING:
    from anndata import AnnData

_log = logging.getLogger("svqvae")

#: Held-out signatures evaluated at most, and training signatures taken for the ceiling.
LIMIT = 5000
#: Repetitions, each with simulated signatures of its own.
ROUNDS = 3

QUANTITIES = ("auc", "nearest_class", "nearest_class_real")
COLUMNS = [keys.CLASS, "quantity", "value", "ci_low", "ci_high", "n_real", "n_simulated"]


@dataclass
class _Scored:
    """Signatures of one kind, all folds, with what came out for each."""

    klass: np.ndarray
    compound: np.ndarray
    weight: np.ndarray
    #: Whether the nearest held-out signature is of the class.
    nearest: np.ndarray
    #: Rank of the classifier's score for being simulated, by kind of classifier.
    classifier_rank: dict[str, np.ndarray]


def realism(
    models: Mapping[int | str, ClassModel],
    adata: AnnData,
    *,
    limit: int = LIMIT,
    rounds: int = ROUNDS,
    draws: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare signatures simulated by the models of the folds with held-out ones.

    Parameters
    ----------
    models
        The model of each fold (a number, or ``"test"``), trained without the fold.
    adata
        All signatures, in memory or backed by a file.
    limit
        Held-out signatures evaluated at most, small classes first; of each fold, training
        signatures taken for the ceiling.
    rounds
        Repetitions of simulation and test, to reduce Monte Carlo error.
    draws
        Of the bootstrap.

    Returns
    -------
    DataFrame
        class (``all`` pools them), quantity, value, ci_low, ci_high, n_real, n_simulated.

        auc
            Of the better of two classifiers (:data:`svqvae.tl.evaluation.two_sample.KINDS`),
            simulated as positive: 0.5 or less is indistinguishable, 1 perfectly separated.
            Intervals are over compounds and simulated signatures, given the classifiers.
        nearest_class
            Share of simulated signatures whose nearest held-out signature (cosine) is of
            their class; ``all`` is the mean over classes. Interval over simulated signatures.
        nearest_class_real
            The same of the fold's training signatures, real ones of other compounds: what a
            perfect simulator would reach. Interval over compounds.

    Notes
    -----
    A classifier two-sample test (Lopez-Paz and Oquab 2017), cross-validated within each fold over
    parts of its compounds. A classifier fitted on other folds would see, as simulated, what their
    models copied from this fold's signatures, which they were trained on, and the AUC would fall
    below 0.5. Each simulated signature is paired with a real one of its class and goes to that
    one's part, so that class carries no information. In a round there are no more simulated
    signatures than real ones: a simulator that builds on training signatures would have to use
    them again, and be detected by the repetition.
    """
    compound = perturbagens(adata)
    klass = adata.obs[keys.CLASS].astype(str).to_numpy()
    evaluated = np.any([held_out_rows(adata.obs, fold) for fold in models], axis=0)
    kept = _sample(klass, evaluated, limit=limit, seed=seed)
    held_out: list[_Scored] = []
    simulated: list[_Scored] = []
    copied: list[_Scored] = []
    for fold, model in models.items():
        at = np.flatnonzero(kept & held_out_rows(adata.obs, fold))
        known = training_rows(adata.obs, fold) & np.isin(klass, klass[at])
        train = np.flatnonzero(_sample(klass, known, limit=limit, seed=seed))
        real = SignatureMatrix.of(adata[at], model.var_names)[:]
        seen = SignatureMatrix.of(adata[train], model.var_names)[:]
        for again in range(rounds):
            seeds = (seed, len(copied), again)
            pair = _simulate_and_score(model, real, klass[at], compound[at], seeds=seeds)
            held_out.append(pair[0])
            simulated.append(pair[1])
        nearest = two_sample.nearest_is_own(seen, klass[train], real, klass[at])
        # Each class counts in each fold as much as it does among the held-out.
        share = pd.Series(klass[at]).value_counts() / pd.Series(klass[train]).value_counts()
        weight = share.loc[klass[train]].to_numpy()
        copied.append(_Scored(klass[train], compound[train], weight, nearest, {}))
    sides = _concat(held_out), _concat(simulated), _concat(copied)
    return _table(*sides, rounds=rounds, draws=draws, seed=seed)


def _sample(klass: np.ndarray, rows: np.ndarray, *, limit: int, seed: int) -> np.ndarray:
    """Return the mask of at most ``limit`` of the rows, taken from all classes in turn."""
    at = np.random.default_rng(seed).permutation(np.flatnonzero(rows))
    turn = pd.Series(klass[at]).groupby(klass[at]).cumcount().to_numpy()
    mask = np.zeros(len(rows), dtype=bool)
    mask[at[np.argsort(turn, kind="stable")[:limit]]] = True
    return mask


def _simulate_and_score(
    model: ClassModel,
    real: np.ndarray,
    klass: np.ndarray,
    compound: np.ndarray,
    *,
    seeds: tuple[int, int, int],
) -> tuple[_Scored, _Scored]:
    """Simulate as many signatures of each class as there are real ones, and score both."""
    simulated, names = np.empty_like(real), np.unique(klass)
    drawn = np.random.SeedSequence(seeds).generate_state(len(names) + 1)
    for name, seed in zip(names, drawn[1:], strict=True):
        of_class = klass == name
        simulated[of_class] = model.simulate(name, int(of_class.sum()), seed=int(seed)).X
    part = two_sample.parts_of(compound, seed=int(drawn[0]))
    both, second = np.vstack([real, simulated]), np.repeat([False, True], len(real))
    looks = two_sample.classifier_ranks(both, second, np.tile(part, 2), seed=int(drawn[0]))
    ones, n = np.ones(len(real)), len(real)
    nearest = two_sample.nearest_is_own(simulated, klass, real, klass)
    return (
        _Scored(klass, compound, ones, ones, {k: v[:n] for k, v in looks.items()}),
        _Scored(klass, compound, ones, nearest, {k: v[n:] for k, v in looks.items()}),
    )


def _concat(parts: list[_Scored]) -> _Scored:
    return _Scored(
        klass=np.concatenate([p.klass for p in parts]),
        compound=np.concatenate([p.compound for p in parts]),
        weight=np.concatenate([p.weight for p in parts]),
        nearest=np.concatenate([p.nearest for p in parts]),
        classifier_rank={
            k: np.concatenate([p.classifier_rank[k] for p in parts])
            for k in parts[0].classifier_rank
        },
    )


def _table(
    real: _Scored, simulated: _Scored, copied: _Scored, *, rounds: int, draws: int, seed: int
) -> pd.DataFrame:
    """Return each quantity for every class and for all of them, with bootstrap intervals."""
    each = np.arange(len(simulated.klass))
    # The first row of weights is the estimate itself.
    w_real = _bootstrap(real.weight, real.compound, draws=draws, seed=seed)
    w_simulated = _bootstrap(simulated.weight, each, draws=draws, seed=seed + 1)
    w_copied = _bootstrap(copied.weight, copied.compound, draws=draws, seed=seed + 2)
    of_kind = {
        kind: two_sample.weighted_auc(
            real.classifier_rank[kind], simulated.classifier_rank[kind], w_real, w_simulated
        )
        for kind in two_sample.KINDS
    }
    kind = max(of_kind, key=lambda k: of_kind[k][0])
    _log.info("AUC by classifier: %s", {k: round(float(v[0]), 3) for k, v in of_kind.items()})
    found: dict[str, dict[str, np.ndarray]] = {q: {} for q in QUANTITIES}
    names = sorted(set(real.klass))
    for name in names:
        of_real, of_simulated = real.klass == name, simulated.klass == name
        found["auc"][name] = two_sample.weighted_auc(
            real.classifier_rank[kind][of_real],
            simulated.classifier_rank[kind][of_simulated],
            w_real[:, of_real],
            w_simulated[:, of_simulated],
        )
        for quantity, side, weight in (
            ("nearest_class", simulated, w_simulated),
            ("nearest_class_real", copied, w_copied),
        ):
            of_class = side.klass == name
            found[quantity][name] = _share(side.nearest[of_class], weight[:, of_class])
    pooled = {q: np.nanmean([v[c] for c in names], axis=0) for q, v in found.items()}
    pooled["auc"] = of_kind[kind]
    n_real, n_simulated = (pd.Series(s.klass).value_counts() for s in (real, simulated))
    rows = [
        (
            name,
            quantity,
            float(values[0]),
            *percentile_interval(values[1:]),
            int(n_real.sum() if at == 0 else n_real[name]) // rounds,
            int(n_simulated.sum() if at == 0 else n_simulated[name]),
        )
        for quantity in QUANTITIES
        # The pooled row comes first: a class may be called "all" too.
        for at, (name, values) in enumerate([("all", pooled[quantity]), *found[quantity].items()])
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _bootstrap(weight: np.ndarray, group: np.ndarray, *, draws: int, seed: int) -> np.ndarray:
    drawn = cluster_weights(group, draws=draws, seed=seed)
    return np.asarray(np.vstack([np.ones((1, len(weight))), drawn]) * weight)


def _share(hit: np.ndarray, weight: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(weight @ hit / weight.sum(1))
