"""Checkouts and configurations in folders and under names that people have."""

import os
import re
import shlex
import shutil
import subprocess
import sys

import pandas as pd
import pytest
import yaml
from small_set import SMALL, TARGET

from svqvae.pp.simulation import write_simulated

CONFIG = {
    "datasets": {
        "mine": {
            "source": {
                "kind": "gctx",
                "signatures": "my data (copy)/signatures.gctx",
                "sig_info": "my data (copy)/sig_info.txt",
            },
            "labels": {"key": "moa", "table": "my data (copy)/pert_info.txt"},
            "filters": {"genes": "my genes.txt"},
            "split": {"folds": 3},
        }
    },
    "models": {"mean": {"preset": "class_mean"}},
}


@pytest.fixture
def checkout(repository, tmp_path):
    """A checkout with its own Python, in a folder of a given name."""

    def make(name):
        folder = tmp_path / name / "svqvae"
        for part in ("workflow", "svqvae", "config"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(repository / part, folder / part, ignore=ignored)
        (folder / ".venv").symlink_to(sys.prefix)
        return folder

    return make


def snakemake(folder, *arguments):
    """Run as in an activated environment, with nothing of the tests' own checkout on the path."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [str(folder / ".venv/bin/python"), "-m", "snakemake", *arguments, "--cores", "1"],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment,
    )


def test_a_run_in_a_folder_with_signs_of_the_shell(checkout):
    folder = checkout('My Drive, O\'Brien; R&D $HOME (copy) #1 "x"')
    write_simulated(folder / "my data (copy)", SMALL)
    table = pd.read_csv(folder / "my data (copy)/gene_info.txt", sep="\t", dtype=str)
    genes = list(table["pr_gene_id"])
    (folder / "my genes.txt").write_text("\n".join(genes[:20]))
    (folder / "my own settings.yaml").write_text(yaml.safe_dump(CONFIG))
    run = snakemake(folder, TARGET, "--configfile", "my own settings.yaml")
    assert run.returncode == 0, (run.stdout + run.stderr)[-3000:]
    assert (folder / TARGET).is_file()
    # The list of genes is an input: another one is read again.
    (folder / "my genes.txt").write_text("\n".join(genes[:10]))
    again = snakemake(folder, TARGET, "--configfile", "my own settings.yaml", "--dry-run")
    assert re.search(r"^preprocess +1$", again.stdout + again.stderr, re.M)


def test_braces_in_the_path_of_the_checkout_are_refused_in_a_sentence(checkout):
    folder = checkout("data {2024}")
    run = snakemake(folder, "--dry-run")
    output = run.stdout + run.stderr
    assert run.returncode != 0
    assert "has the characters { or }, which Snakemake takes for a wildcard" in output
    assert "data {2024}" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("name", ["my settings.yaml", "O'Brien.yaml", "a&b;c.yaml", "plain.yaml"])
def test_make_passes_one_configuration_whatever_its_name(repository, tmp_path, name):
    for part in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(repository / part, tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv/.ready").touch()
    python = tmp_path / ".venv/bin/python"
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@" >> arguments\n')
    python.chmod(0o755)
    subprocess.run(["make", "run", f"CONFIG={name}"], cwd=tmp_path, check=True)
    passed = (tmp_path / "arguments").read_text().splitlines()
    assert passed.count(name) == 2
    assert passed[-2:] == ["--configfile", name]


def test_documents_name_targets_before_the_configuration(repository):
    """`--configfile` takes all that follows it, targets too."""
    pages = [*repository.glob("*.md"), *repository.glob("*/*.md"), *repository.glob("config/*")]
    for page in pages:
        text = re.sub(r"\s+", " ", page.read_text())
        for command in re.findall(r"`([^`]*--configfile[^`]*)`", text):
            after = command.partition("--configfile")[2].split()
            assert all(word.startswith("-") for word in after[1:2]), f"{page}: {command}"


def test_two_modules_in_one_process_quote_python_once(checkout):
    folder = checkout("my folder")
    parts = [
        f"""
module {name}:
    snakefile: "workflow/Snakefile"
    config: {CONFIG | {"results": name}!r}
use rule * from {name} as {name}_*
"""
        for name in ("one", "two")
    ]
    parts.append("import sys\nwith open('python.txt', 'w') as file: file.write(sys.executable)\n")
    parts.append("rule mine:\n    default_target: True\n")
    (folder / "Snakefile").write_text("".join(parts))
    for path in ("signatures.gctx", "sig_info.txt", "pert_info.txt"):
        (folder / "my data (copy)").mkdir(exist_ok=True)
        (folder / "my data (copy)" / path).touch()
    (folder / "my genes.txt").touch()
    run = snakemake(folder, "--snakefile", "Snakefile", "--dry-run")
    assert run.returncode == 0, run.stderr[-2000:]
    written = (folder / "python.txt").read_text()
    assert shlex.split(written) == [str(folder / ".venv/bin/python")]


def test_elsewhere_the_default_configuration_is_that_of_the_checkout(checkout, tmp_path):
    folder = checkout("here")
    elsewhere = tmp_path / "else where é"
    elsewhere.mkdir()
    run = snakemake(folder, "--directory", str(elsewhere), "--dry-run")
    assert run.returncode == 0, run.stderr[-2000:]
    assert "simulate_dataset" in run.stdout + run.stderr
    # Another one that lies there goes first.
    (elsewhere / "config").mkdir()
    (elsewhere / "config/config.yaml").write_text("datasets: {}\n")
    run = snakemake(folder, "--directory", str(elsewhere), "--dry-run")
    assert run.returncode != 0
    assert "datasets" in run.stdout + run.stderr
