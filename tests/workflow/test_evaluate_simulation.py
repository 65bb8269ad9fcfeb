"""Simulated signatures are judged where the configuration asks for it, and nowhere else."""

import re

import pandas as pd
import pytest
import yaml
from small_set import simulated

CONFIG = {
    "datasets": {
        "tiny": {
            "source": simulated(),
            "labels": {"key": "moa"},
            "split": {"folds": 2},
            "clip": 10,
        }
    },
    "models": {"gaussian": {"preset": "gaussian"}, "mean": {"preset": "class_mean"}},
    "analysis": {"simulation": ["gaussian", "mean"], "bootstrap_draws": 100},
}
FIGURES = "results/tiny/figures"


@pytest.fixture
def configured(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(CONFIG))
    return path


@pytest.mark.slow
def test_the_table_and_the_figure_are_made(snakemake, configured, tmp_path):
    run = snakemake(tmp_path, configured, f"{FIGURES}/realism.svg")
    assert run.returncode == 0, run.stderr[-3000:]
    table = pd.read_csv(tmp_path / "results/tiny/gaussian/realism.tsv", sep="\t")
    assert set(table["quantity"]) == {"auc", "nearest_class", "nearest_class_real"}
    drawn = pd.read_csv(tmp_path / f"{FIGURES}/realism.tsv", sep="\t")
    assert list(drawn["model"].unique()) == ["gaussian", "mean"]
    assert (tmp_path / f"{FIGURES}/realism.png").stat().st_size > 0


def test_the_report_asks_for_it_only_if_configured(snakemake, configured, tmp_path):
    run = snakemake(tmp_path, configured, "--dry-run")
    assert re.search(r"^evaluate_simulation +2$", run.stdout + run.stderr, re.M)
    configured.write_text(yaml.safe_dump({**CONFIG, "analysis": {}}))
    run = snakemake(tmp_path, configured, "--dry-run")
    assert run.returncode == 0, run.stderr
    assert "evaluate_simulation" not in run.stdout + run.stderr
