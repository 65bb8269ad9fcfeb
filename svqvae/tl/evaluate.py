"""Scores on perturbagens that the scored model never saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.base import ClassModel
from svqvae.matrix import BLOCK, SignatureMatrix
from svqvae.pp.split import held_out_rows, perturbagens
from svqvae.tl.resampling import cluster_weights, percentile_interval

if TYPE_CHECKING:
    from anndata import AnnData

#: Metrics of benchmark.tsv; of the errors, lower is better.
METRICS = (
    "accuracy",
    "balanced_accuracy",
    "balanced_top5",
    "mrr",
    "reconstruction_mse",
    "class_profile_mse",
)
LOWER_IS_BETTER = {"reconstruction_mse", "class_profile_mse"}

#: Ranks kept in predictions.tsv, beside that of the true class.
TOP = 5


def score_held_out(
    model: ClassModel, adata: AnnData, *, fold: int | str, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predict the held-out signatures of one fold.

    Returns
    -------
    predictions
        sig_id, pert_id, true_class, fold, seed, rank, predicted_class, score, probability:
        the first five classes of each signature and, where it is not among them, the true one.
    scores
        One row per signature: sig_id, pert_id (of several that are one compound, the
        compound's), class, fold, seed, true_rank, and two mean squared errors over genes:
        ``reconstruction_mse`` of what the model makes of the signature without its label,
        ``class_profile_mse`` of the decoded code of its true class.
    """
    part = adata[held_out_rows(adata.obs, fold)]
    obs = part.obs
    # A signature repeated for several labels has one sig_id and several names.
    table = pd.DataFrame(
        {
            keys.SIG_ID: obs.get(keys.SIG_ID, obs.index.to_series()).astype(str).to_numpy(),
            keys.PERT_ID: perturbagens(part),
            keys.CLASS: obs[keys.CLASS].astype(str).to_numpy(),
            keys.FOLD: str(fold),
            "seed": seed,
        }
    )
    # Scores name what the bootstrap draws, the compound; predictions name the pert_id.
    pert_id = obs.get(keys.PERT_ID, table[keys.PERT_ID]).astype(str).to_numpy()
    data, profiles = SignatureMatrix.of(part, model.var_names), model.decode(model.codes)
    predictions, scores = [], []
    for start in range(0, len(table), BLOCK):
        at = slice(start, start + BLOCK)
        truth = table[keys.CLASS][at].to_numpy()
        ranked, errors = _score_block(model, data[at], truth, profiles=profiles)
        mine = table[at].reset_index(drop=True)
        scores.append(pd.concat([mine, errors], axis=1))
        named = mine.assign(**{keys.PERT_ID: pert_id[at]}).rename(
            columns={keys.CLASS: "true_class"}
        )
        repeated = named.loc[ranked.pop("row")].reset_index(drop=True)
        predictions.append(pd.concat([repeated, ranked], axis=1))
    return pd.concat(predictions, ignore_index=True), pd.concat(scores, ignore_index=True)


