"""The configurations of LINCS: planned as they are, and prepared on look-alikes in their form."""

import re

import pytest
import yaml
from lincs_files import IDS, KNOCKDOWN_LINES, PHASE2_LINES, pcl, write_all
from test_workflow import jobs

from svqvae.errors import SvqvaeError
from svqvae.pp.preprocess import prepare
from svqvae.pp.source import columns_of, make_source, paths_of
from svqvae.run.config import restore_on
from svqvae.run.config_file import read_config
from svqvae.run.downloads import plan

DOWNLOADS = {
    "lincs_phase2": 5,
    "lincs_phase2_hub": 6,
    "lincs_knockdown": 3,
    "lincs2020": 4,
    "lincs2020_active": 4,
    "lincs_drug_targets": 7,
}
#: Ours, and what it is shown beside.
RIVALS = {
    *("svqvae", "paper", "class_mean_cosine", "class_mean_whitened", "lda"),
    "logistic_regression",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All files of LINCS where the configurations expect them."""
    folder = tmp_path_factory.mktemp("lincs")
    write_all(folder)
    return folder


def read(repository, name):
    config = read_config(repository / f"config/{name}.yaml")
    restore_on(config)
    return config


def prepared(repository, folder, name, dataset=None, **filters):
    """Return a data set of a configuration as its options make it, some filters changed."""
    options = read(repository, name)["datasets"][dataset or name]
    source, labels = options["source"], dict(options["labels"])
    files = {key: folder / path for key, path in paths_of(source).items()}
    if "table" in labels:
        labels["table"] = folder / labels["table"]
    split = dict(options.get("split", {}))
    if dataset == "knockdowns":  # of which nothing is held out
        split["folds"] = 1
    return prepare(
        make_source(source["kind"], files, columns=columns_of(source)),
        labels=labels,
        filters={**options["filters"], **filters},
        split=split,
        clip=options["clip"],
    )


def steps(made):
    return made.account.set_index("step")["signatures"].to_dict()


@pytest.mark.parametrize("name", DOWNLOADS)
def test_dry_run_plans_downloads_and_touches_nothing(snakemake, repository, tmp_path, name):
    if name == "lincs_phase2":  # table S7 is the user's to bring
        run = snakemake(tmp_path, repository / f"config/{name}.yaml", "--dry-run")
        assert run.returncode != 0
        assert "labels.table: no file 'resources/lincs_phase2/pcl.tsv'" in run.stdout + run.stderr
        (tmp_path / "resources/lincs_phase2").mkdir(parents=True)
        pcl(tmp_path / "resources/lincs_phase2/pcl.tsv")
    run = snakemake(tmp_path, repository / f"config/{name}.yaml", "--dry-run")
    assert run.returncode == 0, run.stderr[-2000:]
    counts = jobs(run.stdout + run.stderr)
    assert counts["download"] == DOWNLOADS[name] == len(plan(read(repository, name)))
    assert counts["preprocess"] == len(read(repository, name)["datasets"])
    left = [p.name for p in tmp_path.rglob("*") if p.is_file() and ".snakemake" not in p.parts]
    assert left == ["pcl.tsv"] * (name == "lincs_phase2")


@pytest.mark.parametrize("name", DOWNLOADS)
def test_every_file_of_geo_is_held_against_its_list(repository, name):
    for settings in read(repository, name)["downloads"].values():
        series = re.search(r"GSE\d+(?=/suppl)", settings["url"])
        if series:
            assert settings["checksums"].endswith(f"{series[0]}_SHA512SUMS.txt.gz")
        else:
            assert {"size", "sha256"} < set(settings)


def test_configurations_share_the_files_that_they_fetch(repository):
    """A path stands for one address, size and checksum everywhere."""
    fetched = {}
    for path in sorted((repository / "config").glob("*.yaml")):
        config = yaml.safe_load(path.read_text())
        for place, settings in config.get("downloads", {}).items():
            assert fetched.setdefault(place, settings) == settings, (path.name, place)


@pytest.mark.parametrize("name", DOWNLOADS)
def test_ours_runs_beside_its_strongest_rivals(repository, name):
    models = read(repository, name)["models"].values()
    assert RIVALS <= {settings["preset"] for settings in models}


@pytest.mark.parametrize("name", DOWNLOADS)
def test_what_a_run_takes_is_said(repository, name):
    head = (repository / f"config/{name}.yaml").read_text().partition("title:")[0]
    words = " ".join(line.lstrip("# ") for line in head.splitlines())
    assert re.search(r"[Ee]stimate", words)
    for word in ("on 2 cores", "on 16", "GB of memory", "with a GPU", "on look-alikes"):
        assert word in words, word


def test_other_counts_than_published_stop_the_run(repository, folder):
    with pytest.raises(SvqvaeError) as caught:
        prepared(repository, folder, "lincs_phase2")
    assert caught.value.problems[:3] == [
        "filters.expected: filters.cell_id left 98 signatures, expected 85,183",
        "filters.expected: labels left 84 signatures, expected 12,079",
        "filters.expected: filters.exclude_perturbagens left 77 signatures, expected 9,769",
    ]
    assert "the steps were" in caught.value.problems[3]
    with pytest.raises(SvqvaeError, match="filters.cell_id left 180 signatures, expected 116,782"):
        prepared(repository, folder, "lincs_knockdown")


def test_the_published_selection_of_phase_2(repository, folder):
    expected = {"filters.cell_id": 98, "labels": 84, "filters.exclude_perturbagens": 77}
    made = prepared(repository, folder, "lincs_phase2", expected=expected)
    adata = made.anndata()
    assert adata.shape == (77, 3)
    assert set(adata.obs["cell_id"]) == set(PHASE2_LINES)
    assert "MG-132" not in set(adata.obs["pert_iname"])
    assert set(adata.obs["pert_dose_um"]) == {10.0}
    assert adata.obs.groupby("pert_id", observed=True)["fold"].nunique().max() == 1


def test_phase_2_by_the_hub(repository, folder):
    """By Broad id but for two compounds, which the hub has under another: by key and by name."""
    made = prepared(repository, folder, "lincs_phase2_hub")
    assert steps(made)["filters.cell_id"] == 98
    assert len(made.obs) == 84
    assert set(made.obs["class"]) == {"CDK inhibitor", "mTOR inhibitor"}
    by = made.labels.set_index("pert_id")["joined_by"]
    assert by[IDS[:3]].tolist() == ["pert_iname", "inchi_key", "pert_id"]
    assert made.labels["status"].value_counts().to_dict() == {"labelled": 12, "no label": 2}
    assert made.obs["tas"].tolist() == [0.3] * 84
    assert set(made.obs["target"]) == {"CDK1|CDK2", "MTOR"}


def test_knock_downs(repository, folder):
    made = prepared(repository, folder, "lincs_knockdown", expected={})
    assert set(made.obs["cell_id"]) == set(KNOCKDOWN_LINES)
    assert set(made.obs["class"]) == {"CDK1", "CDK2", "MTOR"}
    assert len(made.obs) == 3 * 6 * 9
    assert made.obs.groupby("pert_id", observed=True)["fold"].nunique().max() == 1


def test_lincs_2020(repository, folder):
    made = prepared(repository, folder, "lincs2020")
    assert steps(made)["read"] == steps(made)["filters.pert_type"] == 14 * 12
    assert steps(made)["filters.quality.qc_pass"] == 14 * 11
    assert len(made.obs) == 12 * 11
    assert set(made.obs["class"]) == {"CDK inhibitor", "mTOR inhibitor"}
    assert made.var["pr_gene_symbol"].tolist() == ["CDK1", "CDK2", "MTOR"]


def test_active_signatures_of_lincs_2020(repository, folder):
    """Eleven of twelve are active, of one compound nine: it has too few of them."""
    made = prepared(repository, folder, "lincs2020_active")
    left = steps(made)
    assert left["filters.quality.tas"] == 13 * 11 + 9
    assert left["labels"] == 11 * 11 + 9
    assert left["filters.min_signatures_per_perturbagen"] == 11 * 11
    assert made.obs["tas"].min() == 0.5
    assert IDS[2] not in set(made.obs["pert_id"])
    assert made.obs.groupby("compound", observed=True)["fold"].nunique().max() == 1


def test_drug_targets(repository, folder):
    compounds = prepared(repository, folder, "lincs_drug_targets", "compounds")
    knocked = prepared(repository, folder, "lincs_drug_targets", "knockdowns")
    lines = {"A375", "HA1E", "HT29", "MCF7", "PC3"}
    assert set(compounds.obs["cell_id"]) == set(knocked.obs["cell_id"]) == lines
    targets = {t for v in compounds.obs["target"] for t in v.split("|")}
    assert targets == {"CDK1", "CDK2", "MTOR"} < set(knocked.obs["class"])
    assert set(compounds.var.index) <= set(knocked.var.index)
