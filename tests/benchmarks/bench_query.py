"""What an answer is worth when genes are missing, or when there are only lists of genes.

On the public consensus set (``signatures.h5ad`` of a run): classes are ranked for compounds of the
fold that the model did not see. ``make bench-query`` after ``make reference`` writes the table that
docs/query.md speaks of. Deal 0 is the one that is reported, deal 1 assigns compounds to other
folds: what had to be chosen was chosen on it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.split import assign_folds, perturbagens, training_rows
from svqvae.io.atomic import write_table
from svqvae.models.baselines._weighted_ks import Profiles
from svqvae.models.registry import make_model
from svqvae.models.svqvae import SVQVAE
from svqvae.models.whitening import unit_rows
from svqvae.tl.evaluation.resampling import cluster_weights, percentile_interval

SHARES = (1.0, 0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0.02, 0.01)
#: Genes of each list, up and down.
SIZES = (1, 3, 10, 25, 50, 150)
DRAWS = 2000
#: Lengths that a full signature is multiplied by, to see what scale does.
SCALES = (0.1, 0.3, 1.0, 3.0)
#: Genes of each list from which on an answer takes those that are not listed for 0
#: (svqvae/query/missing.py); of shorter ones for not known.
LONG = 15
#: What our answer to lists is held against, compound by compound.
RIVALS = ("WTCS of class means", "WTCS, mean of members")

#: Name of a way, setting and parameter, to ranks of the true class (0 is first).
Ranks = dict[tuple[str, str, float], np.ndarray]
Way = Callable[[np.ndarray, np.ndarray], np.ndarray]


def conditional(w: np.ndarray) -> Way:
    """Return what fills in the squashed values that are missing, by a precision ``w @ w``."""
    precision = w @ w

    def fill(rows: np.ndarray, known: np.ndarray) -> np.ndarray:
        filled = rows * known
        lost = ~known
        solved = np.linalg.solve(precision[np.ix_(lost, lost)], precision[np.ix_(lost, known)])
        filled[:, lost] = -rows[:, known] @ solved.T
        return filled

    return fill


def second_moment(x: np.ndarray, shrinkage: float) -> np.ndarray:
    """Return the inverse root of the shrunk second moment of unit rows, classes and all."""
    rows = unit_rows(x)
    moment = rows.T @ rows / len(rows)
    target = np.trace(moment) / len(moment)
    shrunk = (1 - shrinkage) * moment + shrinkage * target * np.eye(len(moment))
    value, vector = np.linalg.eigh(shrunk)
    return (vector / np.sqrt(value)) @ vector.T


def scores_of(model: SVQVAE, squashed: np.ndarray) -> np.ndarray:
    """Return scores of rows that are squashed already."""
    s = model.settings.squash
    return model.scores(s * np.arctanh(np.clip(squashed, -0.9999, 0.9999)).astype(np.float32))


def ranks_of(scores: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Return how many classes score above the true one."""
    mine = scores[np.arange(len(label)), label]
    return (scores > mine[:, None]).sum(1).astype(float)


def losses(x: np.ndarray, rng: np.random.Generator) -> Iterator[tuple[str, float, np.ndarray]]:
    """Yield name, share kept and mask of known genes.

    ``random``; ``weak``: genes that move least are lost first, as those of low expression are by
    a filter of counts; ``together``: genes that vary together are lost together, the worst case.
    """
    move = np.abs(x).mean(0)
    axis = np.linalg.svd(unit_rows(x), full_matrices=False)[2][0]
    n = x.shape[1]
    for share in SHARES:
        keep = round(share * n)
        orders = {
            "weak": np.argsort(-move),
            "together": np.argsort(axis),
            "random": rng.permutation(n),
        }
        for name, order in orders.items():
            known = np.zeros(n, dtype=bool)
            known[order[:keep]] = True
            yield name, share, known


def connectivity(profiles: np.ndarray, ups: np.ndarray, downs: np.ndarray) -> np.ndarray:
    """Return CMap's weighted connectivity score (Subramanian 2017) of lists x profiles."""
    of = Profiles(profiles)
    return np.stack([of.connectivity(up, down) for up, down in zip(ups, downs, strict=True)])


def of_fold(
    adata: ad.AnnData, fold: int, seed: int
) -> Iterator[tuple[tuple[str, str, float], np.ndarray]]:
    """Yield a way, a setting, a parameter, and the ranks of the held-out signatures."""
    rows = training_rows(adata.obs, fold)
    train, test = adata[rows].copy(), adata[~rows].copy()
    model = make_model(train, preset="svqvae").train_scores(seed=seed)
    label = pd.Index(model.class_names).get_indexer(test.obs[keys.CLASS].astype(str))
    x, x_train = np.asarray(test.X, float), np.asarray(train.X, float)
    squash = model.settings.squash
    y = np.tanh(x / squash)
    fills: dict[str, Way] = {
        "zero": lambda rows, known: rows * known,
        "conditional": conditional(model.directions.whitening.astype(float)),
        "conditional_total": conditional(second_moment(np.tanh(x_train / squash), 0.6)),
    }
    rng = np.random.default_rng(100 * seed + fold)
    for name, share, known in losses(x_train, rng):
        for way, fill in fills.items():
            yield (way, name, share), ranks_of(scores_of(model, fill(y, known)), label)
    own = np.linalg.norm(x, axis=1, keepdims=True)
    median = float(np.median(np.linalg.norm(x_train, axis=1)))
    yield ("to median", "scale", 1.0), ranks_of(scored(model, x / own * median), label)
    for scale in SCALES:
        yield ("as it is", "scale", scale), ranks_of(scored(model, x * scale), label)
    for size in SIZES:
        for way, scores in of_lists(model, x, x_train, size):
            yield (way, "lists", size), ranks_of(scores, label)


