"""Broken configurations and tables: non-zero in seconds, a message to act on, nothing left."""

import copy

import h5py
import numpy as np
import pandas as pd
import pytest
import yaml

from svqvae.errors import SvqvaeError
from svqvae.pp.preprocess import prepare
from svqvae.pp.simulation import Simulation, write_simulated
from svqvae.pp.source import make_source
from svqvae.run.config import check, read_schema

SIM = Simulation(
    groups=2,
    classes_per_group=2,
    compounds_per_class=3,
    cell_lines=2,
    doses=1,
    landmark_genes=30,
    inferred_genes=5,
    unlabelled_compounds=1,
)
GOOD = {
    "datasets": {
        "mine": {
            "source": {
                "kind": "gctx",
                "signatures": "signatures.gctx",
                "sig_info": "sig_info.txt",
                "gene_info": "gene_info.txt",
            },
            "labels": {"key": "moa", "table": "pert_info.txt"},
            "filters": {"genes": "landmark"},
            "split": {"folds": 3},
        }
    },
    "models": {"mean": {"preset": "class_mean"}},
}


def edit_table(name, change):
    def edit(folder, config):
        table = pd.read_csv(folder / name, sep="\t", dtype=str)
        change(table).to_csv(folder / name, sep="\t", index=False)

    return edit


def edit_config(*path, value):
    def edit(folder, config):
        node = config
        for key in path[:-1]:
            node = node.setdefault(key, {})
        node[path[-1]] = value

    return edit


def nan_in_matrix(folder, config):
    with h5py.File(folder / "signatures.gctx", "r+") as file:
        file["0/DATA/0/matrix"][3, 4] = np.nan


def not_a_gctx(folder, config):
    (folder / "signatures.gctx").write_text("<html>404 not found</html>")


def one_class(table):
    table["moa"] = "only"
    return table


def other_ids(table):
    return table.assign(sig_id="X" + table["sig_id"])


MINE = ("datasets", "mine")
BROKEN = {
    "misspelt key": (
        edit_config(*MINE, "filter", value={}),
        "datasets.mine: unknown key 'filter'; did you mean 'filters'?",
    ),
    "wrong type": (
        edit_config(*MINE, "split", "folds", value="three"),
        "datasets.mine.split.folds: found 'three', expected a whole number",
    ),
    "missing file": (
        edit_config(*MINE, "source", "sig_info", value="sig_inf.txt"),
        "no file 'sig_inf.txt'; did you mean 'sig_info.txt'?",
    ),
    "unknown label column": (
        edit_config(*MINE, "labels", "key", value="mao"),
        "pert_info.txt: no column 'mao'; did you mean 'moa'?",
    ),
    "sig_ids that match nothing": (
        edit_table("sig_info.txt", other_ids),
        "sig_info.txt: none of its 26 sig_id values occurs in signatures.gctx",
    ),
    "NaN in the matrix": (nan_in_matrix, "1 values in 1 signatures are NaN or infinite, first in"),
    "one class only": (edit_table("pert_info.txt", one_class), "only one class is left, 'only'"),
    "everything filtered away": (
        edit_config(*MINE, "filters", "min_perturbagens_per_class", value=9),
        "filters.min_perturbagens_per_class left no signature of 24",
    ),
    "duplicate sig_id": (
        edit_table("sig_info.txt", lambda t: pd.concat([t, t.head(1)])),
        "sig_info.txt: 1 duplicate sig_id, first 'SIM001_A375_24H:BRD-S00000000:10'",
    ),
    "folds > compounds of a class": (
        edit_config(*MINE, "split", "folds", value=5),
        "split.folds is 5, but 4 classes have fewer pert_id: 'mechanism A1' (3)",
    ),
    "unknown preset": (
        edit_config("models", "mean", "preset", value="clas_mean"),
        "models.mean: unknown preset 'clas_mean'; did you mean 'class_mean'?",
    ),
    "labels that contradict each other": (
        edit_table("pert_info.txt", lambda t: pd.concat([t, t.head(1).assign(moa="other")])),
        "1 perturbagens have more than one moa: 'BRD-S00000000",
    ),
    "a count that is not the expected one": (
        edit_config(*MINE, "filters", "expected", value={"labels": 25}),
        "filters.expected: labels left 24 signatures, expected 25",
    ),
    "ranks of unknown scale": (
        edit_config(*MINE, "filters", "quality", value={"is_gold": "auto"}),
        "filters.quality.is_gold: the signatures have no column 'pct_self_rank_q25'",
    ),
    "not a GCTX": (not_a_gctx, "signatures.gctx: not a GCTX (HDF5) file"),
}


