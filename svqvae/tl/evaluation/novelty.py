"""Detection of classes left out of training by the novelty score (AUROC)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.split import held_out_rows, perturbagens, training_rows
from svqvae.models.registry import make_model
from svqvae.tl.evaluation.resampling import cluster_weights, percentile_interval
from svqvae.tl.evaluation.two_sample import weighted_auc

if TYPE_CHECKING:
    from anndata import AnnData

log = logging.getLogger("svqvae")

#: Parts that the classes are divided into; each is unknown to one model.
_PARTS = 5
ALL = "all"
#: Weights, draws x signatures, that are held at a time.
_MOST = 5_000_000


def evaluate_novelty(
    adata: AnnData,
    settings: Mapping[str, Any],
    *,
    folds: Sequence[int | str],
    seed: int = 0,
    draws: int = 1000,
) -> pd.DataFrame:
    """Train without a part of the classes at a time, and score the novelty of held-out signatures.

    Each model is trained on the training signatures of one fold without a fifth of the classes,
    and evaluated on the held-out signatures of that fold: those of unknown against those of known
    classes. No evaluated compound was trained on, of either kind.

    Parameters
    ----------
    adata
        Signatures with class and fold.
    settings
        ``preset`` and overrides of the model.
    folds
        Names of the folds.

    Returns
    -------
    DataFrame
        class, n_signatures, auroc, ci_low, ci_high. First ``all``, unknown against known
        signatures of all parts, with a bootstrap interval over compounds; then each class, when
        it was unknown, against the known ones of its part, without an interval. No rows where
        there are fewer than three classes, since two have to stay known.
    """
    names = np.unique(adata.obs[keys.CLASS].astype(str))
    n_parts = min(_PARTS, len(names)) if len(names) >= 3 else 0
    part_of = np.random.default_rng(seed).permutation(np.arange(len(names)) % max(n_parts, 1))
    seen = [
        _held_out_novelty(
            adata,
            settings,
            fold=folds[part % len(folds)],
            unknown=names[part_of == part],
            seed=seed,
        ).assign(part=part)
        for part in range(n_parts)
    ]
    columns = [keys.CLASS, keys.N_SIGNATURES, "auroc", "ci_low", "ci_high"]
    if not seen:
        return pd.DataFrame(columns=columns)
    rows = pd.concat(seen, ignore_index=True)
    unknown, novelty = rows["unknown"].to_numpy(), rows["novelty"].to_numpy()
    drawn = _drawn_auroc(rows, draws=draws, seed=seed)
    low, high = percentile_interval(drawn)
    found = [(ALL, len(rows), _auroc(unknown, novelty)[0], low, high)]
    for name, own in rows[unknown].groupby(keys.CLASS):
        part = rows[(rows["part"] == own["part"].iloc[0]) & ~rows["unknown"]]
        both = np.r_[own["novelty"], part["novelty"]]
        value = _auroc(np.arange(len(both)) < len(own), both)[0]
        found.append((name, len(own), value, np.nan, np.nan))
    return pd.DataFrame(found, columns=columns)


def _held_out_novelty(
    adata: AnnData,
    settings: Mapping[str, Any],
    *,
    fold: int | str,
    unknown: np.ndarray,
    seed: int,
) -> pd.DataFrame:
    """Return class, pert_id, unknown and novelty of the held-out signatures of one fold."""
    is_unknown = adata.obs[keys.CLASS].astype(str).isin(unknown).to_numpy()
    log.info("fold %s without %s", fold, ", ".join(unknown))
    model = make_model(adata[training_rows(adata.obs, fold) & ~is_unknown], **settings)
    model.train_scores(seed=seed)
    evaluated = held_out_rows(adata.obs, fold)
    part = adata[evaluated]
    return pd.DataFrame(
        {
            keys.CLASS: part.obs[keys.CLASS].astype(str).to_numpy(),
            keys.PERT_ID: perturbagens(part),
            "unknown": is_unknown[evaluated],
            "novelty": np.concatenate([model.novelty(s) for s in model.scored(part)]),
        }
    )


def _drawn_auroc(rows: pd.DataFrame, *, draws: int, seed: int) -> np.ndarray:
    """Return the AUROC of unknown against known signatures in each bootstrap draw of compounds."""
    unknown, novelty = rows["unknown"].to_numpy(), rows["novelty"].to_numpy()
    names, of = np.unique(rows[keys.PERT_ID].to_numpy(), return_inverse=True)
    times = cluster_weights(names, draws=draws, seed=seed)
    # A few draws at a time: of all signatures by all draws there are too many.
    at_a_time = max(1, _MOST // len(of))
    parts = [times[start : start + at_a_time] for start in range(0, draws, at_a_time)]
    return np.concatenate([_auroc(unknown, novelty, part[:, of]) for part in parts])


def _auroc(
    unknown: np.ndarray, novelty: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Return the AUROC of each row of weights; without any, of all signatures alike."""
    weights = np.ones((1, len(unknown))) if weights is None else weights
    return weighted_auc(
        novelty[~unknown], novelty[unknown], weights[:, ~unknown], weights[:, unknown]
    )
