"""The metrics of the benchmark: one row each, with its title and how it is averaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A mean over held-out signatures.

    Attributes
    ----------
    of
        Value of each signature, from the table of
        :func:`svqvae.tl.evaluation.evaluate.score_held_out`; signatures without one are left out.
    balanced
        Whether it is the mean over classes of the mean over their signatures.
    drawn
        Whether the figures show it; where more is better, that of paired comparisons too.
    column
        Of the scores, without which it is not measured: not every data set has it.
    """

    title: str
    of: Callable[[pd.DataFrame], pd.Series]
    balanced: bool = False
    lower_is_better: bool = False
    drawn: bool = True
    column: str | None = None


def _first(scores: pd.DataFrame, rank: str = "true_rank") -> pd.Series:
    return (_rank(scores, rank) == 1).astype(float)


def _among_five(scores: pd.DataFrame) -> pd.Series:
    return (_rank(scores) <= 5).astype(float)


def _reciprocal(scores: pd.DataFrame, rank: str = "true_rank") -> pd.Series:
    return 1 / _rank(scores, rank)


def _rank(scores: pd.DataFrame, rank: str = "true_rank") -> pd.Series:
    """Return ranks of the true class; one that the model cannot name comes after all others."""
    return scores[rank].fillna(np.inf)


METRICS = {
    "accuracy": Metric(title="accuracy", of=_first, drawn=False),
    # Right if the signature is listed with the first class at all.
    "accuracy_any_listed": Metric(
        title="accuracy, any listed class",
        of=partial(_first, rank="listed_rank"),
        drawn=False,
        column="listed_rank",
    ),
    "balanced_accuracy": Metric(title="balanced accuracy", of=_first, balanced=True, drawn=False),
    "balanced_top5": Metric(title="balanced top-5", of=_among_five, balanced=True),
    "mrr": Metric(title="mean reciprocal rank", of=_reciprocal, drawn=False),
    # The ends of the trade between classes alike and signatures alike, whatever a model's balance:
    # drawn are each mean at the end that serves it, where models compare like with like.
    **{
        f"{name}_{end}": Metric(
            title=f"{title}, {'classes' if balance else 'signatures'} alike",
            of=partial(of, rank=f"{end}_rank"),
            balanced=balanced,
            drawn=balanced == bool(balance),
        )
        for name, title, of, balanced in (
            ("balanced_accuracy", "balanced accuracy", _first, True),
            ("mrr", "MRR", _reciprocal, False),
        )
        for end, balance in (("macro", 1), ("micro", 0))
    },
    "reconstruction_mse": Metric(
        title="reconstruction error (MSE)",
        of=lambda scores: scores["reconstruction_mse"],
        lower_is_better=True,
    ),
    "class_profile_mse": Metric(
        title="error of class profiles (MSE)",
        of=lambda scores: scores["class_profile_mse"],
        lower_is_better=True,
        drawn=False,
    ),
}


def measured(scores: pd.DataFrame) -> dict[str, Metric]:
    """Return the metrics that scores of signatures have the columns of."""
    return {n: m for n, m in METRICS.items() if m.column is None or m.column in scores}
