"""The public consensus set: its very bytes, as a user fetches them, by the configuration itself."""

from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest
import yaml
from l1000_files import public_folder
from loopback import Fault, Loopback

from svqvae.pp.preprocess import prepare
from svqvae.pp.source import columns_of, make_source, paths_of
from svqvae.run.config import restore_on
from svqvae.run.config_file import read_config

NAME = "l1000_consensus"
FOLDER = f"resources/{NAME}"


@pytest.fixture(scope="module")
def public(shared_data):
    """Folder of the files, under their names."""
    return public_folder(shared_data)


@pytest.fixture
def config(repository):
    found = read_config(repository / f"config/{NAME}.yaml")
    restore_on(found)
    return found


def test_what_it_holds(config, public):
    """Joined by InChIKey, then by name; counts as an independent join by hand had them."""
    dataset = config["datasets"][NAME]
    files = {k: public / Path(v).name for k, v in paths_of(dataset["source"]).items()}
    dataset["labels"]["table"] = public / Path(dataset["labels"]["table"]).name
    made = prepare(
        make_source("table", files, columns=columns_of(dataset["source"])),
        **{key: dataset[key] for key in ("labels", "filters", "split", "clip")},
    )
    steps = made.account.set_index("step")[["signatures", "perturbagens", "classes"]]
    assert steps.loc["read"].tolist() == [1170, 1170, 0]
    assert steps.loc["labels", "signatures"] == 1042
    assert steps.iloc[-1].tolist() == [611, 576, 49]
    assert made.labels["status"].value_counts().to_dict() == {
        "labelled": 1042,
        "unmatched": 116,
        "no label": 12,
    }
    by = made.labels.loc[made.labels["status"] == "labelled", "joined_by"].value_counts()
    assert by[by > 0].to_dict() == {
        "inchi_key": 749,
        "inchi_key14": 279,
        "pert_iname (any case)": 14,
    }
    # Three drugs have rows that say different things.
    assert made.labels["candidates"].notna().sum() == 3
    assert made.duplicates["compound"].nunique() == 32
    assert len(made.var) == made.var["pr_is_lm"].sum() == 978
    assert made.var.loc["7157", "pr_gene_symbol"] == "TP53"
    assert made.obs.loc["DB00945", ["pert_iname", "class"]].tolist() == [
        "Acetylsalicylic acid",
        "cyclooxygenase inhibitor",
    ]
    assert "PTGS1" in made.obs.loc["DB00945", "target"].split("|")
    assert made.obs.groupby("compound", observed=True)["fold"].nunique().max() == 1


@pytest.fixture
def served(config, public):
    """The four files on this machine, under the paths of their addresses."""
    with Loopback() as server:
        for path, settings in config["downloads"].items():
            address = urlsplit(settings["url"]).path.removeprefix("/")
            settings["url"] = server.serve(address, (public / Path(path).name).read_bytes())
        yield server


def write(folder, config):
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


def test_a_run_fetches_verifies_and_prepares_it(snakemake, config, served, public, tmp_path):
    target = f"results/{NAME}/signatures.h5ad"
    run = snakemake(tmp_path, write(tmp_path, config), target)
    assert run.returncode == 0, run.stderr[-3000:]
    for path in config["downloads"]:
        assert (tmp_path / path).read_bytes() == (public / Path(path).name).read_bytes()
    assert len(served.requests) == 4
    last = pd.read_csv(tmp_path / f"results/{NAME}/filters.tsv", sep="\t").iloc[-1]
    assert last[["signatures", "perturbagens", "classes"]].tolist() == [611, 576, 49]
    labels = pd.read_csv(tmp_path / f"results/{NAME}/labels.tsv", sep="\t")
    assert (labels["status"] == "labelled").sum() == 1042


def test_files_that_lie_there_are_used_and_nothing_is_fetched(
    snakemake, repository, config, public, tmp_path
):
    (tmp_path / "resources").mkdir()
    (tmp_path / FOLDER).symlink_to(public)
    run = snakemake(
        tmp_path, repository / f"config/{NAME}.yaml", "--dry-run", f"results/{NAME}/signatures.h5ad"
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert "preprocess" in run.stdout + run.stderr
    assert "download" not in (run.stdout + run.stderr).replace("downloads", "")


def corrupt(file):
    file.faults = [Fault("corrupt", 40_000)] * 9


def missing(file):
    file.faults = [Fault("status", status=404)] * 9


def another_size(file):
    file.body = file.body[:-1]


def cut_off(file):
    file.faults = [Fault("close", 40_000), Fault("status", status=403)]


BAD = {
    corrupt: (["sha256 is", "nothing was kept"], 2, []),
    missing: (["HTTP 404 Not Found; the server has no such file"], 1, []),
    another_size: (["the server offers 538464 bytes, expected 538465: another version?"], 1, []),
    # What came is kept beside, for the next run.
    cut_off: (["HTTP 403"], 2, [".genes.tsv.part", ".genes.tsv.part.json"]),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_download_is_told_and_nothing_is_in_place(snakemake, config, served, tmp_path, bad):
    words, requests, left = BAD[bad]
    path = f"{FOLDER}/genes.tsv"
    bad(served.files[urlsplit(config["downloads"][path]["url"]).path])
    run = snakemake(tmp_path, write(tmp_path, config), path)
    output = run.stdout + run.stderr
    assert run.returncode != 0
    assert all(word in output for word in words), output
    assert "Traceback" not in output
    assert len(served.requests) == requests
    folder = tmp_path / FOLDER
    assert (sorted(p.name for p in folder.iterdir()) if folder.exists() else []) == left
