"""The command line as a user types it."""

import re
import subprocess
import sys

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from svqvae.io import read
from svqvae.io.convert import write
from svqvae.io.gctx import write_gctx
from svqvae.models.registry import make_model
from svqvae.run.cli import app


@pytest.fixture(scope="module")
def files(simulated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    make_model(simulated, preset="paper", epochs=2).train().save(folder / "model")
    plain = ad.AnnData(simulated.X[:12], obs=simulated.obs[["cell_id"]][:12])
    plain.var_names = simulated.var_names
    order = np.random.default_rng(0).permutation(plain.n_vars)
    write(plain[:, order].copy(), folder / "new.gctx")
    write(plain, folder / "new.gct")
    write(plain, folder / "new.h5ad")
    return folder


def call(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_predict_gives_the_same_for_every_kind_and_gene_order(files, tmp_path):
    tables = []
    for name in ("new.gctx", "new.gct", "new.h5ad"):
        out = tmp_path / f"{name}.tsv"
        result = call("predict", files / "model", files / name, "--out", out, "--top", 3)
        assert result.exit_code == 0, result.output
        tables.append(pd.read_csv(out, sep="\t"))
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])
    assert list(tables[0].columns) == ["sig_id", "rank", "predicted_class", "score", "probability"]
    assert len(tables[0]) == 36


def test_simulate_and_embed_write_anndata(files, tmp_path):
    out = tmp_path / "s.h5ad"
    result = call("simulate", files / "model", "--class", "mechanism A1", "-n", 7, "--out", out)
    assert result.exit_code == 0, result.output
    assert ad.read_h5ad(out).shape == (7, 120)
    result = call("embed", files / "model", files / "new.gct", "--out", tmp_path / "e.h5ad")
    assert result.exit_code == 0, result.output
    assert ad.read_h5ad(tmp_path / "e.h5ad").obsm["X_svqvae"].shape == (12, 1000)


def test_convert_keeps_values_and_metadata(files, tmp_path):
    result = call("convert", files / "new.gct", tmp_path / "a.gctx")
    assert result.exit_code == 0, result.output
    one, other = read(files / "new.gct"), read(tmp_path / "a.gctx")
    np.testing.assert_array_equal(one.X, other.X)
    assert one.obs["cell_id"].tolist() == other.obs["cell_id"].tolist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict", "{}/nothing", "{}/new.gct", "--out", "x.tsv"], "not a saved model"),
        (["predict", "{}/model", "{}/none.gctx", "--out", "x.tsv"], "no such file"),
        (["predict", "{}/model", "{}/new.doc", "--out", "x.tsv"], "unknown kind"),
        (
            ["simulate", "{}/model", "--class", "mechanism A", "--out", "x.h5ad"],
            "did you mean 'mechanism A",
        ),
        (["simulate", "{}/model", "--class", "mechanism A1", "--out", "x.tsv"], ".h5ad"),
        (
            [
                "simulate",
                "{}/model",
                "--class",
                "mechanism A1",
                "--cell",
                "A375",
                "--out",
                "x.h5ad",
            ],
            "preset 'paper' cannot simulate at a strength",
        ),
        (["convert", "{}/new.gct", "x.doc"], "unknown kind"),
    ],
)
def test_mistakes_end_with_a_sentence(files, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    result = call(*[a.format(files) for a in arguments])
    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["predict", "embed", "simulate", "convert"])
@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("folder", "a folder"),
        ("file/o{}", "is not a folder"),
        ("/proc/o{}", "cannot be written"),
        ("o.xlsx", "expected a name|unknown kind"),
        ("o", "expected a name|unknown kind"),
        ("new.h5ad", "would be replaced|expected a name"),
    ],
)
def test_out_is_checked_before_the_work(files, tmp_path, monkeypatch, command, out, message):
    """The model is not there: whoever loads it first ends with another error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "new.h5ad").write_bytes((files / "new.h5ad").read_bytes())
    before = {p: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()}
    target = out.format(".tsv" if command == "predict" else ".h5ad")
    arguments = {
        "predict": ["no_model", "new.h5ad", "--out", target],
        "embed": ["no_model", "new.h5ad", "--out", target],
        "simulate": ["no_model", "--class", "a", "--out", target],
        "convert": ["absent.h5ad", target],
    }
    if out == "new.h5ad" and command in ("simulate", "convert"):
        return  # they may replace it: it is not what they read
    result = call(command, *arguments[command])
    assert result.exit_code == 1
    assert re.search(message, result.output), result.output
    assert result.output.startswith(f"svqvae: {target}: ") or "unknown kind" in result.output
    assert len(result.output) < 1000
    assert {p: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()} == before


def test_predictions_with_commas(files, tmp_path):
    for name in ("o.csv", "o.tsv"):
        result = call("predict", files / "model", files / "new.h5ad", "--out", tmp_path / name)
        assert result.exit_code == 0, result.output
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "o.csv"), pd.read_csv(tmp_path / "o.tsv", sep="\t")
    )


def test_predictions_name_the_compounds_that_the_file_names(files, simulated, tmp_path):
    named = read(files / "new.h5ad")
    named.obs["pert_iname"] = [f"drug {i}" for i in range(12)]
    named[::-1].copy().write_h5ad(tmp_path / "named.h5ad")
    out = tmp_path / "o.tsv"
    result = call("predict", files / "model", tmp_path / "named.h5ad", "--out", out, "--top", 2)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out, sep="\t")
    assert list(table.columns)[-1] == "pert_iname"
    of = dict(zip(named.obs_names, named.obs["pert_iname"], strict=True))
    assert table["pert_iname"].tolist() == table["sig_id"].map(of).tolist()


@pytest.mark.parametrize("name", ["none.h5ad", "none.gctx"])
def test_a_file_without_signatures(files, tmp_path, name):
    plain = read(files / "new.h5ad")
    if name.endswith("h5ad"):
        plain[:0].copy().write_h5ad(tmp_path / name)
    else:
        write_gctx(tmp_path / name, plain.X[:0], plain.obs[:0], plain.var)
    for command, out in (("predict", "o.tsv"), ("embed", "o.h5ad")):
        result = call(command, files / "model", tmp_path / name, "--out", tmp_path / out)
        assert result.exit_code == 1
        assert f"{tmp_path / name}: holds no signatures" in result.output
    result = call("convert", tmp_path / name, tmp_path / "o.h5ad")
    assert result.exit_code == 1
    assert "nothing to write" in result.output


def test_help_needs_no_torch():
    code = (
        "import sys, svqvae.run.cli; sys.exit('torch' in sys.modules or 'anndata' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
