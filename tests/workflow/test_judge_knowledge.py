"""Relations and novelty are held against what is known where anything is."""

import re

import pandas as pd
import pytest
import yaml

CONFIG = {
    "datasets": {
        "tiny": {
            "source": {
                "kind": "simulated",
                "simulation": {
                    "groups": 2,
                    "classes_per_group": 2,
                    "compounds_per_class": 4,
                    "cell_lines": 2,
                    "doses": 1,
                    "landmark_genes": 20,
                    "inferred_genes": 0,
                    "unlabelled_compounds": 0,
                },
            },
            "labels": {"key": "moa"},
            "split": {"folds": 2},
            "clip": 10,
        }
    },
    "models": {
        "svqvae": {"preset": "svqvae", "epochs": 1, "hidden": 4},
        "mean": {"preset": "class_mean"},
        "lda": {"preset": "lda"},
    },
    "analysis": {"relations": "known.tsv", "bootstrap_draws": 100},
}


@pytest.fixture
def configured(tmp_path):
    (tmp_path / "known.tsv").write_text(
        "class_a\tclass_b\nmechanism A1\tmechanism A2\nmechanism B1\tmechanism B2\n"
    )
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(CONFIG))
    return path


def test_tables_and_sentences_are_made(snakemake, configured, tmp_path):
    run = snakemake(tmp_path, configured)
    assert run.returncode == 0, run.stderr[-3000:]
    known = pd.read_csv(tmp_path / "results/tiny/known_relations.tsv", sep="\t")
    assert set(known["model"]) == {"svqvae", "mean"}
    assert set(known["n_related"]) == {2}
    novelty = pd.read_csv(tmp_path / "results/tiny/novelty.tsv", sep="\t")
    assert len(novelty) == 1 + 4
    page = (tmp_path / "results/report.html").read_text()
    assert "2 are known to be related" in page
    assert "Novelty tells signatures of classes that svqvae never saw" in page


def test_a_missing_list_is_named_before_anything_runs(snakemake, configured, tmp_path):
    (tmp_path / "known.tsv").unlink()
    run = snakemake(tmp_path, configured, "--dry-run")
    assert run.returncode != 0
    assert "analysis.relations: no such file: known.tsv" in run.stdout + run.stderr


def test_nothing_is_judged_by_what_is_not_known(snakemake, configured, tmp_path):
    config = {**CONFIG, "analysis": {"novelty": False}}
    configured.write_text(yaml.safe_dump(config))
    run = snakemake(tmp_path, configured, "--dry-run")
    assert run.returncode == 0, run.stderr
    assert not re.search("judge_relations|judge_novelty", run.stdout + run.stderr)
    targets = {"key": "moa", "targets": "moa"}
    config["datasets"] = {"tiny": {**CONFIG["datasets"]["tiny"], "labels": targets}}
    configured.write_text(yaml.safe_dump(config))
    run = snakemake(tmp_path, configured, "--dry-run")
    assert re.search(r"^judge_relations +1$", run.stdout + run.stderr, re.M)
