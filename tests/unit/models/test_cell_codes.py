"""Codes of classes in cell lines: what they are, where they count, and who decides it."""

from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from svqvae import make_model
from svqvae.data.matrix import SignatureMatrix
from svqvae.data.membership import Membership
from svqvae.models import cell_codes
from svqvae.models.cell_codes import OWN, TAU, CellCodes, are_better, can_help
from svqvae.models.combined import Combination
from svqvae.models.directions import DirectionSettings, solve
from svqvae.models.registry import load_model
from svqvae.models.whitening import unit_rows
from svqvae.query.solved import load_to_ask

CLASSES, GENES, COMPOUNDS, EACH = 4, 30, 8, 17
CELLS = ("A375", "MCF7")


def measured(alike, seed=0):
    """1,088 signatures; what a class does in a cell line is, or is not, what it does in another."""
    rng = np.random.default_rng(seed)
    compound, cell, _ = (
        a.ravel()
        for a in np.meshgrid(range(CLASSES * COMPOUNDS), range(2), range(EACH), indexing="ij")
    )
    label = compound % CLASSES
    profile = rng.normal(size=(CLASSES, 1 if alike else 2, GENES)).repeat(1 + alike, axis=1)
    own = 0.5 * rng.normal(size=(CLASSES * COMPOUNDS, GENES))
    x = profile[label, cell] + own[compound] + 2 * rng.normal(size=(len(label), GENES))
    obs = pd.DataFrame(
        {
            "class": [f"class {c}" for c in label],
            "pert_id": [f"P{c}" for c in compound],
            "cell_id": np.array(CELLS)[cell],
        },
        index=[f"s{i}" for i in range(len(label))],
    )
    return ad.AnnData(x.astype(np.float32), obs=obs)


@pytest.fixture(scope="module")
def different():
    return measured(alike=False)


@pytest.fixture(scope="module")
def model(different):
    return make_model(different, preset="svqvae", epochs=1, hidden=4).train_scores()


def parts(adata):
    x = np.asarray(adata.X)
    return x, pd.factorize(adata.obs["class"])[0], adata.obs["cell_id"].to_numpy(dtype=object)


def solved(adata, cell, **settings):
    x, label, _ = parts(adata)
    of = Membership.single(label, CLASSES)
    given = DirectionSettings(**settings)
    return solve(SignatureMatrix(x), label, of, settings=given, cell=cell)


def test_codes_are_means_in_the_cell_line_shrunk_to_that_of_the_class(different):
    x, label, cell = parts(different)
    found = solved(different, cell)
    z = found.centred(x).astype(float)
    for c in range(CLASSES):
        mean = z[label == c].mean(0)
        for number, name in enumerate(CELLS):
            here = (label == c) & (cell == name)
            expected = unit_rows((z[here].sum(0) + TAU * mean)[None] / (here.sum() + TAU))
            codebook = found.cells.codebook(found.codebook, number)
            np.testing.assert_allclose(codebook[c], expected[0], atol=1e-3)


def test_evidence_in_a_cell_line_is_by_its_codes_and_more_by_its_members(different):
    x, _, cell = parts(different)
    found = solved(different, cell, members=9)
    z = found.centred(x).astype(float)
    kernel = np.exp(z @ found.members.astype(float).T / found.settings.bandwidth)
    is_of = np.eye(CLASSES)[found.member_class]
    evidence = found.evidence(x, cell)
    for number, name in enumerate(CELLS):
        here = cell == name
        weight = is_of * np.where(found.cells.member_cell == number, 1 + OWN, 1)[:, None]
        of_members = np.log(kernel[here] @ (weight / weight.sum(0)))
        of_codes = z[here] @ found.cells.codebook(found.codebook, number).T / 0.2
        np.testing.assert_allclose(evidence[here], of_codes + of_members, atol=2e-3)


def test_where_no_cell_line_is_known_the_class_codes_are_compared(different):
    x, _, cell = parts(different)
    found = solved(different, cell)
    plain = solved(different, None)
    np.testing.assert_array_equal(found.evidence(x), plain.evidence(x))
    for unknown in ("", "no such line"):
        other = np.full(len(x), unknown, dtype=object)
        np.testing.assert_array_equal(found.evidence(x, other), plain.evidence(x))
    assert (found.evidence(x, cell) != plain.evidence(x)).any()
    # Cell lines of some rows leave the others alone.
    some = np.where(np.arange(len(x)) % 3 == 0, cell, "")
    np.testing.assert_allclose(found.evidence(x, some)[1::3], plain.evidence(x)[1::3], atol=1e-4)


def test_few_signatures_make_no_code_of_their_own(different):
    _, label, cell = parts(different)
    rare = np.where((label == 1) & (cell == "MCF7"), "", cell)
    rare[np.flatnonzero(rare == "")[: cell_codes._FEWEST - 1]] = "MCF7"
    found = solved(different, rare)
    assert found.cells.index(np.array(CELLS)).tolist() == [0, 1]
    pairs = set(zip(found.cells.of_class.tolist(), found.cells.of_cell.tolist(), strict=True))
    assert pairs == {(c, n) for c in range(CLASSES) for n in range(2)} - {(1, 1)}
    np.testing.assert_array_equal(found.cells.codebook(found.codebook, 1)[1], found.codebook[1])
    assert (found.cells.member_cell == -1).any()


