"""Answers: what is ranked, what is said, and what missing genes do."""

import json

import numpy as np
import pandas as pd
import pytest

from svqvae.errors import SvqvaeError
from svqvae.models.registry import load_model, make_model
from svqvae.models.whitening import conditional_mean
from svqvae.query.ask import genes_of
from svqvae.query.library import write_library
from svqvae.query.lists import of_lists
from svqvae.query.missing import completed
from svqvae.query.write import as_json, as_text

COLUMNS = ["query", "genes_used", "genes_of_model", "rank", "predicted_class"]


@pytest.fixture(scope="module")
def model(simulated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "set" / "svqvae" / "model"
    trained = make_model(simulated, preset="svqvae", epochs=1).train()
    trained.save(folder)
    write_library(trained, simulated, folder)
    return load_model(folder)


def test_whole_signatures_are_ranked_as_predict_does(model, simulated):
    answer = model.query(simulated[:5], top=3)
    expected = model.predict(simulated[:5], top=3)
    assert list(answer.classes) == [*COLUMNS, "score", "probability", "novelty"]
    ranked = answer.classes.rename(columns={"query": "sig_id"})
    pd.testing.assert_frame_equal(ranked[list(expected)], expected)
    assert (answer.classes["genes_used"] == 120).all()


def test_a_table_of_changes_finds_its_class_at_any_scale(model, simulated):
    row = pd.Series(simulated.X[0], index=simulated.var_names)
    first = [model.query(scale * row, top=1).classes.iloc[0] for scale in (0.01, 1, 100)]
    assert len({one["predicted_class"] for one in first}) == 1
    assert len({round(one["probability"], 6) for one in first}) == 1


def test_missing_genes_are_counted_and_filled(model, simulated):
    part = simulated[:20, :90]
    answer = model.query(part, top=1)
    assert (answer.classes["genes_used"] == 90).all()
    assert "90 of 120 genes used" in answer.notes[part.obs_names[0]]
    whole = model.query(simulated[:20], top=1)
    same = answer.classes["predicted_class"] == whole.classes["predicted_class"]
    assert same.mean() > 0.7


def test_too_few_genes_tell_nothing(model, simulated):
    answer = model.query(simulated[:1, :2])
    assert "too few genes to tell anything" in " ".join(answer.notes[simulated.obs_names[0]])


def test_the_conditional_mean_is_that_of_a_normal_distribution():
    rng = np.random.default_rng(0)
    covariance = np.cov(rng.normal(size=(6, 50)))
    value, vector = np.linalg.eigh(covariance)
    w = (vector / np.sqrt(value)) @ vector.T
    x = rng.normal(size=(4, 6))
    # Most known, few known, all, none.
    known = np.array([[1, 0, 1, 1, 0, 1], [0, 0, 1, 0, 0, 1], [1] * 6, [0] * 6], dtype=bool)
    filled = conditional_mean(w, x, known)
    # Alone, a row has only what it needs computed; the same must come of it.
    alone = [conditional_mean(w, x[i : i + 1], known[i : i + 1]) for i in range(4)]
    np.testing.assert_allclose(np.concatenate(alone), filled, rtol=1e-10)
    for row, has, found in zip(x, known, filled, strict=True):
        mix = covariance[np.ix_(~has, has)] @ np.linalg.inv(covariance[np.ix_(has, has)])
        np.testing.assert_allclose(found[~has], mix @ row[has])
        np.testing.assert_array_equal(found[has], row[has])


def test_genes_speak_for_and_against_the_first_class(model, simulated):
    answer = model.query(simulated[:1])
    genes = answer.genes
    assert set(np.sign(genes["contribution"])) == {1, -1}
    # Without those that speak for it the class has a lower score, ahead of the others.
    x = pd.DataFrame(simulated.X[:1], columns=simulated.var_names, index=["q"])
    for_it = genes.loc[genes["contribution"] > 0, "gene"]
    without = x.assign(**dict.fromkeys(for_it, 0.0))
    at = model.class_names.index(genes["class"].iloc[0])

    def ahead(table):
        scores = model.scores(table.to_numpy(np.float32))[0]
        return scores[at] - scores.mean()

    assert ahead(without) < ahead(x)


def test_compounds_come_from_the_library(model, simulated):
    answer = model.query(simulated[:3])
    near = answer.compounds
    assert list(near)[:7] == [
        *("query", "rank", "pert_id", "pert_iname", "class", "similarity", "percentile")
    ]
    assert near.loc[near["rank"] == 1, "pert_id"].tolist() == list(simulated.obs["pert_id"][:3])


def test_a_model_that_was_not_saved_has_no_compounds(simulated):
    answer = make_model(simulated, preset="lda").train().query(simulated[:2])
    assert answer.compounds is None


def test_lists_are_asked_from_python(model, simulated):
    order = np.argsort(simulated.X[0])
    names = simulated.var_names
    answer = model.query(up=names[order[-25:]], down=names[order[:25]], top=1)
    whole = model.query(simulated[:1], top=1)
    assert answer.classes["predicted_class"].tolist() == whole.classes["predicted_class"].tolist()
    with pytest.raises(SvqvaeError, match="found one of each"):
        model.query(up="up.txt", down=["1"])


def test_genes_that_long_lists_leave_out_do_not_move(model, simulated):
    order = np.argsort(simulated.X[0])

    def asked(n):
        genes = genes_of(model)
        up, down = (simulated.var_names[part].tolist() for part in (order[-n:], order[:n]))
        return completed(model, of_lists({"q": (up, down)}, genes, "lists"), None)[0]

    assert np.count_nonzero(asked(20)) == 40
    assert np.count_nonzero(asked(5)) > 100


def test_json_and_text_say_the_same(model, simulated):
    answer = model.query(simulated[:2], top=4)
    (first, _) = json.loads(as_json(answer))["queries"]
    assert first["query"] == simulated.obs_names[0]
    assert first["genes_used"] == 120
    assert [c["rank"] for c in first["classes"]] == [1, 2, 3, 4]
    assert first["compounds"][0]["pert_id"] == simulated.obs["pert_id"].iloc[0]
    text = as_text(answer)
    assert first["classes"][0]["predicted_class"] in text
    assert "nearest compounds" in text
