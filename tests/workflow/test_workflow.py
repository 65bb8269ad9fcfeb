"""The workflow from outside: dry run, whole run, contract, rerun, module of another."""

import os
import re
import shutil
import time
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import yaml

from svqvae.models import presets
from svqvae.run.cases import all_paths

TINY = {
    "datasets": {
        "tiny": {
            "source": {
                "kind": "simulated",
                "simulation": {
                    "groups": 2,
                    "classes_per_group": 2,
                    "compounds_per_class": 3,
                    "cell_lines": 2,
                    "doses": 2,
                    "landmark_genes": 60,
                    "inferred_genes": 10,
                    "unlabelled_compounds": 2,
                },
            },
            "labels": {"key": "moa"},
            "filters": {"genes": "landmark"},
            "split": {"folds": 2},
            "clip": 10,
        }
    },
    "models": {
        "svqvae": {"preset": "svqvae", "epochs": 3, "hidden": 20},
        "paper": {"preset": "paper", "epochs": 3, "hidden": 20},
        "lda": {"preset": "lda"},
        "cosine": {"preset": "class_mean_cosine"},
    },
}


#: Named after the configuration, tiny.yaml.
REPORT = "report-tiny.html"


def jobs(output):
    """Job counts of a run or dry run, by rule."""
    return {k: int(n) for k, n in re.findall(r"^(\w+) {2,}(\d+)$", output, re.M) if k != "total"}


def trainings(counts):
    """Jobs that train models, each those of one method."""
    return sum(n for job, n in counts.items() if job.startswith(("train_", "mechanisms_train_")))


