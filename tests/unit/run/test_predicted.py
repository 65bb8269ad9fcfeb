"""`svqvae predict` by signature and by compound, and what it says of each."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from svqvae.io.convert import write
from svqvae.models.registry import make_model
from svqvae.results import FILES
from svqvae.run.cli import app


@pytest.fixture(scope="module")
def run(simulated, tmp_path_factory):
    """A model in the results of its run, and signatures to predict."""
    folder = tmp_path_factory.mktemp("run")
    model = make_model(simulated, preset="class_mean_cosine").train()
    model.save(folder / "set" / "means" / "model")
    scores = model.predict(simulated, top=1).rename(columns={"probability": "confidence"})
    scores["class"] = scores["predicted_class"]
    # Those of the surer half were right.
    scores["true_rank"] = 1 + (scores["confidence"] < scores["confidence"].median())
    scores = scores.assign(fold=0, seed=0, pert_id=simulated.obs["pert_id"].to_numpy())
    path = FILES["held_out_scores"].path(folder, dataset="set", model="means")
    scores.to_csv(path, sep="\t", index=False)
    whole = model.predict(simulated, by="pert_id")
    whole["true_class"] = whole.groupby("pert_id")["predicted_class"].transform("first")
    whole.assign(fold=0, seed=0).to_csv(
        path.with_name("compound_predictions.tsv"), sep="\t", index=False
    )
    write(simulated, folder / "new.h5ad")
    return folder


def call(run, *arguments):
    model = run / "set" / "means" / "model"
    return CliRunner().invoke(app, ["predict", str(model), str(run / "new.h5ad"), *arguments])


def test_each_signature_is_told_whether_to_be_believed(run, tmp_path):
    out = tmp_path / "o.tsv"
    result = call(run, "--out", str(out), "--top", "2")
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out, sep="\t")
    assert list(table)[:5] == ["sig_id", "rank", "predicted_class", "score", "probability"]
    assert list(table)[-2:] == ["held_out_accuracy", "believed"]
    first = table[table["rank"] == 1].sort_values("probability")
    half = len(first) // 2
    assert (first["believed"][: half - 20] == "no").all()
    assert (first["believed"][half + 20 :] == "yes").all()
    assert "signatures are sure enough to be believed" in result.output


def test_compounds_are_predicted_by_all_their_signatures(run, simulated, tmp_path):
    out = tmp_path / "o.csv"
    result = call(run, "--out", str(out), "--by", "pert_id", "--top", "1")
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out)
    assert list(table)[:3] == ["pert_id", "n_signatures", "rank"]
    assert table["pert_id"].tolist() == list(dict.fromkeys(simulated.obs["pert_id"]))
    assert (table["believed"] == "yes").all()
    # Of other groups nothing was held out.
    result = call(run, "--out", str(out), "--by", "cell_id")
    assert "is not known" in result.output
    assert "believed" not in pd.read_csv(out)


def test_a_column_that_is_not_there_is_named(run, tmp_path):
    result = call(run, "--out", str(tmp_path / "o.tsv"), "--by", "pertid")
    assert result.exit_code == 1
    assert "did you mean 'pert_id'" in result.output
    assert np.char.count(result.output, "\n") < 4