def scored(model: SVQVAE, x: np.ndarray) -> np.ndarray:
    """Return scores of signatures in float64."""
    return model.scores(x.astype(np.float32))


def of_lists(
    model: SVQVAE, x: np.ndarray, x_train: np.ndarray, size: int
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield ways and scores of the lists of the genes that move most, up and down."""
    order, of_class = np.argsort(-x, axis=1), model._y
    ups, downs = order[:, :size], order[:, -size:]
    signs = np.zeros_like(x)
    np.put_along_axis(signs, ups, 1, 1)
    np.put_along_axis(signs, downs, -1, 1)
    yield "zero", scored(model, 2 * signs)
    fill = conditional(model.directions.whitening.astype(float))
    filled = np.concatenate([fill(row[None] * np.tanh(1), row != 0) for row in signs])
    yield "conditional", scores_of(model, filled)
    profiles = np.stack([x_train[of_class == c].mean(0) for c in range(len(model.class_names))])
    yield "WTCS of class means", connectivity(profiles, ups, downs)
    member = np.eye(len(profiles))[of_class] / np.bincount(of_class)
    yield "WTCS, mean of members", connectivity(x_train, ups, downs) @ member


def dealt(path: str, deal: int) -> ad.AnnData:
    """Return the signatures with the folds of a deal: compounds under several ids stay together."""
    adata = ad.read_h5ad(path)
    if deal:
        compound, klass = pd.Series(perturbagens(adata)), adata.obs[keys.CLASS].astype(str)
        folds = assign_folds(compound, klass.reset_index(drop=True), folds=5, seed=deal)
        adata.obs[keys.FOLD] = folds
    return adata


def summary(ranks: np.ndarray, compound: np.ndarray, chance: float) -> dict[str, float]:
    """Return MRR and accuracy with intervals over compounds, and what chance would name."""
    weights = cluster_weights(compound, draws=DRAWS)
    row = {"chance": chance}
    for name, each in (("mrr", 1 / (1 + ranks)), ("accuracy", (ranks == 0).astype(float))):
        low, high = percentile_interval(weights @ each / weights.sum(1))
        row |= {name: each.mean(), f"{name}_low": low, f"{name}_high": high}
    return row


def paired(
    found: dict[tuple[str, str, float], np.ndarray], compound: np.ndarray
) -> Iterator[dict[str, object]]:
    """Yield by how much our answer to lists is better than a rival's on the same lists.

    Differences are taken signature by signature, and compounds are drawn, so that what makes a
    compound hard for both does not widen the interval.
    """
    weights = cluster_weights(compound, draws=DRAWS)
    for size in SIZES:
        ours = found["zero" if size >= LONG else "conditional", "lists", size]
        for rival in RIVALS:
            other = found[rival, "lists", size]
            row: dict[str, object] = {"value": size, "rival": rival}
            for name, each in (
                ("mrr", 1 / (1 + ours) - 1 / (1 + other)),
                ("accuracy", (ours == 0).astype(float) - (other == 0)),
            ):
                low, high = percentile_interval(weights @ each / weights.sum(1))
                row |= {name: each.mean(), f"{name}_low": low, f"{name}_high": high}
            yield row


def main(path: str, out: str | None) -> None:
    """Print and write MRR and accuracy of each way, with intervals over compounds."""
    rows, differences = [], []
    for deal in (0, 1):
        adata = dealt(path, deal)
        found: dict[tuple[str, str, float], list[np.ndarray]] = {}
        compounds = []
        for fold in range(5):
            print(f"deal {deal}, fold {fold}", file=sys.stderr, flush=True)
            compounds.append(perturbagens(adata)[(adata.obs[keys.FOLD] == fold).to_numpy()])
            for key, ranks in of_fold(adata, fold, deal):
                found.setdefault(key, []).append(ranks)
        all_ranks = {key: np.concatenate(parts) for key, parts in found.items()}
        compound = np.concatenate(compounds)
        differences += [{"deal": deal} | row for row in paired(all_ranks, compound)]
        # The most that always naming one class gets right.
        chance = float(adata.obs[keys.CLASS].value_counts(normalize=True).max())
        for (way, setting, value), ranks in all_ranks.items():
            said = {"deal": deal, "setting": setting, "value": value, "way": way}
            figures = summary(ranks, compound, chance)
            rows.append(said | figures)
    for table, ending in ((pd.DataFrame(rows), ""), (pd.DataFrame(differences), "_paired")):
        print(table.round(3).to_string(index=False))
        if out:
            write_table(table, Path(out).with_stem(Path(out).stem + ending))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
