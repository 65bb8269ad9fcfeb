"""The real configurations, whole (slow): pytest -m slow tests/e2e."""

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from svqvae import SVQVAE

pytestmark = pytest.mark.slow


def run_preset(snakemake, repository, data, folder, name):
    (folder / "resources").mkdir()
    (folder / "resources" / name).symlink_to(data)
    run = snakemake(folder, repository / "config" / f"{name}.yaml", timeout=3600)
    assert run.returncode == 0, run.stderr[-3000:]
    summary = pd.read_csv(folder / "results" / name / "benchmark_summary.tsv", sep="\t")
    return summary.pivot_table(index="model", columns="metric", values="value")


def test_consensus_lands_where_it_was_measured(snakemake, repository, shared_data, tmp_path):
    data = shared_data / "public"
    value = run_preset(snakemake, repository, data, tmp_path, "l1000_consensus")
    # As docs/evidence.md has it, calibrated. By their own rules, measured independently: svqvae and
    # LDA 0.32 to 0.33, whitened means 0.31, the published model 0.21, class means 0.23 to 0.25.
    for model, mrr in {
        "svqvae": 0.337,
        "lda": 0.32,
        "class_mean_whitened": 0.337,
        "paper": 0.262,
        "class_mean": 0.288,
        "class_mean_cosine": 0.274,
        "class_prior": 0.194,
    }.items():
        assert value.loc[model, "mrr_micro"] == pytest.approx(mrr, abs=0.025), model


def test_mnist_reproduces_the_papers_notebook(snakemake, repository, shared_data, tmp_path):
    value = run_preset(snakemake, repository, shared_data / "mnist", tmp_path, "mnist")
    # Published: test MSE 0.2219 (decoded code of the label), nearest-code accuracy 0.826.
    assert value.loc["paper", "class_profile_mse"] == pytest.approx(0.2219, abs=0.005)
    assert value.loc["paper", "accuracy"] == pytest.approx(0.826, abs=0.02)
    # Ours: class by the nearest code, and the individual from code and residual.
    assert value.loc["svqvae", "accuracy"] >= 0.993
    assert value.loc["svqvae", "reconstruction_mse"] <= 0.03
    base = tmp_path / "results" / "mnist"
    reader = reads_the_codes(base)
    model = SVQVAE.load(base / "svqvae" / "model")
    for digit in model.class_names:
        drawn = model.simulate(digit, 200)
        assert np.mean(reader.predict(drawn.X) == digit) > 0.7


def test_settings_of_digits_hold_for_clothes(snakemake, repository, tmp_path):
    data = Path("/usr/share/datasets/fashion-mnist")
    if not data.is_dir():
        pytest.skip("Debian's package dataset-fashion-mnist is not installed")
    value = run_preset(snakemake, repository, data, tmp_path, "fashion_mnist")
    assert value.loc["svqvae", "accuracy"] >= 0.91
    assert value.loc["svqvae", "reconstruction_mse"] <= 0.05
    reads_the_codes(tmp_path / "results" / "fashion_mnist")


def reads_the_codes(base):
    """Assert that a classifier of training images reads decoded codes as their class."""
    images = ad.read_h5ad(base / "signatures.h5ad")
    known = images[(images.obs["fold"] != -2).to_numpy()][:10000]
    reader = LogisticRegression(C=0.01, max_iter=1000).fit(known.X, known.obs["class"])
    classes = ad.read_h5ad(base / "svqvae" / "classes.h5ad")
    assert list(reader.predict(classes.X)) == list(classes.obs_names)
    return reader
