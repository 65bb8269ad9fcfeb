"""How long the jobs of a run take relative to each other, for its estimate of the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import mean
from typing import Any

#: Seconds of one core for a thousand signatures of 978 genes: measured once, and good for a ratio.
_SECONDS = {
    "describe_classes": 6.0,
    "download": 5.0,
    "draw_dataset": 6.0,
    "draw_model": 7.0,
    "evaluate_novelty": 15.0,
    "evaluate_relations": 4.0,
    "evaluate_simulation": 60.0,
    "evaluate_targets": 20.0,
}
_OTHER = 3.0
#: Of one training: what every method takes, and each epoch of a network.
_FIT, _EPOCH = 1.5, 0.08


def work_of(
    models: Mapping[str, Mapping[str, Any]], n_trainings: int
) -> Callable[[str, Mapping[str, str]], float]:
    """Return the function of a rule and its wildcards that says how much work a job is.

    Parameters
    ----------
    models
        Settings of each model, with those of its preset.
    n_trainings
        Of each model.
    """
    of_model = {m: _FIT + _EPOCH * s.get("epochs", 0) for m, s in models.items()}
    typical = mean(of_model.values())

    def work(rule: str, wildcards: Mapping[str, str]) -> float:
        if rule.startswith("train"):
            one = of_model.get(wildcards.get("model", ""), typical)
            return one * (1 if rule.endswith(("_fold", "_final")) else n_trainings)
        known = [s for name, s in _SECONDS.items() if rule.startswith(name)]
        return known[0] if known else _OTHER

    return work


def share_trained(unfinished: str | Path, n_trainings: int) -> float | None:
    """Return how many of a job's models are trained; None before the first is.

    Parameters
    ----------
    unfinished
        Folder of :func:`svqvae.run.trainings.train_all`.
    """
    done = len(list(Path(unfinished).glob("*/identity.json")))
    return min(done / n_trainings, 1.0) or None
