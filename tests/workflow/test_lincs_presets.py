"""The configurations of LINCS: they plan what they say, and hold counts against the papers."""

import re

import numpy as np
import pandas as pd
import pytest
import yaml
from test_workflow import jobs

from svqvae.errors import SvqvaeError
from svqvae.io.gctx import write_gctx
from svqvae.pp.preprocess import prepare
from svqvae.pp.source import make_source
from svqvae.run.config import check, read_schema, restore_on
from svqvae.run.config_file import read_config
from svqvae.run.downloads import plan

DOWNLOADS = {"lincs_phase2": 5, "lincs_knockdown": 3, "lincs2020": 4, "lincs_drug_targets": 7}
#: The configuration that two sets of LINCS join in.
JOINED = "lincs_drug_targets"


#: Through Snakemake, seconds each; the others by what it plans from.
BY_SNAKEMAKE = ("lincs_phase2", JOINED)


@pytest.mark.parametrize("name", DOWNLOADS)
def test_a_configuration_is_valid_and_plans_its_downloads(repository, tmp_path, name):
    config = read_config(repository / f"config/{name}.yaml")
    restore_on(config)
    (tmp_path / "resources/lincs_phase2").mkdir(parents=True)
    (tmp_path / "resources/lincs_phase2/pcl.tsv").write_text("pert_id\tpcl\n")
    schema = read_schema(repository / "workflow" / "schemas" / "config.schema.yaml")
    check(config, schema, root=tmp_path)
    assert len(plan(config)) == DOWNLOADS[name]


@pytest.mark.parametrize("name", BY_SNAKEMAKE)
def test_dry_run_plans_downloads_and_touches_nothing(snakemake, repository, tmp_path, name):
    if name == "lincs_phase2":  # table S7 is the user's to bring
        run = snakemake(tmp_path, repository / f"config/{name}.yaml", "--dry-run")
        assert run.returncode != 0
        assert "labels.table: no file 'resources/lincs_phase2/pcl.tsv'" in run.stdout + run.stderr
        (tmp_path / "resources/lincs_phase2").mkdir(parents=True)
        (tmp_path / "resources/lincs_phase2/pcl.tsv").write_text("pert_id\tpcl\n")
    run = snakemake(tmp_path, repository / f"config/{name}.yaml", "--dry-run")
    assert run.returncode == 0, run.stderr[-2000:]
    counts = jobs(run.stdout + run.stderr)
    assert counts["download"] == DOWNLOADS[name]
    assert counts["preprocess"] == 1 + (name == JOINED)
    left = [p.name for p in tmp_path.rglob("*") if p.is_file() and ".snakemake" not in p.parts]
    assert left == ["pcl.tsv"] * (name == "lincs_phase2")


@pytest.mark.parametrize("name", DOWNLOADS)
def test_every_file_of_geo_is_held_against_its_list(repository, name):
    config = yaml.safe_load((repository / f"config/{name}.yaml").read_text())
    for path, settings in config["downloads"].items():
        assert path.startswith("resources/lincs" if name == JOINED else f"resources/{name}/")
        series = re.search(r"GSE\d+(?=/suppl)", settings["url"])
        if series:
            assert settings["checksums"].endswith(f"{series[0]}_SHA512SUMS.txt.gz")


def test_the_joined_configuration_fetches_what_the_others_do(repository):
    """Files are shared: a name stands for one address, size and checksum everywhere."""
    fetched = {}
    for name in DOWNLOADS:
        config = yaml.safe_load((repository / f"config/{name}.yaml").read_text())
        for path, settings in config["downloads"].items():
            assert fetched.setdefault(path, settings) == settings
    assert len(fetched) == sum(DOWNLOADS.values()) - DOWNLOADS[JOINED]


def phase2(repository, folder):
    """Make files of the shape of GSE70138, few signatures, and the preset's own options."""
    cells = ["A375", "HA1E", "HELA", "HT29", "MCF7", "PC3", "YAPC", "A549"]
    perts = [f"BRD-K{i:08d}" for i in range(8)]
    obs = pd.DataFrame([(p, c) for p in perts for c in cells], columns=["pert_id", "cell_id"])
    obs["pert_iname"] = (
        obs["pert_id"].map(dict(zip(perts, "abcdefg", strict=False))).fillna("MG-132")
    )
    obs["pert_idose"], obs["pert_itime"], obs["pert_type"] = "10.0 um", "24 h", "trt_cp"
    obs.index = pd.Index([f"sig{i}" for i in range(len(obs))], name="sig_id")
    genes = pd.DataFrame(
        {"pr_is_lm": [1, 1, 0]}, index=pd.Index(["1", "2", "3"], name="pr_gene_id")
    )
    x = np.random.default_rng(0).normal(size=(len(obs), 3)).astype(np.float32)
    write_gctx(folder / "level5.gctx", x, obs[[]], genes[[]])
    obs.to_csv(folder / "sig_info.txt", sep="\t")
    genes.to_csv(folder / "gene_info.txt", sep="\t")
    pcl = pd.DataFrame({"pert_id": perts, "pcl": np.resize(["CDK inhibitor", "mTOR inhibitor"], 8)})
    pcl[pcl["pert_id"] != perts[0]].to_csv(folder / "pcl.tsv", sep="\t", index=False)
    config = yaml.safe_load((repository / "config/lincs_phase2.yaml").read_text())
    restore_on(config)
    options = config["datasets"]["lincs_phase2"]
    names = ("signatures", "sig_info", "gene_info")
    files = {k: folder / options["source"][k].rpartition("/")[2] for k in names}
    options["labels"]["table"] = folder / "pcl.tsv"
    return make_source("gctx", files), {k: options[k] for k in ("labels", "filters", "split")}


def test_other_counts_than_published_stop_the_run(repository, tmp_path):
    source, options = phase2(repository, tmp_path)
    with pytest.raises(SvqvaeError) as caught:
        prepare(source, **options)
    assert caught.value.problems[:3] == [
        "filters.expected: filters.cell_id left 56 signatures, expected 85,183",
        "filters.expected: labels left 49 signatures, expected 12,079",
        "filters.expected: filters.exclude_perturbagens left 42 signatures, expected 9,769",
    ]
    assert "the steps were" in caught.value.problems[3]


def test_the_published_selection_on_files_of_its_shape(repository, tmp_path):
    source, options = phase2(repository, tmp_path)
    options["filters"]["expected"] = {
        "filters.cell_id": 56,
        "labels": 49,
        "filters.exclude_perturbagens": 42,
    }
    adata = prepare(source, **options).anndata()
    assert adata.shape == (42, 2)
    assert set(adata.obs["cell_id"]) == {"A375", "HA1E", "HELA", "HT29", "MCF7", "PC3", "YAPC"}
    assert "MG-132" not in set(adata.obs["pert_iname"])
    assert set(adata.obs["pert_dose_um"]) == {10.0}
    assert adata.obs.groupby("pert_id", observed=True)["fold"].nunique().max() == 1
