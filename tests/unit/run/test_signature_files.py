"""`svqvae signatures` from the shell."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import svqvae
from svqvae.run.cli import app


@pytest.fixture
def counts(tmp_path):
    """A table of 60 cells, two of whose genes the drug changes."""
    rng = np.random.default_rng(0)
    mean = np.full((60, 40), 5.0)
    mean[30:, 0], mean[30:, 1] = 50, 0.2
    obs = pd.DataFrame({"drug": ["DMSO"] * 30 + ["x"] * 30}, index=[f"c{i}" for i in range(60)])
    path = tmp_path / "cells.h5ad"
    genes = pd.DataFrame(index=[f"g{i}" for i in range(40)])
    ad.AnnData(rng.poisson(mean).astype(np.float32), obs=obs, var=genes).write_h5ad(path)
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["signatures", *map(str, arguments)])


def test_a_file_of_signatures_and_what_was_done(counts, tmp_path):
    done = run(counts, "--control", "drug=DMSO", "--out", tmp_path / "made.h5ad")
    assert done.exit_code == 0, done.output
    assert "1 signatures x 40 genes" in done.output
    assert "rows are cells, summed to pseudobulks" in done.output
    made = svqvae.read(tmp_path / "made.h5ad")
    assert made.obs_names.tolist() == ["x"]
    assert np.argsort(made.X[0])[[0, -1]].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--control", "drug=dmso"], "did you mean 'DMSO'?"),
        ([], "name it by --control"),
        (["--control", "drug=DMSO", "--sample", "donor"], "no column 'donor'"),
        (["--control", "drug=DMSO", "--level", "3", "--layer", "X"], "leave one of them out"),
    ],
)
def test_one_sentence_for_what_is_wrong(counts, tmp_path, arguments, said):
    done = run(counts, *arguments, "--out", tmp_path / "made.h5ad")
    assert done.exit_code == 1
    assert said in done.output
    assert "Traceback" not in done.output
    assert not (tmp_path / "made.h5ad").exists()


def test_the_file_that_is_read_is_not_written_over(counts):
    assert "would be replaced" in run(counts, "--control", "drug=DMSO", "--out", counts).output
