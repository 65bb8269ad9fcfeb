"""All models of a data set side by side: the tables of the benchmark."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from svqvae.tl.evaluation.by_compound import benchmark_by_compound, compound_scores
from svqvae.tl.evaluation.by_strength import by_strength
from svqvae.tl.evaluation.compare import benchmark, bootstrap_metrics, compare, summarise
from svqvae.tl.evaluation.reliability import reliability
from svqvae.tl.evaluation.selective import risk_coverage


def benchmark_tables(
    scores: Mapping[str, pd.DataFrame],
    compounds: Mapping[str, pd.DataFrame],
    *,
    roles: Mapping[str, str],
    reference: str,
    subject: str,
    draws: int = 1000,
) -> dict[str, pd.DataFrame]:
    """Return how good each model is, how sure, and how far to trust its probabilities.

    Parameters
    ----------
    scores
        Held-out scores of each model, all folds and seeds.
    compounds
        Predictions of held-out compounds by each model, as
        :func:`svqvae.tl.evaluation.by_compound.predict_compounds` makes them.
    roles
        Of each model: model or baseline.
    reference
        The model that the others are compared with.
    subject
        The model that is compared with each of the others.
    draws
        Of the bootstrap over perturbagens.

    Returns
    -------
    dict
        benchmark, benchmark_summary, benchmark_comparisons, benchmark_by_compound,
        benchmark_strength, risk_coverage, calibration and reliability: see
        :mod:`svqvae.tl.evaluation.compare`,
        :mod:`svqvae.tl.evaluation.by_compound`, :mod:`svqvae.tl.evaluation.by_strength`,
        :mod:`svqvae.tl.evaluation.selective` and
        :mod:`svqvae.tl.evaluation.reliability`.
    """
    drawn = bootstrap_metrics(scores, draws=draws)
    summary = summarise(drawn, roles=roles, reference=reference)
    trust = {m: reliability(table, draws=draws) for m, table in scores.items()}
    whole = {m: compound_scores(table) for m, table in compounds.items()}
    units = {"signature": scores}
    if all(map(len, whole.values())):
        units["compound"] = whole
    return {
        "benchmark": pd.concat(
            [benchmark(table, model=m, role=roles[m]) for m, table in scores.items()]
        ),
        "benchmark_summary": summary,
        "benchmark_comparisons": compare(drawn, roles=roles, subject=subject),
        "benchmark_by_compound": benchmark_by_compound(
            whole, summary, roles=roles, reference=reference, draws=draws
        ),
        "risk_coverage": risk_coverage(units, roles=roles, subject=subject, draws=draws),
        "benchmark_strength": by_strength(scores, roles=roles, draws=draws),
        "reliability": pd.concat(
            [bins.assign(model=m, role=roles[m]) for m, (bins, _) in trust.items()]
        ),
        "calibration": pd.DataFrame(
            [{"model": m, "role": roles[m], **error} for m, (_, error) in trust.items()]
        ),
    }
