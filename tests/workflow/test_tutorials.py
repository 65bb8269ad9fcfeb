"""The tutorials, block by block, as a reader types them; whole runs and real data when slow."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import yaml
from l1000_files import public_folder

from svqvae.models.registry import make_model
from svqvae.query.gene_table import gene_table
from svqvae.query.library import write_library
from svqvae.results import FILES

_BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.M | re.DOTALL)
REFERENCE = Path("results/l1000_consensus/svqvae/model")
CLASS = "HMGCR inhibitor"


class Reader:
    """Follows a tutorial in a folder of its own.

    ``make`` is what each of its targets comes to there; what is said is kept by command.
    """

    def __init__(self, repository, folder, make):
        self.repository, self.folder, self.make, self.said = repository, folder, make, {}
        (folder / "docs").mkdir()
        shutil.copytree(repository / "docs" / "tutorials", folder / "docs" / "tutorials")
        (folder / ".venv" / "bin").mkdir(parents=True)
        script = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m svqvae "$@"\n'
        (folder / ".venv" / "bin" / "svqvae").write_text(script)
        (folder / ".venv" / "bin" / "svqvae").chmod(0o755)
        self.environment = {**os.environ, "PYTHONPATH": str(repository), "OMP_NUM_THREADS": "1"}

    def follow(self, name):
        text = (self.repository / "docs" / "tutorials" / name).read_text(encoding="utf-8")
        for kind, block in _BLOCK.findall(text):
            if kind == "python":
                self.run(block, [sys.executable, "-c", block])
                continue
            for line in block.splitlines():
                assert line.startswith("$ "), line
                command = line.removeprefix("$ ")
                if command.startswith("make "):
                    self.make[command.removeprefix("make ")](self.folder)
                else:
                    self.run(command, ["/bin/sh", "-c", command])
        return text

    def run(self, what, command):
        run = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        assert run.returncode == 0, f"{what}\n{run.stdout}{run.stderr}"
        self.said[what] = run.stdout + run.stderr


def asked(reader, start):
    """Return what the first command of a beginning said."""
    return next(said for what, said in reader.said.items() if what.startswith(start))


def planted(folder):
    """Save a model of a few classes of the tutorial's genes where the reference model would be.

    One of them moves the genes as the tutorial's table has it.
    """
    table = pd.read_csv(folder / "docs/tutorials/deseq2.csv", index_col=0)["stat"].dropna()
    entrez = gene_table().symbols
    table = table[[symbol in entrez for symbol in table.index]]
    rng = np.random.default_rng(0)
    profiles = rng.standard_normal((4, len(table))).astype(np.float32)
    profiles[0] = table
    x = np.repeat(profiles, 6, axis=0) + rng.standard_normal((24, len(table))).astype(np.float32)
    obs = pd.DataFrame(
        {
            "pert_id": [f"DB{i}" for i in range(24)],
            "pert_iname": [f"drug {i}" for i in range(24)],
            "class": np.repeat([CLASS, "b", "c", "d"], 6),
        },
        index=[f"s{i}" for i in range(24)],
    )
    adata = ad.AnnData(x, obs=obs)
    adata.var_names = [entrez[symbol] for symbol in table.index]
    adata.var["pr_gene_symbol"] = table.index.to_numpy()
    model = make_model(adata, preset="svqvae", epochs=1).train()
    model.save(folder / REFERENCE)
    write_library(model, adata, folder / REFERENCE)


def fetched_and_trained(snakemake, repository, public):
    """Return what `make reference` does, with the public files already there."""

    def make(folder):
        (folder / "resources").mkdir()
        (folder / "resources" / "l1000_consensus").symlink_to(public)
        recipe = (repository / "Makefile").read_text().partition("\nreference:")[2]
        assert "$(REFERENCE)/model.json" in recipe
        assert f"\nREFERENCE := {REFERENCE}\n" in (repository / "Makefile").read_text()
        run = snakemake(
            folder, repository / "config/l1000_consensus.yaml", f"{REFERENCE}/model.json"
        )
        assert run.returncode == 0, run.stderr[-3000:]

    return make


def first_class(said):
    """Return the class of rank 1 in an answer to be read."""
    return re.search(r"^ +1 +(.+?)  ", said, re.M)[1]


def test_the_answer_for_a_table(repository, tmp_path):
    reader = Reader(repository, tmp_path, {"reference": planted})
    reader.follow("query.md")
    said = asked(reader, ".venv/bin/svqvae query")
    assert first_class(said) == CLASS
    assert "values: statistic 'stat'" in said
    assert "rows have no value (NA): their genes are missing" in said
    assert (tmp_path / "answer.html").read_text().startswith("<!doctype html")
    assert pd.read_csv(tmp_path / "compounds.tsv", sep="\t")["pert_iname"].notna().all()
    assert CLASS in asked(reader, "import svqvae")


@pytest.mark.slow
def test_the_answer_for_a_table_by_the_real_model(repository, snakemake, shared_data, tmp_path):
    make = {"reference": fetched_and_trained(snakemake, repository, public_folder(shared_data))}
    reader = Reader(repository, tmp_path, make)
    text = reader.follow("query.md")
    said = asked(reader, ".venv/bin/svqvae query")
    shown = re.search(r"^```text\n(.*?)^```$", text, re.M | re.DOTALL)[1]
    assert first_class(shown) == first_class(said) == CLASS
    # What the tutorial shows is what is said; other processors train to other last digits.
    words = re.compile(r"[A-Za-z]{3,}")
    assert words.findall(shown)[:40] == words.findall(said)[:40]


def test_the_answer_for_single_cells(repository, tmp_path):
    pytest.importorskip("pydeseq2")
    reader = Reader(repository, tmp_path, {"reference": planted})
    reader.follow("cells.md")
    signature = ad.read_h5ad(tmp_path / "compound_x.h5ad")
    assert signature.obs["pert_id"].tolist() == ["compound X"]
    assert first_class(asked(reader, ".venv/bin/svqvae query")) == CLASS
    assert set(pd.read_csv(tmp_path / "compounds.tsv", sep="\t")["class"].head(6)) == {CLASS}


def follow_own(repository, snakemake, folder, *targets):
    """Follow the tutorial on own signatures; ``targets`` are what `make run` makes of the run."""

    def run(folder):
        made = snakemake(folder, folder / "mine.yaml", *targets)
        assert made.returncode == 0, made.stderr[-3000:]

    reader = Reader(repository, folder, {".venv/.ready": lambda folder: None})
    reader.make["run CONFIG=mine.yaml"] = run
    return reader, reader.follow("own.md")


def held(repository, folder, reader, text):
    """Hold what the tutorial says against what came of it."""
    shown = re.search(r"^```yaml\n(.*?)^```$", text, re.M | re.DOTALL)[1]
    assert (folder / "mine.yaml").read_text() == shown
    base = folder / "results" / "mine" / "my_signatures"
    near = pd.read_csv(base / "svqvae" / "nearest_compounds.tsv", sep="\t")
    assert (near["pert_id"] != near["nearest_pert_id"]).all()
    # The signature by its name; of the neighbour's signature, its cell line too.
    assert {"sig_id", "nearest_cell_id"} <= set(near)
    answer = pd.read_csv(folder / "answer.tsv", sep="\t")
    assert set(answer["predicted_class"]) == set(near["true_class"])
    for name in re.findall(r"`(\w+)\.tsv`", text):
        assert name in FILES, name


def test_training_on_own_signatures(repository, snakemake, tmp_path):
    wanted = ["benchmark_summary.tsv", "svqvae/model/model.json"]
    targets = [f"results/mine/my_signatures/{name}" for name in wanted]
    held(repository, tmp_path, *follow_own(repository, snakemake, tmp_path, *targets))


@pytest.mark.slow
def test_training_on_own_signatures_to_the_page(repository, snakemake, tmp_path):
    reader, text = follow_own(repository, snakemake, tmp_path)
    held(repository, tmp_path, reader, text)
    assert (tmp_path / "results/mine/report-mine.html").is_file()


def test_a_run_of_ones_own_has_few_jobs_and_touches_no_other_results(
    repository, snakemake, tmp_path
):
    """The template as it is, for an h5ad of the name that it has."""
    text = (repository / "config" / "own.yaml").read_text()
    assert len(text.splitlines()) <= 12
    signatures = tmp_path / yaml.safe_load(text)["datasets"]["mine"]["source"]["signatures"]
    signatures.parent.mkdir()
    ad.AnnData(np.zeros((2, 2), np.float32)).write_h5ad(signatures)
    run = snakemake(tmp_path, repository / "config" / "own.yaml", "--dry-run")
    output = run.stdout + run.stderr
    assert run.returncode == 0, output
    counts = {k: int(n) for k, n in re.findall(r"^(\w+) {2,}(\d+)$", output, re.M)}
    assert 10 <= counts["total"] <= 30
    made = re.findall(r"\bresults/\S+?(?=[,\s])", output)
    assert made
    assert all(path.startswith("results/own/") for path in made)
