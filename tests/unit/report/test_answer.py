"""The page of an answer has what was asked, and of the run the classes that it names."""

import pandas as pd
import pytest
from pages import block, make_results

from svqvae.errors import SvqvaeError
from svqvae.models.registry import make_model
from svqvae.report.answer import write_answer


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_results(tmp_path_factory.mktemp("run") / "results", per_compound=2)


def folder_of(made):
    return made.folder / made.dataset / "model0" / "model"


def predictions(classes, queries=("mine", "other")):
    rows = [
        (query, rank, name, 1.0 / rank, 0.9 / rank, 0.25, 50, 60)
        for query in queries
        for rank, name in enumerate(classes, 1)
    ]
    columns = ["query", "rank", "predicted_class", "score", "probability", "novelty"]
    return pd.DataFrame(rows, columns=[*columns, "genes_used", "genes_of_model"])


def told(path):
    (dataset,) = block(path.read_text(encoding="utf-8"))["datasets"]
    return dataset


def test_of_the_run_it_has_the_classes_that_are_named(made, tmp_path):
    out, named = tmp_path / "a.html", made.classes[1:4]
    write_answer(out, folder=folder_of(made), predictions=predictions(named))
    dataset = told(out)
    (model,) = dataset["models"]
    assert dataset["tables"]["queries"]["rows"] == 2
    assert dataset["tables"]["answers"]["rows"] == 6
    assert dataset["tables"]["signatures"]["rows"] == 3 * 4 * 2
    assert model["tables"]["class_markers"]["rows"] == 3 * 50
    # Pairs of which one is named, of 28.
    assert model["tables"]["mechanism_correlations"]["rows"] == 18
    assert model["profiles"]["classes"]["rows"] == 3
    text = out.read_text(encoding="utf-8")
    assert "trained on made.gctx and 60 genes, among\nits 8 classes" in text


def test_a_model_alone_is_enough(simulated, tmp_path):
    model = make_model(simulated, preset="class_mean").train()
    model.save(tmp_path / "m")
    names = list(model.class_names[:2])
    out = tmp_path / "a.html"
    compounds = pd.DataFrame({"query": ["mine"], "rank": 1, "pert_id": "BRD-1", "similarity": 0.5})
    genes = pd.DataFrame({"query": ["mine"], "class": names[0], "gene": "1017", "symbol": "CDK2"})
    genes = genes.assign(value=2.0, contribution=0.3)
    write_answer(
        out,
        folder=tmp_path / "m",
        predictions=predictions(names, ["mine"]),
        compounds=compounds,
        genes=genes,
        classes=model.classes(),
        notes={"mine": "Too few genes: no class can be told."},
    )
    dataset = told(out)
    assert dataset["tables"]["query_compounds"]["rows"] == 1
    assert dataset["tables"]["query_genes"]["rows"] == 1
    columns = {column["name"] for column in dataset["tables"]["query_genes"]["columns"]}
    assert {"gene", "gene_id"} <= columns
    assert "Genes that speak for" in out.read_text(encoding="utf-8")
    assert dataset["models"][0]["profiles"]["classes"]["rows"] == 2
    assert dataset["models"][0]["tables"] == {}
    # The same inputs, the same bytes.
    again = {"folder": tmp_path / "m", "predictions": predictions(names, ["mine"])}
    write_answer(tmp_path / "b.html", **again)
    write_answer(tmp_path / "c.html", **again)
    assert (tmp_path / "b.html").read_bytes() == (tmp_path / "c.html").read_bytes()


def test_tables_of_another_model_are_not_taken_for_its_own(made, simulated, tmp_path):
    other = make_model(simulated, preset="class_mean").train()
    place = made.folder / made.dataset / "model1" / "model"
    other.save(place)
    write_answer(tmp_path / "a.html", folder=place, predictions=predictions([other.class_names[0]]))
    (model,) = told(tmp_path / "a.html")["models"]
    assert model["tables"] == {}


def test_what_is_missing_or_foreign_is_named(made, tmp_path):
    table = predictions(made.classes[:2])
    with pytest.raises(SvqvaeError, match="no column 'rank'"):
        renamed = table.rename(columns={"rank": "ranks"})
        write_answer(tmp_path / "a.html", folder=folder_of(made), predictions=renamed)
    with pytest.raises(SvqvaeError, match="the model has no class 'z'"):
        foreign = predictions(["z"])
        write_answer(tmp_path / "a.html", folder=folder_of(made), predictions=foreign)