@pytest.fixture(scope="module")
def finished(snakemake, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    (folder / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    run = snakemake(folder, folder / "tiny.yaml")
    assert run.returncode == 0, run.stderr[-3000:]
    assert "The report is results/report-tiny.html (all jobs took" in run.stderr
    assert re.search(r"svqvae: \d+ of \d+ jobs done in .*; now \w+", run.stderr)
    return folder


def test_dry_run_needs_no_data_and_writes_nothing(snakemake, repository, tmp_path):
    run = snakemake(tmp_path, repository / "config" / "config.yaml", "--dry-run")
    assert run.returncode == 0, run.stderr
    counts = jobs(run.stdout + run.stderr)
    models = yaml.safe_load((repository / "config" / "config.yaml").read_text())["models"]
    described = [m for m in models.values() if presets.has_codes(m["preset"])]
    assert trainings(counts) == len(models)
    drawn = sum(n for job, n in counts.items() if job.startswith("draw_model"))
    assert counts["describe_classes"] == drawn == len(described) < len(models)
    assert sum(counts.values()) <= 40
    assert not (tmp_path / "results").exists()


def test_lint_is_clean(snakemake, repository, tmp_path):
    run = snakemake(tmp_path, repository / "config" / "config.yaml", "--lint")
    assert run.returncode == 0, run.stdout + run.stderr


def test_compounds_are_scored_beside_signatures(finished):
    base = finished / "results" / "tiny"
    compounds = ad.read_h5ad(base / "signatures.h5ad").obs["pert_id"].unique()
    table = pd.read_csv(base / "benchmark_by_compound.tsv", sep="\t")
    assert set(table["model"]) == set(TINY["models"])
    assert (table["n_compounds"] == len(compounds)).all()
    assert (table["signatures_per_compound"] == 4).all()
    for model in TINY["models"]:
        mine = pd.read_csv(base / model / "compound_predictions.tsv", sep="\t")
        assert sorted(mine.loc[mine["rank"] == 1, "pert_id"]) == sorted(compounds)
        right = mine[(mine["rank"] == 1) & (mine["predicted_class"] == mine["true_class"])]
        accuracy = table[(table["model"] == model) & (table["metric"] == "accuracy")]
        assert accuracy["value"].item() == pytest.approx(len(right) / len(compounds), abs=1e-6)
    curves = pd.read_csv(base / "risk_coverage.tsv", sep="\t")
    assert set(curves["unit"]) == {"signature", "compound"}
    # Where all are answered it is the accuracy of the benchmark.
    whole = curves[(curves["coverage"] == 1) & (curves["unit"] == "compound")]
    accuracy = table[table["metric"] == "accuracy"].set_index("model")["value"]
    assert dict(zip(whole["model"], whole["accuracy"], strict=True)) == pytest.approx(
        accuracy.to_dict(), abs=1e-6
    )


def test_outputs_are_those_of_the_contract(finished):
    base = finished / "results" / "tiny"
    adata = ad.read_h5ad(base / "signatures.h5ad")
    assert {"sig_id", "pert_id", "class", "fold"} <= set(adata.obs)
    assert adata.X.dtype == np.float32
    columns = {
        "mechanism_correlations.tsv": "class_a class_b correlation ci_low ci_high p_value q_value "
        "support mutual_nearest",
        "class_clusters.tsv": "class cluster support",
        "class_markers.tsv": "class gene score direction q_value",
        "predictions.tsv": "sig_id pert_id true_class rank predicted_class score probability",
    }
    for model in ("svqvae", "paper", "cosine"):
        classes = ad.read_h5ad(base / model / "classes.h5ad")
        assert classes.shape == (4, 60)
        assert "X_code" in classes.obsm
        assert {"n_signatures", "n_perturbagens", "cluster"} <= set(classes.obs)
        for name, wanted in columns.items():
            table = pd.read_csv(base / model / name, sep="\t")
            assert set(wanted.split()) <= set(table.columns), name
            assert len(table), name
        assert (base / model / "model" / "model.json").is_file()
        for svg in (base / model / "figures").glob("*.svg"):
            assert svg.with_suffix(".png").is_file()
            assert svg.with_suffix(".tsv").is_file()
    labels = pd.read_csv(base / "labels.tsv", sep="\t")
    assert labels["status"].value_counts().to_dict() == {"labelled": 12, "no label": 2}
    assert "compound" in pd.read_csv(base / "duplicates.tsv", sep="\t").columns
    table = pd.read_csv(base / "benchmark.tsv", sep="\t")
    assert list(table.columns) == ["model", "role", "fold", "seed", "metric", "value"]
    assert set(table["role"]) == {"model", "baseline"}
    assert len(table) == len(TINY["models"]) * 2 * 10
    rivals = pd.read_csv(base / "benchmark_comparisons.tsv", sep="\t")
    assert set(rivals["subject"]) == {"svqvae"}
    assert set(rivals["rival"]) == {"paper", "lda", "cosine"}
    errors = pd.read_csv(base / "calibration.tsv", sep="\t")
    assert set(errors["model"]) == set(TINY["models"])
    assert errors["ece"].between(0, 1).all()
    predictions = pd.read_csv(base / "svqvae" / "predictions.tsv", sep="\t")
    assert predictions["novelty"].between(0, 1).all()


def paths_of_lda():
    return [path for path in all_paths(TINY) if path.startswith("results/tiny/lda/")]


def test_a_classifier_is_scored_and_saved_but_not_described(finished):
    folder = finished / "results" / "tiny" / "lda"
    wanted = {Path(path).relative_to("results/tiny/lda").parts[0] for path in paths_of_lda()}
    assert {"model", "predictions.tsv", "held_out_scores.tsv"} <= wanted
    assert "classes.h5ad" not in wanted
    assert {p.name for p in folder.iterdir()} == wanted
    page = (finished / "results" / REPORT).read_text()
    assert ">lda<" in page


@pytest.fixture(scope="module")
def spread(snakemake, tmp_path_factory):
    """A run with a job for each training, whose models of folds are kept."""
    folder = tmp_path_factory.mktemp("spread")
    models = {"cosine": TINY["models"]["cosine"]}
    (folder / "tiny.yaml").write_text(
        yaml.safe_dump({**TINY, "models": models, "spread_folds": True})
    )
    run = snakemake(folder, folder / "tiny.yaml", "--notemp")
    assert run.returncode == 0, run.stderr[-3000:]
    assert jobs(run.stderr)["train_means_fold"] == 2
    assert jobs(run.stderr)["train_means_final"] == jobs(run.stderr)["evaluate_means"] == 1
    return folder / "results" / "tiny"


def test_no_held_out_perturbagen_was_trained_on(spread):
    """Held-out predictions come from models whose own counts exclude that fold."""
    from svqvae.models.registry import load_model

    adata = ad.read_h5ad(spread / "signatures.h5ad")
    predictions = pd.read_csv(spread / "cosine" / "predictions.tsv", sep="\t")
    for fold in range(2):
        outside = adata[(adata.obs["fold"] != fold).to_numpy()]
        model = load_model(spread / "cosine" / "folds" / f"{fold}-seed0")
        means = outside.to_df().groupby(outside.obs["class"].astype(str).to_numpy()).mean()
        np.testing.assert_allclose(model.codes, means, atol=1e-5)
        scored = set(predictions.loc[predictions["fold"] == fold, "pert_id"])
        assert not scored & set(outside.obs["pert_id"])


def test_jobs_spread_or_not_say_the_same(finished, spread):
    for name in ("predictions.tsv", "mechanism_correlations.tsv", "class_markers.tsv"):
        one, other = finished / "results" / "tiny" / "cosine" / name, spread / "cosine" / name
        assert one.read_bytes() == other.read_bytes(), name


def test_models_of_folds_are_gone_and_what_is_kept_of_them_is_small(finished):
    base = finished / "results" / "tiny"
    assert not list(base.rglob("folds"))
    assert not [p for p in base.rglob(".*") if ".training" in p.name]
    assert (base / "paper" / "fold_classes.h5ad").is_file()


def test_report_is_one_page_that_fetches_nothing(finished):
    page = (finished / "results" / REPORT).read_text()
    assert "tiny" in page
    assert "12 of 14 perturbagens got a label (2 no label)." in page
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", page)
    # In the block, and without a script.
    assert 'id="block">H4sI' in page
    assert page.count("data-card=") == 5
    summary = pd.read_csv(finished / "results" / "tiny" / "benchmark_summary.tsv", sep="\t")
    mrr = summary[summary["metric"] == "mrr"]["value"].max()
    assert f"<td>{mrr:.3f} [" in page
    assert len(page) < 10_000_000


def test_rerun_starts_no_job_and_is_quick(finished, snakemake):
    started = time.monotonic()
    run = snakemake(finished, finished / "tiny.yaml")
    assert "Nothing to be done" in run.stdout + run.stderr
    # Not a benchmark: a rerun that imported torch or read data would take far longer.
    assert time.monotonic() - started < 60


def test_another_model_trains_only_itself(finished, snakemake):
    config = {**TINY, "models": {**TINY["models"], "mean": {"preset": "class_mean"}}}
    (finished / "more.yaml").write_text(yaml.safe_dump(config))
    run = snakemake(finished, finished / "more.yaml", "--dry-run")
    counts = jobs(run.stdout + run.stderr)
    assert trainings(counts) == 1
    assert "preprocess" not in counts


def test_another_setting_retrains_only_its_model(finished, snakemake):
    models = {**TINY["models"], "paper": {"preset": "paper", "epochs": 4, "hidden": 20}}
    (finished / "other.yaml").write_text(yaml.safe_dump({**TINY, "models": models}))
    run = snakemake(finished, finished / "other.yaml", "--dry-run")
    counts = jobs(run.stdout + run.stderr)
    assert trainings(counts) == 1


def test_same_configuration_same_bits_anywhere(finished, snakemake, tmp_path):
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    target = "results/tiny/paper/model/model.safetensors"
    run = snakemake(tmp_path, tmp_path / "tiny.yaml", target, cores=1)
    assert run.returncode == 0, run.stderr[-3000:]
    assert (tmp_path / target).read_bytes() == (finished / target).read_bytes()


def test_used_as_a_module_of_another_workflow(finished, repository, snakemake, tmp_path):
    """Another workflow includes ours, with its own configuration and results folder."""
    (tmp_path / "Snakefile").write_text(
        f"""
module mechanisms:
    snakefile: "{repository}/workflow/Snakefile"
    config: {TINY!r}
use rule * from mechanisms as mechanisms_*
rule mine:
    default_target: True
    input: "results/report.html"
"""
    )
    run = snakemake(tmp_path, None, "--snakefile", str(tmp_path / "Snakefile"), "--dry-run")
    assert run.returncode == 0, run.stdout + run.stderr
    assert trainings(jobs(run.stdout + run.stderr)) == len(TINY["models"])


def planned(run):
    """Job counts of a dry run, without the target."""
    assert run.returncode == 0, run.stderr[-3000:]
    return {k: n for k, n in jobs(run.stdout + run.stderr).items() if k != "all"}


def test_a_model_without_its_weights_is_trained_again(finished, snakemake):
    """The card alone is no model."""
    weights = finished / "results" / "tiny" / "lda" / "model" / "model.safetensors"
    weights.rename(weights.with_name("away"))
    counts = planned(snakemake(finished, finished / "tiny.yaml", "--dry-run"))
    weights.with_name("away").rename(weights)
    assert trainings(counts) == 1
    assert "preprocess" not in counts


def test_weights_that_were_exchanged_are_read_again(finished, snakemake):
    """With the card as it was; loading then refuses them, by their digest."""
    weights = finished / "results/tiny/paper/model/model.safetensors"
    content, found = weights.read_bytes(), weights.stat()
    weights.write_bytes(content[:100])
    counts = planned(snakemake(finished, finished / "tiny.yaml", "--dry-run"))
    weights.write_bytes(content)
    os.utime(weights, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert counts["describe_classes"] == counts["recovery"] == 1
    assert trainings(counts) == 0


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        (
            "svqvae/models/published.py",
            "not_negative(0.25)",
            "not_negative(0.5)",
            {"train_long_networks": 1},
        ),
        ("svqvae/models/training.py", '"""The training loop', '"""Other words', {}),
        (
            "svqvae/pl/latent.py",
            "import numpy as np",
            "import numpy as np\n\nX = 1",
            {"draw_model_described": 1, "draw_model_described_trained": 2},
        ),
    ],
)
def test_what_changed_in_the_code_is_made_again(
    finished, snakemake, repository, tmp_path, path, old, new, expected
):
    """A default of a preset retrains its models, a drawing is drawn, words change nothing."""
    for part in ("workflow", "svqvae"):
        shutil.copytree(
            repository / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__")
        )
    text = (tmp_path / path).read_text()
    assert old in text
    (tmp_path / path).write_text(text.replace(old, new, 1))
    snakefile = str(tmp_path / "workflow" / "Snakefile")
    run = snakemake(finished, finished / "tiny.yaml", "--snakefile", snakefile, "--dry-run")
    counts = planned(run)
    assert expected.items() <= counts.items()
    assert bool(counts) == bool(expected)
    assert trainings(counts) == trainings(expected)


def test_classifiers_alone_are_scored_and_nothing_is_described(finished, snakemake):
    models = {"lda": {"preset": "lda"}, "knn": {"preset": "knn"}}
    (finished / "classifiers.yaml").write_text(yaml.safe_dump({**TINY, "models": models}))
    counts = planned(snakemake(finished, finished / "classifiers.yaml", "--dry-run"))
    assert counts["benchmark_models"] == counts["write_report"] == 1
    assert not {"describe_classes", "evaluate_relations", "recovery", "evaluate_novelty"} & set(
        counts
    )
