"""Results folders of any size, made of random numbers, for tests of the page."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
from page_signatures import made_signatures, rename

from svqvae.io.atomic import write_table
from svqvae.io.h5ad import write_anndata
from svqvae.models.registry import make_model
from svqvae.report.page import write_report
from svqvae.results import FIGURES, FILES
from svqvae.tl.evaluation.by_compound import benchmark_by_compound, compound_scores
from svqvae.tl.evaluation.compare import bootstrap_metrics, summarise
from svqvae.tl.evaluation.selective import risk_coverage
from svqvae.tl.fdr import benjamini_hochberg

TOP = 5  # ranks in predictions.tsv


@dataclass
class Made:
    """A results folder, and how the page of it is written."""

    folder: Path
    dataset: str
    models: dict[str, dict[str, str]]
    paths: list[Path]
    classes: list[str]
    title: str = "A page"

    def write(self, out: Path) -> Path:
        config = {"title": self.title, "datasets": {self.dataset: {}}, "models": self.models}
        subject = next(iter(self.models))
        names = {"reference": list(self.models)[-1], "subject": subject}
        write_report(out, results=self.folder, made=self.paths, config=config, **names)
        return out

    def read(self, name: str, model: str | None = None) -> pd.DataFrame:
        base = self.folder / self.dataset / (model or "")
        return pd.read_csv(base / f"{name}.tsv", sep="\t", keep_default_na=False, na_values=[""])


def block(text: str) -> dict:
    """Return what the page is told in its compressed block."""
    packed = re.search(r'id="block">([^<]*)<', text)[1]
    whole = gzip.decompress(base64.b64decode(packed))
    return json.loads(whole[4 : 4 + int.from_bytes(whole[:4], "little")])


def make_results(
    folder: Path,
    *,
    classes: int | list[str] = 8,
    compounds: int = 4,
    per_compound: int = 1,
    genes: int = 60,
    markers: int = 50,
    models: int | list[str] = 3,
    seeds: int = 1,
    dataset: str = "mine",
    seed: int = 0,
    image_shape: tuple[int, int] | None = None,
    names_of: Sequence[str] = (),
    by_compound: bool = False,
) -> Made:
    """Write a results folder: tables of random numbers with the columns of a run.

    Parameters
    ----------
    names_of
        What the first compounds and genes are called, and have as ids.
    by_compound
        Whether compounds are predicted by all their signatures, and what is sure is looked at.
    """
    rng = np.random.default_rng(seed)
    numbered = isinstance(classes, int)
    names = [f"mechanism {i:03d} inhibitor" for i in range(classes)] if numbered else classes
    presets = ["svqvae", "class_mean_cosine", "class_mean", "paper", "vae", "knn"]
    called = [f"model{i}" for i in range(models)] if isinstance(models, int) else models
    named = {name: {"preset": presets[i % len(presets)]} for i, name in enumerate(called)}
    made = Made(folder, dataset, named, [], names)
    signatures = made_signatures(rng, names, compounds, per_compound, genes)
    rename(signatures, names_of)
    if image_shape:
        signatures.uns["svqvae"]["image_shape"] = list(image_shape)
    _dataset(made, rng, signatures)
    scores = {}
    for model in named:
        scores[model] = _model(made, rng, signatures, model, markers, seeds)
    roles = dict.fromkeys(named, "baseline") | {next(iter(named)): "model"}
    summary = summarise(bootstrap_metrics(scores), roles=roles, reference=list(named)[-1])
    _table(made, "benchmark_summary", summary)
    if by_compound:
        _compounds(made, rng, scores, summary, roles)
    return made


def _table(made: Made, name: str, table: pd.DataFrame, model: str = "") -> None:
    path = FILES[name].path(made.folder, dataset=made.dataset, model=model)
    write_table(table, path)
    made.paths.append(path)


def _dataset(made: Made, rng, signatures: ad.AnnData) -> None:
    path = FILES["signatures"].path(made.folder, dataset=made.dataset)
    write_anndata(path, signatures)
    made.paths.append(path)
    # Written, texts have become categories.
    for name in ("sig_id", "pert_id", "pert_iname", "class"):
        signatures.obs[name] = signatures.obs[name].astype(str)
    obs, n = signatures.obs, signatures.n_obs
    of = obs.groupby("pert_id", sort=False)[["pert_iname", "class"]].first()
    labels = of.assign(
        n_signatures=obs["pert_id"].value_counts(), status="labelled", joined_by="pert_id"
    ).reset_index()
    lost = {"pert_id": "BRD-LOST", "pert_iname": "lost drug", "status": "no label"}
    small = {"pert_id": "BRD-SMALL", "pert_iname": "small drug", "status": "labelled"}
    rest = pd.DataFrame([lost, {**small, "class": "rare mechanism"}]).assign(n_signatures=1)
    _table(made, "labels", pd.concat([labels, rest], ignore_index=True))
    steps = pd.DataFrame(
        {
            "step": ["read", "labelled"],
            "dropped": [0, 2],
            "signatures": [n + 2, n],
            "perturbagens": [len(of) + 2, len(of)],
            "classes": len(made.classes),
        }
    )
    _table(made, "filters", steps)
    pairs = list(combinations(made.classes, 2))
    known = pairs[:: max(1, len(pairs) // 6)][:6]
    table = pd.DataFrame(known, columns=["class_a", "class_b"]).assign(outcome="missed")
    _table(made, "known_pairs", table)
    low = np.arange(10) / 10
    bins = pd.DataFrame({"bin": range(10), "low": low, "high": low + 0.1, "n": 9})
    bins = bins.assign(confidence=low + 0.05, accuracy=low, ci_low=low / 2, ci_high=low + 0.05)
    every = [bins.assign(model=m, role="model") for m in made.models]
    _table(made, "reliability", pd.concat(every))
    errors = pd.DataFrame({"model": list(made.models), "role": "model", "ece": 0.07})
    _table(made, "calibration", errors.assign(ece_low=0.05, ece_high=0.1))


def _model(made, rng, signatures, model, markers, seeds) -> pd.DataFrame:
    names, obs = np.array(made.classes, dtype=object), signatures.obs
    code = pd.factorize(obs["class"])[0]
    card = made.folder / made.dataset / model / "model"
    if model == next(iter(made.models)):
        small = signatures[:: max(1, signatures.n_obs // 20)].copy()
        kept = make_model(small, preset="class_mean").train()
        kept.provenance |= {"source": {"signatures": "made.gctx"}, "versions": {"numpy": "2"}}
        kept.provenance |= {"git_revision": "abc"}
        kept.save(card)
    _relations(made, rng, model)
    n = len(names)
    cluster = 1 + np.arange(n) % 6
    columns = {"class": names, "cluster": cluster, "support": 0.5, "leiden": cluster}
    _table(made, "class_clusters", pd.DataFrame(columns), model)
    hubs = pd.DataFrame({"class": names, "nearest_of": 1, "q_value": 1.0, "hub": False})
    hubs.loc[0, ["nearest_of", "hub"]] = [n // 2, True]
    _table(made, "class_hubs", hubs.assign(nearest_of_specific=0, edges=0), model)
    said = f"For {n} of {n} classes a missing edge says little: made up."
    limits = {"n_classes": n, "n_pairs": n * (n - 1) // 2, "edges": 1, "reach": 1.0, "in_reach": 0}
    _table(made, "relation_test", pd.DataFrame([limits | {"warning": said}]), model)
    k = min(markers, signatures.n_vars)
    gene = np.concatenate([rng.permutation(signatures.n_vars)[:k] for _ in range(n)])
    score = rng.standard_normal(n * k)
    table = pd.DataFrame(
        {"class": np.repeat(names, k), "gene": signatures.var["pr_gene_symbol"].to_numpy()[gene]}
    )
    table = table.assign(
        gene_id=1000 + gene, score=score, direction=np.where(score > 0, "up", "down")
    )
    table = table.assign(effect=score * 2, q_value=rng.random(n * k) ** 6, support=0.5)
    _table(made, "class_markers", table, model)
    classes = ad.AnnData(rng.standard_normal((n, signatures.n_vars)).astype(np.float32))
    classes.obs_names, classes.var = names.astype(str), signatures.var.copy()
    classes.obs["n_signatures"] = [int((code == c).sum()) for c in range(n)]
    path = FILES["classes"].path(made.folder, dataset=made.dataset, model=model)
    write_anndata(path, classes)
    made.paths.append(path)
    drawn = np.sort(rng.permutation(len(obs))[:3000])
    xy = rng.standard_normal((len(drawn) + n, 2))
    mapped = pd.DataFrame({"name": [*obs["sig_id"].to_numpy()[drawn], *names]})
    mapped["kind"] = np.repeat(["signature", "code"], [len(drawn), n])
    mapped["class"] = [*obs["class"].to_numpy()[drawn], *names]
    mapped["cluster"] = [*cluster[code[drawn]], *cluster]
    path = FIGURES["latent_map"].path(made.folder, dataset=made.dataset, model=model)
    write_table(mapped.assign(pc1=xy[:, 0], pc2=xy[:, 1]), path.with_suffix(".tsv"))
    made.paths.append(path)
    return _predictions(made, rng, obs, code, model, seeds)


def _compounds(made: Made, rng, scores, summary, roles) -> None:
    """Write what is said of compounds by all their signatures, and of what models are sure of."""
    names = np.array(made.classes, dtype=object)
    whole = {}
    for model, table in scores.items():
        one = table.drop_duplicates(["pert_id", "seed"]).reset_index(drop=True)
        of = one[["pert_id", "fold", "seed"]].assign(true_class=one["class"], n_signatures=3)
        code = pd.Index(names).get_indexer(one["class"])
        right = rng.random(len(one)) < 0.7
        said = np.where(right, code, (code + 1) % len(names))
        first = of.assign(rank=1, predicted_class=names[said], score=-0.5)
        first["probability"] = 0.3 + 0.5 * right + 0.1 * rng.random(len(one))
        other = names[np.where(right, (code + 1) % len(names), code)]
        second = of.assign(rank=2, predicted_class=other, score=-2.0, probability=0.1)
        predicted = pd.concat([first, second])
        _table(made, "compound_predictions", predicted, model)
        whole[model] = compound_scores(predicted)
    subject, reference = next(iter(made.models)), list(made.models)[-1]
    table = benchmark_by_compound(whole, summary, roles=roles, reference=reference)
    _table(made, "benchmark_by_compound", table)
    units = {"signature": scores, "compound": whole}
    _table(made, "risk_coverage", risk_coverage(units, roles=roles, subject=subject))


def _relations(made: Made, rng, model: str) -> None:
    pairs = pd.DataFrame(list(combinations(made.classes, 2)), columns=["class_a", "class_b"])
    n = len(pairs)
    raw = rng.uniform(-0.3, 0.9, n)
    p = rng.random(n)
    p[: max(1, n // 50)] = 1e-7
    corrected = np.where(rng.random(n) < 0.8, raw * 1.2, np.nan)
    table = pairs.assign(
        correlation=raw,
        ci_low=raw - 0.2,
        ci_high=raw + 0.2,
        corrected_correlation=corrected,
        corrected_low=corrected - 0.3,
        corrected_high=corrected + 0.3,
        specific_correlation=rng.uniform(-0.5, 0.5, n),
        p_value=p,
        q_value=benjamini_hochberg(p),
        edge_support=rng.random(n),
        support=rng.random(n),
        mutual_nearest=rng.random(n) < 0.1,
    )
    _table(made, "mechanism_correlations", table, model)


def _predictions(made, rng, obs, code, model, seeds) -> pd.DataFrame:
    names, n = np.array(made.classes, dtype=object), len(obs)
    top = min(TOP, len(names))
    parts, scored = [], []
    for seed in range(seeds):
        said = (code[:, None] + rng.integers(0, 3, (n, 1)) + np.arange(top)) % len(names)
        probability = np.sort(rng.dirichlet(np.ones(top), n))[:, ::-1]
        held = {"sig_id": obs["sig_id"], "pert_id": obs["pert_id"], "fold": obs["fold"]}
        held = pd.DataFrame(held).assign(seed=seed).reset_index(drop=True)
        parts.append(
            held.loc[held.index.repeat(top)].assign(
                true_class=np.repeat(names[code], top),
                rank=np.tile(np.arange(1, top + 1), n),
                predicted_class=names[said.ravel()],
                score=rng.standard_normal(n * top),
                probability=probability.ravel(),
                novelty=np.repeat(rng.random(n), top),
            )
        )
        # Models differ clearly, but the first two.
        worse = max(0, list(made.models).index(model) - 1)
        rank = 1 + rng.integers(0, 2 + 2 * worse, n)
        ranks = dict.fromkeys(("true_rank", "micro_rank", "macro_rank"), rank)
        scored.append(held.assign(**{"class": names[code], **ranks, "confidence": 0.5}))
    _table(made, "predictions", pd.concat(parts), model)
    scores = pd.concat(scored)
    error = rng.random(len(scores))
    scores = scores.assign(reconstruction_mse=error, class_profile_mse=error + 0.1)
    _table(made, "held_out_scores", scores, model)
    _table(made, "nearest_compounds", _neighbours(rng, obs, names[code]), model)
    return scores


def _neighbours(rng, obs: pd.DataFrame, truth: np.ndarray) -> pd.DataFrame:
    """Return five compounds for each signature, never its own."""
    of = obs.groupby("pert_id", sort=False)[["pert_iname", "class"]].first()
    n, k = len(obs), min(TOP, len(of) - 1)
    own = of.index.get_indexer(obs["pert_id"])
    steps = 1 + (rng.integers(0, len(of) - 1, (n, 1)) + np.arange(k)) % (len(of) - 1)
    other = ((own[:, None] + steps) % len(of)).ravel()
    columns = ["sig_id", "pert_id", "pert_iname", "cell_id", "fold"]
    table = obs[columns].assign(true_class=truth).reset_index(drop=True)
    similarity = np.sort(rng.random((n, k)))[:, ::-1].ravel()
    near = of.iloc[other].reset_index()
    return table.loc[table.index.repeat(k)].assign(
        seed=0,
        rank=np.tile(np.arange(1, k + 1), n),
        nearest_pert_id=near["pert_id"].to_numpy(),
        nearest_pert_iname=near["pert_iname"].to_numpy(),
        nearest_class=near["class"].to_numpy(),
        similarity=similarity,
        percentile=100 * similarity,
        same_class=near["class"].to_numpy() == np.repeat(truth, k),
    )