def _score_block(
    model: ClassModel, x: np.ndarray, truth: np.ndarray, *, profiles: np.ndarray
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the kept predictions of some signatures (with their row), and their errors."""
    # What the model is given is clipped as it clips; what it is held against is the data.
    seen = x if model.clip is None else np.clip(x, -model.clip, model.clip)
    order, score, probability = model.rank(model.scores(seen))
    of_class = pd.Index(model.class_names).get_indexer(truth)
    correct = order == of_class[:, None]
    row, column = np.nonzero(correct | (np.arange(order.shape[1]) < TOP))
    ranked = pd.DataFrame(
        {
            "row": row,
            "rank": column + 1,
            "predicted_class": np.asarray(model.class_names)[order[row, column]],
            "score": score[row, column],
            "probability": probability[row, column],
        }
    )
    errors = pd.DataFrame(
        {
            "true_rank": correct.argmax(1) + 1,
            "reconstruction_mse": ((model.reconstruct(seen) - x) ** 2).mean(1),
            "class_profile_mse": ((profiles[of_class] - x) ** 2).mean(1),
        }
    )
    return ranked, errors


def _sums(scores: pd.DataFrame) -> pd.DataFrame:
    """Return what the metrics are made of, summed within each perturbagen and class."""
    rank = scores["true_rank"]
    parts = pd.DataFrame(
        {
            keys.PERT_ID: scores[keys.PERT_ID],
            keys.CLASS: scores[keys.CLASS],
            "n": 1.0,
            "first": (rank == 1).astype(float),
            "top5": (rank <= 5).astype(float),
            "reciprocal": 1 / rank,
            "reconstruction_mse": scores["reconstruction_mse"],
            "class_profile_mse": scores["class_profile_mse"],
        }
    )
    return parts.groupby([keys.PERT_ID, keys.CLASS], as_index=False, sort=True).sum()


def _weighted_metrics(sums: pd.DataFrame, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return each metric once per row of ``weights`` (draws x rows of ``sums``).

    Class-balanced metrics are means over the classes that have weight in a draw.
    """
    code, classes = pd.factorize(sums[keys.CLASS])
    one_hot = np.eye(len(classes))[code]
    weights = weights.astype(float)
    n = sums["n"].to_numpy()
    per_class, total = (weights * n) @ one_hot, weights @ n

    def plain(name: str) -> np.ndarray:
        return weights @ sums[name].to_numpy() / total

    def balanced(name: str) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.nanmean((weights * sums[name].to_numpy()) @ one_hot / per_class, axis=1)

    return {
        "accuracy": plain("first"),
        "balanced_accuracy": balanced("first"),
        "balanced_top5": balanced("top5"),
        "mrr": plain("reciprocal"),
        "reconstruction_mse": plain("reconstruction_mse"),
        "class_profile_mse": plain("class_profile_mse"),
    }


def benchmark(scores: pd.DataFrame, *, model: str, role: str) -> pd.DataFrame:
    """Return benchmark rows: model, role, fold, seed, metric, value; one per fold and seed."""
    rows = []
    for (fold, seed), part in scores.groupby([keys.FOLD, "seed"], sort=True):
        sums = _sums(part)
        metrics = _weighted_metrics(sums, np.ones((1, len(sums))))
        rows += [(model, role, fold, seed, name, float(metrics[name][0])) for name in METRICS]
    return pd.DataFrame(rows, columns=["model", "role", keys.FOLD, "seed", "metric", "value"])


def summarise(
    scores: dict[str, pd.DataFrame],
    *,
    roles: dict[str, str],
    reference: str,
    draws: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return each model's metrics over all held-out signatures, with intervals.

    The intervals come from one bootstrap of perturbagens, the same draws for every model, so
    that the difference to the reference model is paired. Seeds are averaged within a draw.

    Parameters
    ----------
    scores
        Held-out scores of each model, from :func:`score_held_out`, all folds and seeds.
    reference
        Name of the model (usually the cosine class mean) that the others are compared with.

    Returns
    -------
    DataFrame
        model, role, metric, value, ci_low, ci_high, difference, difference_low,
        difference_high. ``value`` pools the folds.
    """
    drawn: dict[str, dict[str, np.ndarray]] = {}
    for name, table in scores.items():
        per_seed = []
        for _, part in table.groupby("seed"):
            sums = _sums(part)
            weights = cluster_weights(sums[keys.PERT_ID].to_numpy(), draws=draws, seed=seed)
            # The first row, all ones, is the estimate itself.
            weights = np.vstack([np.ones((1, len(sums))), weights])
            per_seed.append(_weighted_metrics(sums, weights))
        drawn[name] = {m: np.mean([s[m] for s in per_seed], axis=0) for m in METRICS}
    rows = []
    for name, metrics in drawn.items():
        for metric in METRICS:
            value, difference = metrics[metric], metrics[metric] - drawn[reference][metric]
            rows.append(
                {
                    "model": name,
                    "role": roles[name],
                    "metric": metric,
                    "value": value[0],
                    **_interval("ci", value[1:]),
                    "difference": difference[0],
                    **_interval("difference", difference[1:]),
                }
            )
    return pd.DataFrame(rows)


def _interval(prefix: str, draws: np.ndarray) -> dict[str, float]:
    low, high = percentile_interval(draws)
    return {f"{prefix}_low": low, f"{prefix}_high": high}


def confusion(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each true class's held-out signatures predicted as each class."""
    first = predictions[predictions["rank"] == 1]
    names = sorted(set(first["true_class"]) | set(first["predicted_class"]))
    table = pd.crosstab(first["true_class"], first["predicted_class"], normalize="index")
    return table.reindex(index=names, columns=names, fill_value=0.0)
