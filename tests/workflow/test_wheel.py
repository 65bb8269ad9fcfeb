"""The wheel, alone with its base dependencies in an environment of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import svqvae
from svqvae.io.convert import write

pytestmark = pytest.mark.slow

#: What a package manager says where it reaches no index.
_OFFLINE = ("dns error", "error sending request", "Failed to fetch", "network connectivity")


def run(*command, folder=None):
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    # As the Makefile does: uv does not read pip's find-links.
    environment.setdefault("UV_FIND_LINKS", os.environ.get("PIP_FIND_LINKS", ""))
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, cwd=folder, env=environment
    )


def install(*command, folder):
    """Run uv; skip where it reaches no index, fail where it fails for anything else."""
    beside = Path(sys.executable).with_name("uv")
    uv = beside if beside.exists() else shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not installed; `make` brings it")
    done = run(uv, *command, folder=folder)
    if done.returncode and any(words in done.stderr for words in _OFFLINE):
        pytest.skip(f"no package index is reachable: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def environment(repository, tmp_path_factory):
    """Return the `bin` of an environment with the wheel and what it requires, nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    # A copy, so that building leaves nothing in the checkout.
    source = folder / "source"
    shutil.copytree(
        repository / "svqvae", source / "svqvae", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(repository / name, source / name)
    install("build", "--quiet", "--wheel", "--out-dir", folder, source, folder=folder)
    (wheel,) = folder.glob("svqvae-*.whl")
    install("venv", "--quiet", "--python", sys.executable, folder / "env", folder=folder)
    python = folder / "env" / "bin" / "python"
    constraints = repository / "constraints.txt"
    arguments = ["--quiet", "--python", python, "--constraints", constraints, wheel]
    install("pip", "install", *arguments, folder=folder)
    return python.parent


def test_it_brings_the_version_and_the_commands(environment, tmp_path):
    assert run(environment / "svqvae", "--version", folder=tmp_path).stdout.split() == [
        svqvae.__version__
    ]
    code = "from importlib.metadata import version as v; import svqvae; print(v('svqvae'))"
    found = run(environment / "python", "-c", code, folder=tmp_path)
    assert found.stdout.split() == [svqvae.__version__], found.stderr
    text = run(environment / "python", "-m", "svqvae", "--help", folder=tmp_path).stdout
    for command in ("predict", "embed", "simulate", "convert"):
        assert command in text


def test_every_file_of_the_package_is_in_it(environment, repository):
    (installed,) = environment.parent.glob("lib/python*/site-packages/svqvae")
    for path in (repository / "svqvae").rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            assert (installed / path.relative_to(repository / "svqvae")).is_file(), path


def test_it_has_none_of_the_extras(environment, tmp_path):
    code = "import importlib.util as u; print(*(m for m in {names} if u.find_spec(m)))"
    names = ["gseapy", "igraph", "matplotlib", "scanpy", "seaborn", "snakemake", "statsmodels"]
    found = run(environment / "python", "-c", code.format(names=names), folder=tmp_path)
    assert found.returncode == 0
    assert found.stdout.split() == []


@pytest.mark.parametrize(
    ("code", "extra"),
    [
        ("from svqvae.pl import save", "plots"),
        ("from svqvae.tl.relations import clusters; clusters.leiden_cuts([[0, 1], [1, 0]])", ""),
        ("from svqvae.tl import fdr; fdr.benjamini_hochberg([0.1])", ""),
        ("from svqvae.tl.genes import enrichment as e; e.class_enrichment(None, {})", "enrichment"),
    ],
)
def test_a_missing_extra_is_named_where_it_is_needed(environment, tmp_path, code, extra):
    found = run(environment / "python", "-c", code, folder=tmp_path)
    assert "SvqvaeError" in found.stderr
    assert f"pip install 'svqvae[{extra or 'analysis'}]'" in found.stderr


@pytest.mark.parametrize(("preset", "settings"), [("svqvae", {"epochs": 2}), ("lda", {})])
def test_it_predicts_as_here(environment, tmp_path, simulated, preset, settings):
    model = svqvae.make_model(simulated, preset=preset, labels_key="class", **settings)
    model.train(seed=0).save(tmp_path / "model")
    new = simulated[:12].copy()
    write(new, tmp_path / "new.gctx")
    arguments = ["predict", "model", "new.gctx", "--out", "found.tsv", "--top", "3"]
    found = run(environment / "svqvae", *arguments, folder=tmp_path)
    assert found.returncode == 0, found.stderr
    table = pd.read_csv(tmp_path / "found.tsv", sep="\t")
    expected = model.predict(new, top=3).reset_index(drop=True)
    pd.testing.assert_frame_equal(table[expected.columns], expected, check_dtype=False, rtol=1e-4)
