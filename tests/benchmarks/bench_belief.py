"""Whether the probability of a query with gaps is to be believed, and what strength adds to it.

On the public consensus set (``signatures.h5ad`` of a run), held-out compounds, as an answer treats
them. Powers were chosen on deal 1; deal 0 is reported: docs/query.md, docs/belief.tsv. ``make
bench-query`` runs it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from bench_query import DRAWS, SIZES, dealt, losses
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from svqvae import keys
from svqvae.data.split import perturbagens, training_rows
from svqvae.io.atomic import write_table
from svqvae.models.registry import make_model
from svqvae.query.belief import HeldOut, sharpened
from svqvae.query.library import Library
from svqvae.query.missing import completed
from svqvae.query.queries import Queries
from svqvae.tl.evaluation.resampling import cluster_weights, percentile_interval

#: Bins of the expected calibration error, as full as each other.
BINS = 5


def asked(x: np.ndarray, x_train: np.ndarray, seed: int) -> Iterator[tuple[str, float, Queries]]:
    """Yield setting, share or size, and the queries that held-out signatures become."""
    names = [str(i) for i in range(len(x))]
    for setting, share, known in losses(x_train, np.random.default_rng(seed)):
        values = np.where(known[None], x, np.nan)
        yield setting, share, Queries(names=names, values=values)
    order = np.argsort(-x, axis=1)
    for size in SIZES:
        values = np.full_like(x, np.nan)
        np.put_along_axis(values, order[:, :size], 1, 1)
        np.put_along_axis(values, order[:, -size:], -1, 1)
        yield "lists", size, Queries(names=names, values=values, kind="lists")


def of_deal(path: str, deal: int) -> pd.DataFrame:
    """Return a row for each held-out signature and setting."""
    adata, rows = dealt(path, deal), []
    for fold in range(5):
        print(f"deal {deal}, fold {fold}", file=sys.stderr, flush=True)
        seen = training_rows(adata.obs, fold)
        train, test = adata[seen].copy(), adata[~seen].copy()
        model = make_model(train, preset="svqvae").train_scores(seed=deal)
        label = pd.Index(model.class_names).get_indexer(test.obs[keys.CLASS].astype(str))
        x, x_train = np.asarray(test.X, float), np.asarray(train.X, float)
        lengths = np.linalg.norm(x_train, axis=1)
        library = Library(
            vectors=x[:0],
            obs=test.obs[:0],
            reference=x[0, :0],
            median_length=float(np.median(lengths)),
            n_signatures=len(x_train),
        )
        for setting, value, queries in asked(x, x_train, 100 * deal + fold):
            raw = model.probabilities(
                model.scores(completed(model, queries, library)).astype(float)
            )
            said = sharpened(raw, queries)
            rows.append(
                pd.DataFrame(
                    {"setting": setting, "value": value, "compound": perturbagens(adata)[~seen]}
                    | {"raw": raw.max(1), "said": said.max(1), "right": raw.argmax(1) == label}
                    | {"strength": np.linalg.norm(x, axis=1) / library.median_length}
                    | {"raw_nll": surprise(raw, label), "said_nll": surprise(said, label)}
                )
            )
    return pd.concat(rows, ignore_index=True)


def surprise(probability: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Return minus log of the true class's probability."""
    return -np.log(np.maximum(probability[np.arange(len(label)), label], 1e-12))


def error(sure: np.ndarray, right: np.ndarray) -> float:
    """Return the expected calibration error."""
    parts = np.array_split(np.argsort(sure, kind="stable"), BINS)
    return sum(len(at) * abs(sure[at].mean() - right[at].mean()) for at in parts) / len(sure)


def belief(whole: pd.DataFrame, sure: pd.Series) -> np.ndarray:
    """Return the share of whole held-out signatures as sure that were right, as answers say it."""
    whole = whole.sort_values("raw", kind="stable")
    held_out = HeldOut(probability=whole["raw"].to_numpy(), right=whole["right"].to_numpy())
    return np.array([held_out.right[held_out.alike(p)].mean() for p in sure])


def of_settings(deal: int, table: pd.DataFrame) -> pd.DataFrame:
    """Return accuracy, mean confidence and calibration errors of each setting."""
    whole = table[(table["setting"] == "random") & (table["value"] == 1)]
    weights, rows = cluster_weights(whole["compound"].to_numpy(), draws=DRAWS), []
    for (setting, value), part in table.groupby(["setting", "value"], sort=False):
        right, row = part["right"].to_numpy(float), {"deal": deal, "setting": setting}
        row |= {"value": value, "accuracy": right.mean()}
        for name in ("raw", "said"):
            gap = part[name].to_numpy() - right
            low, high = percentile_interval(weights @ gap / weights.sum(1))
            row |= {name: part[name].mean(), f"{name}_gap_low": low, f"{name}_gap_high": high}
            row[f"{name}_error"] = error(part[name].to_numpy(), right)
            believed = belief(whole, part[name])
            row |= {
                f"{name}_belief": believed.mean(),
                f"{name}_belief_error": error(believed, right),
            }
            row[f"{name}_nll"] = part[f"{name}_nll"].mean()
        rows.append(row)
    return pd.DataFrame(rows)


def of_strength(deal: int, table: pd.DataFrame) -> None:
    """Print what strength tells of right and wrong beside the probability, and by fifths."""
    whole = table[(table["setting"] == "random") & (table["value"] == 1)]
    right = whole["right"].to_numpy(float)
    sure = np.log(whole["raw"] / (1 - whole["raw"])).to_numpy()
    strength = np.log(whole["strength"]).to_numpy()

    def fitted(*columns: np.ndarray) -> tuple[float, np.ndarray]:
        x = np.column_stack([np.ones(len(right)), *columns])

        def loss(b: np.ndarray) -> float:
            return float((np.logaddexp(0, x @ b) - right * (x @ b)).sum())

        best = minimize(loss, np.zeros(x.shape[1]))
        return float(best.fun), x @ best.x

    (alone, _), (both, of_both) = fitted(sure), fitted(sure, strength)
    print(
        f"deal {deal}: likelihood ratio of strength beside probability {2 * (alone - both):.2f} "
        f"(1 df); AUROC {roc_auc_score(right, sure):.3f} by probability, "
        f"{roc_auc_score(right, strength):.3f} by strength, {roc_auc_score(right, of_both):.3f} "
        "by both"
    )
    for at in np.array_split(np.argsort(strength), 5):
        part = whole.iloc[at]
        means = part[["raw", "right"]].mean()
        print(f"  up to {part['strength'].max():.2f}: said {means['raw']:.3f}", end="")
        print(f", right {means['right']:.3f}")


def main(path: str, out: str | None) -> None:
    """Print and write the figures of both deals."""
    found = []
    for deal in (0, 1):
        table = of_deal(path, deal)
        of_strength(deal, table)
        found.append(of_settings(deal, table))
    settings = pd.concat(found)
    print(settings.round(3).to_string(index=False))
    if out:
        write_table(settings, Path(out))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
