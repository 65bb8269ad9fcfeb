"""How good each model is on weak and on strong signatures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from svqvae.tl.evaluation.compare import bootstrap_metrics
from svqvae.tl.evaluation.resampling import percentile_interval

#: From weak to strong.
THIRDS = ("weak", "middle", "strong")
#: By which thirds are compared.
SHOWN = ("accuracy", "balanced_top5", "balanced_accuracy_macro", "mrr_micro")


def by_strength(
    scores: Mapping[str, pd.DataFrame], *, roles: Mapping[str, str], draws: int = 1000
) -> pd.DataFrame:
    """Return each model's metrics within thirds of the signatures' strength.

    Parameters
    ----------
    scores
        Held-out scores of each model, with ``strength``; where it is missing a signature counts
        in no third.
    roles
        Of each model: model or baseline.

    Returns
    -------
    DataFrame
        third, strength_low, strength_high, n_signatures, model, role, metric, value, ci_low,
        ci_high: limits of the third, and 95 % bootstrap intervals over compounds.
    """
    strength = pd.concat([table["strength"] for table in scores.values()]).dropna()
    if strength.empty:
        return pd.DataFrame(columns=[*_OF_THIRD, *_OF_MODEL])
    limits = strength.quantile([0, 1 / 3, 2 / 3, 1]).to_numpy()
    rows = []
    for at, third in enumerate(THIRDS):
        parts = {m: t[_third(t["strength"], limits) == at] for m, t in scores.items()}
        if any(part.empty for part in parts.values()):
            continue
        drawn = bootstrap_metrics(parts, draws=draws)
        for model, part in parts.items():
            n = int(part.groupby("seed").size().iloc[0])
            for metric in SHOWN:
                value = drawn[model][metric]
                interval = percentile_interval(value[1:])
                of_model = (model, roles[model], metric, float(value[0]), *interval)
                rows.append((third, *limits[at : at + 2], n, *of_model))
    return pd.DataFrame(rows, columns=[*_OF_THIRD, *_OF_MODEL])


_OF_THIRD = ("third", "strength_low", "strength_high", "n_signatures")
_OF_MODEL = ("model", "role", "metric", "value", "ci_low", "ci_high")


def _third(strength: pd.Series, limits: np.ndarray) -> np.ndarray:
    """Return the third of each signature, from 0; -1 where the strength is not known."""
    return np.where(strength.isna(), -1, np.searchsorted(limits[1:-1], strength))
