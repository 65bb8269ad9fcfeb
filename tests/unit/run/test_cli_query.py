"""`svqvae query` as a user types it."""

import io
import json

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from svqvae.io.convert import write
from svqvae.models.registry import make_model
from svqvae.query.library import write_library
from svqvae.run.cli import app


@pytest.fixture(scope="module")
def model(simulated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "set" / "means" / "model"
    trained = make_model(simulated, preset="class_mean_cosine").train()
    trained.save(folder)
    write_library(trained, simulated, folder)
    return folder


@pytest.fixture
def table(simulated, tmp_path):
    """A table as limma writes it, of one signature."""
    path = tmp_path / "mine.csv"
    columns = {"logFC": simulated.X[0], "t": simulated.X[0], "P.Value": 0.1}
    pd.DataFrame(columns, index=simulated.var_names).to_csv(path)
    return path


def call(*arguments, **options):
    return CliRunner().invoke(app, ["query", *(str(a) for a in arguments)], **options)


def test_tables_have_the_columns_that_are_promised(model, table, tmp_path):
    out, near = tmp_path / "o.tsv", tmp_path / "c.tsv"
    result = call(model, table, "--out", out, "--compounds", near, "--top", 3)
    assert result.exit_code == 0, result.output
    classes, compounds = (pd.read_csv(path, sep="\t") for path in (out, near))
    assert list(classes) == [
        *("query", "genes_used", "genes_of_model", "rank", "predicted_class"),
        *("score", "probability", "novelty"),
    ]
    assert list(compounds)[:7] == [
        *("query", "rank", "pert_id", "pert_iname", "class", "similarity", "percentile")
    ]
    assert classes["query"].tolist() == compounds["query"].tolist() == ["mine"] * 3
    assert "120 of 120 genes used" in result.output


def test_without_a_place_it_is_there_to_be_read(model, table):
    result = call(model, table)
    assert result.exit_code == 0, result.output
    for part in ("== mine", "nearest compounds", "speak for", "values: statistic 't'"):
        assert part in result.output


def test_standard_input_and_output(model, table):
    result = call(model, "-", "--out", "-", input=table.read_bytes())
    assert result.exit_code == 0, result.output
    found = pd.read_csv(io.StringIO(result.stdout), sep="\t")
    assert found["rank"].tolist() == list(range(1, 9))


def test_json_and_the_page(model, table, tmp_path):
    assert call(model, table, "--out", tmp_path / "o.json").exit_code == 0
    (one,) = json.loads((tmp_path / "o.json").read_text())["queries"]
    assert {"query", "genes_used", "classes", "compounds"} <= set(one)
    result = call(model, table, "--out", tmp_path / "o.html")
    assert result.exit_code == 0, result.output
    assert one["classes"][0]["predicted_class"] in (tmp_path / "o.html").read_text()


def test_lists_and_many_queries(model, simulated, tmp_path):
    order = simulated.var_names[np.argsort(-simulated.X[0])]
    (tmp_path / "a_up.txt").write_text("\n".join(order[:20]))
    (tmp_path / "a_down.txt").write_text("\n".join(order[-20:]))
    result = call(model, "--up", tmp_path / "a_up.txt", "--down", tmp_path / "a_down.txt")
    assert "40 of 120 genes used" in result.output
    lines = ["\t".join([f"{n}_{way}", "x", *order[:5]]) for n in "ab" for way in ("UP",)]
    (tmp_path / "s.gmt").write_text("\n".join(lines))
    result = call(model, tmp_path / "s.gmt", "--out", tmp_path / "o.tsv")
    assert result.exit_code == 0, result.output
    assert pd.read_csv(tmp_path / "o.tsv", sep="\t")["query"].unique().tolist() == ["a", "b"]


def wrong_inputs(folder, model):
    """Return arguments and what their error must say to do, ten of them."""

    def text(name, content):
        (folder / name).write_text(content)
        return folder / name

    table = text("t.tsv", "gene\tlogFC\tP.Value\nYFG1\t1\t0.5\n")
    return [
        ([folder / "absent.tsv"], "absent.tsv: no such file"),
        ([text("a.rnk", "x\t1\n")], "expected .gctx, .gct, .h5ad"),
        ([table], "expected Entrez ids, symbols or Ensembl ids"),
        ([table, "--value", "logfc"], "did you mean 'logFC'"),
        ([table, "--gene", "genes"], "did you mean 'gene'"),
        ([], "expected one thing to ask of"),
        (["--up", text("up.txt", "A,B\n")], "expected one id or symbol a line"),
        ([text("list.txt", "TP53\nCDK2\n")], "give lists by --up list.txt"),
        ([table, "--out", folder / "o.xlsx"], "expected a name that ends in .tsv"),
        ([table, "--genes", table], "no column holds the model's gene ids"),
    ]


@pytest.mark.parametrize("at", range(10))
def test_wrong_inputs_say_what_to_do(at, model, tmp_path):
    arguments, message = wrong_inputs(tmp_path, model)[at]
    result = call(model, *arguments)
    assert result.exit_code == 1
    assert message in result.output, result.output
    assert "Traceback" not in result.output
    assert len(result.output) < 1000


def test_compounds_of_a_model_without_a_library(simulated, table, tmp_path):
    make_model(simulated, preset="lda").train().save(tmp_path / "lda")
    result = call(tmp_path / "lda", table, "--compounds", tmp_path / "c.tsv")
    assert result.exit_code == 1
    assert "has no library.h5ad" in result.output


@pytest.mark.parametrize("command", ["predict", "embed"])
def test_predict_and_embed_take_other_names_and_missing_genes(command, simulated, model, tmp_path):
    named = simulated.var_names.to_numpy(dtype=object).copy()
    part = ad.AnnData(simulated.X[:4, :100], obs=simulated.obs[["cell_id"]][:4])
    part.var_names = [f"X{name}" for name in named[:100]]  # as R writes numbers
    write(part, tmp_path / "n.h5ad")
    out = tmp_path / ("o.tsv" if command == "predict" else "o.h5ad")
    arguments = [command, str(model), str(tmp_path / "n.h5ad"), "--out", str(out)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "4 signatures" in result.output
