"""Relations and novelty are held against what is known where anything is."""

import re

import pandas as pd
import pytest
import yaml
from small_set import simulated

SOURCE = simulated(groups=2, hairpins=1)
CONFIG = {
    "datasets": {
        "tiny": {
            "source": SOURCE,
            "labels": {"key": "moa", "targets": "target"},
            "filters": {"pert_type": ["trt_cp"]},
            "split": {"folds": 2},
            "clip": 10,
        },
        "knocked": {
            "source": SOURCE,
            "labels": {"key": "pert_iname"},
            "filters": {"pert_type": ["trt_sh"], "min_perturbagens_per_class": 1},
        },
    },
    "models": {
        "svqvae": {"preset": "svqvae", "epochs": 1, "hidden": 4},
        "mean": {"preset": "class_mean"},
    },
    "analysis": {
        "relations": "known.tsv",
        "gene_sets": "sets.gmt",
        "drug_targets": {"compounds": "tiny", "knockdowns": "knocked"},
        "bootstrap_draws": 100,
    },
}


@pytest.fixture
def configured(tmp_path):
    (tmp_path / "known.tsv").write_text(
        "class_a\tclass_b\nmechanism A1\tmechanism A2\nmechanism B1\tmechanism B2\n"
    )
    (tmp_path / "sets.gmt").write_text("set\t\t" + "\t".join(f"SIM{i:04d}" for i in range(6)))
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(CONFIG))
    return path


@pytest.mark.slow
def test_tables_and_sentences_are_made(snakemake, configured, tmp_path):
    run = snakemake(tmp_path, configured)
    assert run.returncode == 0, run.stderr[-3000:]
    known = pd.read_csv(tmp_path / "results/tiny/known_relations.tsv", sep="\t")
    assert set(known["model"]) == {"svqvae", "mean", "pcl_connectivity"}
    assert set(known["n_related"]) == {2}
    pairs = pd.read_csv(tmp_path / "results/tiny/known_pairs.tsv", sep="\t")
    assert pairs["outcome"].isin(["found", "missed"]).sum() == 2
    targets = pd.read_csv(tmp_path / "results/tiny/drug_targets_summary.tsv", sep="\t")
    assert targets["space"].tolist() == ["latent", "raw", "difference"]
    assert (tmp_path / "results/tiny/svqvae/class_enrichment.tsv").is_file()
    assert not (tmp_path / "results/knocked/svqvae").exists()
    novelty = pd.read_csv(tmp_path / "results/tiny/novelty.tsv", sep="\t")
    assert len(novelty) == 1 + 4
    page = (tmp_path / "results/report-config.html").read_text()
    assert "2 are known to be related" in page
    assert "Novelty of svqvae separates signatures of classes left out" in page
    assert "Drug targets: of 16 drugs with 4 sets of targets the best-ranked known target" in page


def test_a_missing_list_is_named_before_anything_runs(snakemake, configured, tmp_path):
    (tmp_path / "known.tsv").unlink()
    run = snakemake(tmp_path, configured, "--dry-run")
    assert run.returncode != 0
    assert "analysis.relations: no such file: known.tsv" in run.stdout + run.stderr


def test_nothing_is_judged_by_what_is_not_known(snakemake, configured, tmp_path):
    table = tmp_path / "own.tsv"
    columns = [f"Metadata_{c}" for c in ("sig_id", "pert_id", "moa", "target")] + ["1", "2"]
    table.write_text("\t".join(columns) + "\n")
    own = {"source": {"kind": "table", "signatures": "own.tsv"}, "labels": {"key": "moa"}}
    config = {**CONFIG, "datasets": {"own": own}, "analysis": {"novelty": False}}
    configured.write_text(yaml.safe_dump(config))
    run = snakemake(tmp_path, configured, "--dry-run")
    assert run.returncode == 0, run.stderr
    steps = "evaluate_relations|evaluate_novelty|evaluate_targets|enrich_classes"
    assert not re.search(steps, run.stdout + run.stderr)
    config["datasets"] = {"own": {**own, "labels": {"key": "moa", "targets": "target"}}}
    configured.write_text(yaml.safe_dump(config))
    run = snakemake(tmp_path, configured, "--dry-run")
    assert re.search(r"^evaluate_relations +1$", run.stdout + run.stderr, re.M)
