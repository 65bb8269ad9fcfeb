"""From scores to ranked classes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svqvae import keys


def rank(
    scores: np.ndarray, probability: np.ndarray, *, top: int | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each signature's classes from best to worst, their scores and probabilities.

    Parameters
    ----------
    scores, probability
        Signatures x classes; of scores, higher is nearer.
    top
        Classes kept; all by default. Equal scores keep the order of the classes.
    """
    order = np.argsort(-scores, axis=1, kind="stable")[:, :top]
    best, likely = (np.take_along_axis(v, order, 1) for v in (scores, probability))
    return order, best, likely


def first(scores: np.ndarray) -> np.ndarray:
    """Return the index of each signature's best class: the first of :func:`rank`."""
    return scores.argmax(axis=1)


def ranking_table(
    sig_ids: np.ndarray,
    class_names: list[str],
    order: np.ndarray,
    score: np.ndarray,
    probability: np.ndarray,
    novelty: np.ndarray,
) -> pd.DataFrame:
    """Return ranked classes as rows: sig_id, rank (from 1), predicted_class, score, probability.

    ``novelty``, one value a signature, is a column where the model knows it (is not NaN).
    """
    kept = order.shape[1]
    table = pd.DataFrame(
        {
            keys.SIG_ID: np.repeat(sig_ids, kept),
            "rank": np.tile(np.arange(1, kept + 1), len(order)),
            "predicted_class": np.asarray(class_names)[order].ravel(),
            "score": score.ravel(),
            "probability": probability.ravel(),
        }
    )
    return table if np.isnan(novelty).all() else table.assign(novelty=novelty.repeat(kept))
