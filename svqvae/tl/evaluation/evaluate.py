"""Scores on held-out perturbagens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.cells import cell_lines
from svqvae.data.described import described
from svqvae.data.matrix import BLOCK, SignatureMatrix
from svqvae.data.split import held_out_rows, perturbagens
from svqvae.models.base import ClassModel
from svqvae.models.ranking import rank
from svqvae.tl.evaluation.fold_models import FoldModel

if TYPE_CHECKING:
    from anndata import AnnData

#: Ranks kept in predictions.tsv, beside that of the true class.
TOP = 5
#: Ranks of the true class: by the model's own balance, and at the ends of the trade.
_RANKS = ("true_rank", "micro_rank", "macro_rank")


def score_fold_models(
    models: Iterable[FoldModel], adata: AnnData
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predict the held-out signatures of all folds; see :func:`score_held_out`."""
    parts = [score_held_out(m.model, adata, fold=m.fold, seed=m.seed) for m in models]
    predictions, scores = (pd.concat(tables) for tables in zip(*parts, strict=True))
    return predictions, scores


def score_held_out(
    model: ClassModel, adata: AnnData, *, fold: int | str, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predict the held-out signatures of one fold.

    Returns
    -------
    predictions
        sig_id, pert_id, true_class, fold, seed, rank, predicted_class, score, probability, novelty,
        and pert_iname where it is known: the first five classes of each signature and, where it is
        not among them, the true one.
    scores
        One row per signature: sig_id, pert_id (of several that are one compound, the
        compound's), pert_iname, class, fold, seed, true_rank, and two mean squared
        errors over genes:
        ``reconstruction_mse`` of what the model makes of the signature without its label,
        ``class_profile_mse`` of the decoded code of its true class. ``micro_rank`` and
        ``macro_rank`` are the true rank at a ``balance`` of 0 and of 1, ``listed_rank`` is the
        best rank of any class that the signature is listed with, where the data have lists
        (``obs["listed_classes"]``). ``confidence`` is the
        probability of the first class, ``novelty`` the model's score of it, NaN without one.
        ``strength`` is the activity score (TAS) where there is one, else the length.
        Of a class that the model was never given, it cannot name it: the ranks and
        ``class_profile_mse`` are missing, which :mod:`svqvae.tl.evaluation.compare` counts as
        wrong.

    Examples
    --------
    >>> from svqvae.data.split import training_rows
    >>> train = adata[training_rows(adata.obs, 0)]
    >>> model = svqvae.make_model(train, preset="lda").train()
    >>> predictions, scores = score_held_out(model, adata, fold=0, seed=0)
    >>> bool(scores["true_rank"].between(1, 8).all())
    True
    """
    part = adata[held_out_rows(adata.obs, fold)]
    # What else is known of a signature is in signatures.h5ad: these tables are there of each model.
    table = described(part, known=[keys.PERT_NAME]).assign(
        **{keys.FOLD: str(fold), keys.SEED: seed}
    )
    # Scores name what the bootstrap draws, the compound; predictions name the pert_id.
    compound = perturbagens(part)
    data, profiles = SignatureMatrix.of(part, model.var_names), model.decode(model.codes)
    listed = _listed(part.obs, model.class_names) if keys.LISTED in part.obs else None
    cell = cell_lines(part.obs)
    predictions, scores = [], []
    for start in range(0, len(table), BLOCK):
        at = slice(start, start + BLOCK)
        truth = table["true_class"][at].to_numpy()
        ranked, errors = _score_block(
            model,
            data[at],
            truth,
            profiles=profiles,
            cell=None if cell is None else cell[at],
            listed=None if listed is None else listed[at],
        )
        named = table[at].reset_index(drop=True)
        mine = named.assign(**{keys.PERT_ID: compound[at]}).rename(
            columns={"true_class": keys.CLASS}
        )
        if keys.ACTIVITY in part.obs:
            errors["strength"] = part.obs[keys.ACTIVITY].to_numpy(dtype=float)[at]
        scores.append(pd.concat([mine, errors], axis=1))
        repeated = named.loc[ranked.pop("row")].reset_index(drop=True)
        predictions.append(pd.concat([repeated, ranked], axis=1))
    return pd.concat(predictions, ignore_index=True), pd.concat(scores, ignore_index=True)


def _listed(obs: pd.DataFrame, class_names: list[str]) -> np.ndarray:
    """Return whether each signature is listed with each class, or scored by it: rows x classes."""
    listed = obs[keys.LISTED].astype(object).fillna("").astype(str)
    lists = listed.str.get_dummies(keys.SEPARATOR).reindex(columns=class_names, fill_value=0)
    scored = obs[keys.CLASS].astype(str).to_numpy()[:, None] == np.asarray(class_names)
    return np.asarray((lists.to_numpy() > 0) | scored)


def _score_block(
    model: ClassModel,
    x: np.ndarray,
    truth: np.ndarray,
    *,
    profiles: np.ndarray,
    cell: np.ndarray | None,
    listed: np.ndarray | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the kept predictions of some signatures (with their row), and their errors."""
    # The model is given clipped values; its output is compared with the data as it is.
    seen = x if model.clip is None else np.clip(x, -model.clip, model.clip)
    scores = model.scores(seen, cell).astype(float)
    order, score, probability = rank(scores, model.probabilities(scores))
    novelty = model.novelty(scores)
    of_class = pd.Index(model.class_names).get_indexer(truth)
    # -1, of which no model predicts anything.
    is_known = of_class >= 0
    correct = order == of_class[:, None]
    row, column = np.nonzero(correct | (np.arange(order.shape[1]) < TOP))
    ranked = pd.DataFrame(
        {
            "row": row,
            "rank": column + 1,
            "predicted_class": np.asarray(model.class_names)[order[row, column]],
            "score": score[row, column],
            "probability": probability[row, column],
            "novelty": novelty[row],
        }
    )
    ends = [rank(end, probability)[0] == of_class[:, None] for end in model.scores_at_ends(scores)]
    profile_error = ((profiles[of_class] - x) ** 2).mean(1)
    errors = pd.DataFrame(
        {
            **{
                name: pd.Series(found.argmax(1) + 1).where(is_known)
                for name, found in zip(_RANKS, (correct, *ends), strict=True)
            },
            "reconstruction_mse": ((model.reconstruct(seen) - x) ** 2).mean(1),
            "class_profile_mse": np.where(is_known, profile_error, np.nan),
            "confidence": probability[:, 0],
            "novelty": novelty,
            "strength": np.linalg.norm(x, axis=1),
        }
    )
    if listed is not None:
        in_order = np.take_along_axis(listed, order, axis=1)
        errors.insert(
            len(_RANKS), "listed_rank", pd.Series(in_order.argmax(1) + 1).where(in_order.any(1))
        )
    return ranked, errors


def confusion(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each true class's held-out signatures predicted as each class.

    Returns
    -------
    DataFrame
        True classes (index ``true_class``) x predicted classes; each row sums to 1.
    """
    first = predictions[predictions["rank"] == 1]
    names = sorted(set(first["true_class"]) | set(first["predicted_class"]))
    table = pd.crosstab(first["true_class"], first["predicted_class"], normalize="index")
    table = table.reindex(index=names, columns=names, fill_value=0.0)
    return table.rename_axis(index="true_class", columns="predicted_class")