@pytest.fixture
def folder(tmp_path):
    write_simulated(tmp_path, SIM)
    return tmp_path


#: Through Snakemake, seconds each: one that is told before anything runs, one by a table, one late.
BY_SNAKEMAKE = ("wrong type", "duplicate sig_id", "NaN in the matrix")


def prepare_as_the_workflow(folder, config, schema):
    """Check and preprocess as the Snakefile and its script do, in this process."""
    check(config, schema, root=folder)
    dataset = config["datasets"]["mine"]
    files = {k: v for k, v in dataset["source"].items() if k != "kind"}
    parts = {k: dataset[k] for k in ("labels", "filters", "split")}
    prepare(make_source("gctx", files), **parts).write(folder / "out.h5ad")


@pytest.mark.parametrize("name", BROKEN)
def test_broken_input_has_its_message_and_leaves_nothing(name, folder, repository, monkeypatch):
    monkeypatch.chdir(folder)
    breaking, message = BROKEN[name]
    config = copy.deepcopy(GOOD)
    breaking(folder, config)
    schema = read_schema(repository / "workflow" / "schemas" / "config.schema.yaml")
    with pytest.raises(SvqvaeError) as caught:
        prepare_as_the_workflow(folder, config, schema)
    assert message in str(caught.value)
    assert not list(folder.glob("*out.h5ad*"))


@pytest.mark.parametrize("name", BY_SNAKEMAKE)
def test_broken_input_ends_with_a_message_and_leaves_nothing(name, folder, snakemake):
    breaking, message = BROKEN[name]
    config = copy.deepcopy(GOOD)
    breaking(folder, config)
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    run = snakemake(folder, folder / "config.yaml")
    output = run.stdout + run.stderr
    assert run.returncode != 0
    assert message in output, output[-3000:]
    assert "Traceback" not in output
    left = {p.name for p in (folder / "results").rglob("*") if p.is_file() and p.suffix != ".log"}
    # What is kept of a run that began, beside its logs.
    assert left <= {"run_times.tsv", "commands.tsv"}


def test_the_unbroken_input_passes(folder, repository, monkeypatch):
    """Else the tests above could pass for another reason."""
    monkeypatch.chdir(folder)
    schema = read_schema(repository / "workflow" / "schemas" / "config.schema.yaml")
    prepare_as_the_workflow(folder, GOOD, schema)
    assert (folder / "out.h5ad").is_file()


def test_a_failed_rerun_does_not_cost_good_results(folder, snakemake):
    """Snakemake deletes outputs before their job; they come back, and are made again next time."""
    target, config = "results/mine/signatures.h5ad", folder / "config.yaml"
    config.write_text(yaml.safe_dump(GOOD))
    assert snakemake(folder, config, target).returncode == 0
    made = {p: p.read_bytes() for p in (folder / "results/mine").iterdir()}
    assert len(made) == 4
    table = (folder / "pert_info.txt").read_text()
    (folder / "pert_info.txt").write_text("pert_id\tmoa\n")
    run = snakemake(folder, config, target, "--forceall")
    assert run.returncode != 0
    assert "Of earlier runs 4 files were put back" in run.stderr
    assert {p: p.read_bytes() for p in (folder / "results/mine").iterdir()} == made
    assert {p.name for p in (folder / "results").iterdir()} == {"mine", "logs"}
    (folder / "pert_info.txt").write_text(table)
    run = snakemake(folder, config, target)
    assert "Nothing to be done" not in run.stderr
    assert (folder / target).read_bytes() == made[folder / target]
