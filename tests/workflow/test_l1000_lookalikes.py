"""Configurations of L1000's consensus whose files are not here, on look-alikes in their form."""

import hashlib
from pathlib import Path

import pandas as pd
import pytest
import yaml
from l1000_files import broad_ids, entrez_ids, public_folder, renamed, rows_of
from loopback import Fault, Loopback

from svqvae.pp.preprocess import prepare
from svqvae.pp.source import columns_of, make_source, paths_of
from svqvae.run.config import check, read_schema, restore_on
from svqvae.run.config_file import read_config

ALL = "resources/l1000_all/consensi-pert_id.tsv.gz"
KNOCKDOWNS = "resources/l1000_knockdown/consensi-knockdown.tsv.gz"
STRANGERS = 20


@pytest.fixture(scope="module")
def public(shared_data):
    return public_folder(shared_data)


@pytest.fixture(scope="module")
def folder(public, tmp_path_factory):
    """All files as the configurations lay them."""
    folder = tmp_path_factory.mktemp("l1000")
    (folder / "resources").mkdir()
    (folder / "resources/l1000_consensus").symlink_to(public)
    for path, ids in ((ALL, broad_ids(public)), (KNOCKDOWNS, entrez_ids(public, STRANGERS))):
        (folder / path).parent.mkdir()
        (folder / path).write_bytes(renamed(public, ids))
    return folder


def read(repository, name):
    config = read_config(repository / f"config/{name}.yaml")
    restore_on(config)
    return config


def prepared(config, name, folder):
    dataset = config["datasets"][name]
    files = {k: folder / v for k, v in paths_of(dataset["source"]).items()}
    labels = dict(dataset["labels"])
    if "table" in labels:
        labels["table"] = folder / labels["table"]
    source = make_source("table", files, columns=columns_of(dataset["source"]))
    options = {k: dataset[k] for k in ("filters", "split", "clip")}
    if name == "knockdowns":  # of which nothing is held out, as the workflow has it
        options["split"] = {**options["split"], "folds": 1}
    return prepare(source, labels=labels, **options)


@pytest.mark.parametrize(
    ("name", "path", "blob"),
    [
        ("l1000_all", ALL, "fb5171f43fc2bce992e2b294f1e4a8350704abe1"),
        ("l1000_drug_targets", KNOCKDOWNS, "71f438d8f628dd33138c14296c6aeb80d688aebb"),
    ],
)
def test_they_are_valid_and_fetch_all_that_they_need(repository, tmp_path, name, path, blob):
    config = read(repository, name)
    schema = read_schema(repository / "workflow" / "schemas" / "config.schema.yaml")
    check(config, schema, root=tmp_path)
    assert config["downloads"][path]["git_blob"] == blob
    assert config["downloads"][path]["url"].endswith(f"/data/consensi/{Path(path).name}")
    consensus = read(repository, "l1000_consensus")["downloads"]
    others = {k: v for k, v in config["downloads"].items() if k != path}
    assert others.items() <= consensus.items()


def test_perturbagens_are_labelled_by_their_broad_ids(repository, public, folder):
    made = prepared(read(repository, "l1000_all"), "l1000_all", folder)
    hub = {row["broad_id"][:13]: row["moa"] for row in rows_of(public / "repurposing_info.tsv")}
    ids = broad_ids(public).values()
    # The hub has several rows of an id; where all of them have a mechanism, it is labelled.
    labelled = made.labels.set_index("pert_id")["status"] == "labelled"
    assert len(labelled) == len(ids)
    assert 900 < labelled.sum() == sum(bool(hub.get(i)) for i in ids)
    assert set(made.labels["joined_by"].dropna()) == {"pert_id"}
    assert made.obs["pert_id"].str.match(r"BRD-[AKM]\d{8}$").all()
    assert made.obs["pert_iname"].notna().all()
    assert len(made.var) == 978
    assert made.account["classes"].iloc[-1] > 40
    assert made.obs["target"].notna().mean() > 0.8


def test_knock_downs_are_named_by_the_symbols_of_their_genes(repository, public, folder):
    config = read(repository, "l1000_drug_targets")
    made = prepared(config, "knockdowns", folder)
    steps = made.account.set_index("step")["signatures"]
    assert steps["read"] - steps["labels"] == STRANGERS
    symbols = {row["entrez_gene_id"]: row["symbol"] for row in rows_of(public / "genes.tsv")}
    assert made.obs["class"].tolist() == [symbols[i] for i in made.obs["pert_id"]]
    assert made.obs["pert_id"].is_unique
    assert "cell_id" not in made.obs
    drugs = prepared(config, "drugs", folder)
    known = set("|".join(drugs.obs["target"].dropna().astype(str)).split("|"))
    assert len(known & set(made.obs["class"])) > 200
    assert drugs.var.index.equals(made.var.index)


def blob(body):
    return hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()


def configured(config, path, body, server, tmp_path, *faults):
    """Give a configuration the look-alike's address and id; write it down."""
    url = server.serve(Path(path).name, body, *faults)
    config["downloads"][path] = {"url": url, "git_blob": blob(body)}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    return tmp_path / "config.yaml"


def test_a_wrong_blob_is_refused_and_leaves_nothing(snakemake, repository, folder, tmp_path):
    config, body = read(repository, "l1000_all"), (folder / ALL).read_bytes()
    with Loopback() as server:
        faults = [Fault("corrupt", 9)] * 2
        path = configured(config, ALL, body, server, tmp_path, *faults)
        run = snakemake(tmp_path, path, ALL)
        output = run.stdout + run.stderr
        assert run.returncode != 0
        assert "git blob is" in output
        assert f"expected {blob(body)}" in output
        assert "Traceback" not in output
        assert len(server.requests) == 2
        assert not list((tmp_path / ALL).parent.glob("*"))
        assert not list((tmp_path / ALL).parent.glob(".*"))
        run = snakemake(tmp_path, path, ALL)
        assert run.returncode == 0, run.stderr[-3000:]
    assert (tmp_path / ALL).read_bytes() == body


@pytest.mark.slow
def test_drug_targets_of_a_consensus_are_ranked(snakemake, repository, public, folder, tmp_path):
    config = read(repository, "l1000_drug_targets")
    config["models"]["svqvae"]["epochs"] = 1
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources/l1000_consensus").symlink_to(public)
    with Loopback() as server:
        body = (folder / KNOCKDOWNS).read_bytes()
        path = configured(config, KNOCKDOWNS, body, server, tmp_path)
        run = snakemake(tmp_path, path, "results/drugs/drug_targets_summary.tsv")
        assert run.returncode == 0, run.stderr[-3000:]
    summary = pd.read_csv(tmp_path / "results/drugs/drug_targets_summary.tsv", sep="\t")
    assert summary["space"].tolist() == ["latent", "raw", "difference"]
    ranks = pd.read_csv(tmp_path / "results/drugs/drug_targets.tsv", sep="\t")
    # Each drug is compared with all knock-downs that have a symbol.
    assert set(ranks["n_genes"]) == {1170 - STRANGERS}
    assert len(ranks) > 100
