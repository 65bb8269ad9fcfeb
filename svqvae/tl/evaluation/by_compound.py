"""Held-out compounds, predicted by the evidence of all their signatures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.split import held_out_rows, perturbagens
from svqvae.models.base import ClassModel
from svqvae.models.combined import Combination
from svqvae.models.ranking import rank
from svqvae.tl.evaluation.compare import bootstrap_metrics, summarise
from svqvae.tl.evaluation.evaluate import TOP
from svqvae.tl.evaluation.fold_models import FoldModel
from svqvae.tl.evaluation.metrics import METRICS

if TYPE_CHECKING:
    from anndata import AnnData

#: Metrics of ranks, which compounds have as signatures have them.
RANKED = {name: METRICS[name] for name in ("accuracy", "balanced_accuracy", "balanced_top5", "mrr")}
#: One row of the table below each.
_COMPOUND = [keys.PERT_ID, "true_class", keys.FOLD, keys.SEED]
COLUMNS = [*_COMPOUND, keys.N_SIGNATURES, "rank", "predicted_class", "score", "probability"]


def predict_compounds(models: Iterable[FoldModel], adata: AnnData) -> pd.DataFrame:
    """Predict the held-out compounds of all folds, each by all its signatures.

    Returns
    -------
    DataFrame
        pert_id (of several that are one compound, the compound's), true_class, fold, seed,
        n_signatures, rank, predicted_class, score, probability: the first five classes of each
        compound and, where it is not among them, the true one. No rows where no compound has more
        than one signature: what is said of signatures is then said of compounds.

    Examples
    --------
    >>> from svqvae.data.split import training_rows
    >>> train = adata[training_rows(adata.obs, 0)]
    >>> model = svqvae.make_model(train, preset="lda").train()
    >>> table = predict_compounds([FoldModel("0", 0, model)], adata)
    >>> int((table["rank"] == 1).sum()), table["n_signatures"].unique().tolist()
    (8, [4])
    """
    if not _has_several(adata):
        return pd.DataFrame(columns=COLUMNS)
    parts = [_of_fold(m.model, adata, fold=m.fold, seed=m.seed) for m in models]
    return pd.concat(parts, ignore_index=True)


def _has_several(adata: AnnData) -> bool:
    return bool(_pairs(adata, np.ones(adata.n_obs, dtype=bool)).duplicated().any())


def _pairs(adata: AnnData, rows: np.ndarray) -> pd.DataFrame:
    """Return compound and class of some signatures: one that has two labels is scored by each."""
    return pd.DataFrame(
        {
            keys.PERT_ID: perturbagens(adata)[rows],
            "true_class": adata.obs[keys.CLASS].astype(str).to_numpy()[rows],
        }
    )


def _of_fold(model: ClassModel, adata: AnnData, *, fold: str, seed: int) -> pd.DataFrame:
    rows = held_out_rows(adata.obs, fold)
    part, pairs = adata[rows], _pairs(adata, rows)
    named = pairs.drop_duplicates(ignore_index=True)
    group = pd.MultiIndex.from_frame(named).get_indexer(pd.MultiIndex.from_frame(pairs))
    together = Combination.of(model, part, group)
    found = together.log_probability()
    order, score, probability = rank(found, np.exp(found))
    # -1, of which no model predicts anything.
    truth = pd.Index(model.class_names).get_indexer(named["true_class"])
    row, column = np.nonzero((order == truth[:, None]) | (np.arange(order.shape[1]) < TOP))
    table = named.assign(**{keys.FOLD: str(fold), keys.SEED: seed})
    table[keys.N_SIGNATURES] = together.n_signatures
    return table.loc[row].assign(
        rank=column + 1,
        predicted_class=np.asarray(model.class_names)[order[row, column]],
        score=score[row, column],
        probability=probability[row, column],
    )


def compound_scores(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return one row per compound: pert_id, class, fold, seed, n_signatures, true_rank, confidence.

    Parameters
    ----------
    predictions
        From :func:`predict_compounds`.
    """
    first = predictions[predictions["rank"] == 1]
    right = predictions[predictions["predicted_class"] == predictions["true_class"]]
    true_rank = right.set_index(_COMPOUND)["rank"].rename("true_rank")
    table = first[[*_COMPOUND, keys.N_SIGNATURES, "probability"]].join(true_rank, on=_COMPOUND)
    named = {"true_class": keys.CLASS, "probability": "confidence"}
    return table.rename(columns=named).reset_index(drop=True)


def benchmark_by_compound(
    scores: Mapping[str, pd.DataFrame],
    summary: pd.DataFrame,
    *,
    roles: Mapping[str, str],
    reference: str,
    draws: int = 1000,
) -> pd.DataFrame:
    """Return how good each model is on compounds, beside how good it is on signatures.

    Parameters
    ----------
    scores
        Of each model, from :func:`compound_scores`.
    summary
        From :func:`svqvae.tl.evaluation.compare.summarise`, by signature.
    reference
        The model that the others are compared with.

    Returns
    -------
    DataFrame
        model, role, metric, value, ci_low, ci_high, difference, difference_low, difference_high as
        by signature, then by_signature (the value there), n_compounds, and
        signatures_per_compound, the median. No rows without compounds of several signatures.
    """
    columns = [*summary.columns, "by_signature", "n_compounds", "signatures_per_compound"]
    if not all(map(len, scores.values())):
        return pd.DataFrame(columns=columns)
    drawn = bootstrap_metrics(scores, metrics=RANKED, draws=draws)
    table = summarise(drawn, roles=roles, reference=reference)
    of_one = next(iter(scores.values())).drop_duplicates([keys.PERT_ID, keys.FOLD])
    value = summary.set_index(["model", "metric"])["value"].rename("by_signature")
    return table.join(value, on=["model", "metric"]).assign(
        n_compounds=of_one[keys.PERT_ID].nunique(),
        signatures_per_compound=float(of_one[keys.N_SIGNATURES].median()),
    )