def test_large_sets_of_several_cell_lines_can_be_helped():
    many = np.array(["A", "B"] * 500, dtype=object)
    assert can_help(many)
    assert not can_help(None)
    assert not can_help(many[:-1])
    assert not can_help(np.where(many == "B", "", many))


def test_left_out_compounds_decide_by_more_than_a_standard_error():
    compound = np.repeat(np.arange(20), 5)
    rng = np.random.default_rng(0)
    without = rng.normal(size=100)
    of_compound = rng.normal(size=20)
    of_compound = (of_compound - of_compound.mean()) / of_compound.std(ddof=1)
    error = 1 / np.sqrt(20)
    for ahead, better in ((0.5 * error, False), (1.5 * error, True), (-2 * error, False)):
        assert are_better(without + (of_compound + ahead)[compound], without, compound) is better
    assert not are_better(without[:0], without[:0], compound[:0])


def test_they_are_used_where_cell_lines_differ_and_only_there(model, different):
    assert model.directions.cells is not None
    alike = make_model(measured(alike=True), preset="svqvae", epochs=1, hidden=4).train_scores()
    assert alike.directions.cells is None
    # Then nothing is left of them: the same as if no cell line had been known.
    without = measured(alike=True)
    del without.obs["cell_id"]
    same = make_model(without, preset="svqvae", epochs=1, hidden=4).train_scores()
    x = np.asarray(without.X)[::50]
    np.testing.assert_array_equal(alike.scores(x), same.scores(x))
    new = measured(alike=False)
    found = model.predict(new, top=1)["predicted_class"] == new.obs["class"].to_numpy()
    blind = model.predict(ad.AnnData(new.X, obs=new.obs[["class"]], var=new.var), top=1)
    assert found.mean() > (blind["predicted_class"] == new.obs["class"].to_numpy()).mean()


def test_global_representations_are_those_of_the_classes(model, different):
    plain = solved(different, None)
    np.testing.assert_allclose(model.codes, plain.codes, atol=1e-6)
    assert model.classes().obsm["X_code"].shape == (CLASSES, GENES)


def test_predictions_are_in_the_cell_line_of_each_signature(model, different):
    x, _, cell = parts(different)
    table = model.predict(different[:40], top=1)
    np.testing.assert_allclose(table["score"], model.scores(x[:40], cell[:40]).max(1), rtol=1e-5)
    codes, _ = pd.factorize(different.obs["pert_id"])
    one = Combination.of(model, different, codes).log_probability()
    obs = different.obs.assign(cell_id="")
    other = Combination.of(model, ad.AnnData(x, obs=obs, var=different.var), codes)
    assert not np.allclose(one, other.log_probability())
    answer = model.query(different[:5], top=1)
    np.testing.assert_allclose(answer.classes["score"], table["score"][:5], rtol=1e-5)
    by = model.query(different[:5], top=1, by="pert_id").classes
    expected = model.predict(different[:5], top=1, by="pert_id")
    np.testing.assert_allclose(by["score"], expected["score"], rtol=1e-5)


def test_they_are_saved_and_answer_without_torch(model, different, tmp_path):
    model.save(tmp_path)
    x, _, cell = parts(different)
    for load in (load_model, load_to_ask):
        again = load(tmp_path)
        np.testing.assert_array_equal(again.scores(x, cell), model.scores(x, cell))
        np.testing.assert_array_equal(again.scores(x), model.scores(x))


def test_what_is_left_out_reaches_no_code_of_a_cell_line(different):
    known = np.arange(different.n_obs) % 4 != 0
    model = make_model(different, preset="svqvae")
    part = model.of_rows(known).solved()
    alone = make_model(different[known].copy(), preset="svqvae")
    # What is left is of fewer signatures than could help by themselves.
    assert alone._cell_lines is None
    alone._cell_lines = different.obs["cell_id"].to_numpy(dtype=object)[known]
    other = alone.solved()
    assert part.arrays().keys() == other.arrays().keys()
    for name, value in part.arrays().items():
        np.testing.assert_array_equal(value, other.arrays()[name], err_msg=name)


def test_arrays_of_different_models_are_refused(different):
    found = solved(different, parts(different)[2])
    of = found.cells.arrays()
    with pytest.raises(ValueError, match="codes of cell lines are not of one model"):
        CellCodes.take({**of, "cells.of_cell": of["cells.of_cell"] + 2})
    with pytest.raises(ValueError, match="not of one model"):
        replace(found, cells=replace(found.cells, member_cell=found.cells.member_cell[1:]))
    assert CellCodes.take({"codebook": found.codebook}) is None
