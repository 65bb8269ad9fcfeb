"""Numbers that are ids of the file are ids; those that could be either are an error."""

import numpy as np
import pandas as pd
import pytest
from io_cases import raises_naming

from svqvae.io import read
from svqvae.io.convert import convert
from svqvae.io.gctx import write_gctx

GENES = ["780", "16", "23", "25", "30", "5", "9", "10"]
MASK = [True] + [False] * 7


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("numbers") / "a.gctx"
    obs = pd.DataFrame(
        {
            "cell_id": ["A375", "MCF7", None],
            "tas": [0.1, 0.5, np.nan],
            "is_hiq": ["TRUE", "FALSE", "TRUE"],
            "class": ["x", "y", "x"],
            "pert dose": [1, 2, 3],
        },
        index=["S:1", "S:2", "0012"],
    )
    var = pd.DataFrame({"pr_gene_id": GENES, "pr_is_lm": [1] * 4 + [0] * 4}, index=GENES)
    write_gctx(path, np.arange(24, dtype=np.float32).reshape(3, 8), obs, var)
    return path


@pytest.mark.parametrize(
    "genes",
    [
        [16, 23],
        (16, 23),
        {16, 23},
        (gene for gene in [16, 23]),
        (gene for gene in ["16", "23"]),
        ["16", 23],
        pd.Series([16, 23], index=[7, 9]),
        pd.Index([16, 23]),
        pd.array([16, 23], dtype="Int64"),
        pd.Categorical([16, 23]),
        np.array([16, 23], dtype=np.uint8),
        np.array([16.0, 23.0]),
        np.array(["16", "23"]),
        [b"16", b"23"],
        {16: 1, 23: 2}.keys(),
    ],
    ids=lambda genes: f"{type(genes).__name__} {np.asarray(genes).dtype}",
)
def test_ids_as_numbers_of_any_type(path, genes):
    adata = read(path, genes=genes)
    assert list(adata.var_names) == ["16", "23"]
    assert adata.X[0].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("genes", "expected"),
    [
        (16, ["16"]),
        (np.int64(16), ["16"]),
        ([0, 4], ["780", "30"]),  # no Entrez id is 0
        ([-1], ["10"]),
        (range(3), ["780", "16", "23"]),
        (slice(1, 3), ["16", "23"]),
        (slice(np.int64(0), 1), ["780"]),
        (MASK, ["780"]),
        (pd.array(MASK, dtype="boolean"), ["780"]),
        (pd.Series(MASK, index=GENES[::-1]), ["10"]),
        ([], []),
        (set(), []),
    ],
)
def test_one_number_positions_and_masks(path, genes, expected):
    assert list(read(path, genes=genes).var_names) == expected


@pytest.mark.parametrize(
    ("genes", "culprits"),
    [
        ([16, 4], ["numbers can be ids or positions", "1 of 2 are ids", "16", "4 is none"]),
        ([4, 6], ["numbers can be ids or positions", "none is 4", "as text", "a mask"]),
        ([10**30], ["numbers can be ids or positions"]),
        ([1.5], ["1.5 is no gene"]),
        ([None, "16"], ["None is no gene"]),
        ([np.nan], ["nan is no gene"]),
        (pd.array([16, None], dtype="Int64"), ["<NA> is no gene"]),
        (pd.array([True, None] * 4, dtype="boolean"), ["is no gene"]),
        ([True, 16], ["True is no gene"]),
        (True, ["the mask of genes has 1 values, not 8"]),
        (np.ones((2, 2)), ["by one list of ids"]),
        (pd.DataFrame({"a": [1]}), ["by one list of ids"]),
        (object(), ["is no gene"]),
        (slice(0, 5, 0), ["a slice takes positions"]),
        ("16", ["no yes-or-no question", "for one id, write a list"]),
    ],
)
def test_what_could_be_either_is_an_error(path, genes, culprits):
    with raises_naming(path, *culprits):
        read(path, genes=genes)


def test_numbers_are_positions_where_ids_are_no_numbers(path):
    assert list(read(path, rows=[2, 0, -2]).obs_names) == ["0012", "S:1", "S:2"]
    with raises_naming(path, "no signature at position 12", "there are 3"):
        read(path, rows=[12])


def test_ids_that_count_from_0_are_ids(tmp_path):
    index = ["2", "1", "0"]
    obs = pd.DataFrame(index=index)
    write_gctx(tmp_path / "a.gctx", np.zeros((3, 1)), obs, pd.DataFrame(index=["g"]))
    assert list(read(tmp_path / "a.gctx", rows=[0, 2]).obs_names) == ["0", "2"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("pr_gene_id in [466, 16]", ["16"]),
        ("pr_gene_id == 16", ["16"]),
        ("id == 16", ["16"]),
        ("16 == id", ["16"]),
        ("id == 16.0", ["16"]),
        ("id in [16, 23]", ["16", "23"]),
        ("id==[16, 23]", ["16", "23"]),
        ("id not in [16, 23, 25, 30, 5, 9]", ["780", "10"]),
        ("id != 16 and pr_is_lm == 1", ["780", "23", "25"]),
        ("pr_is_lm == 1 & id != 16", ["780", "23", "25"]),
        ("pr_gene_id.isin([16])", ["16"]),
        ("~pr_gene_id.isin([16, 23]) & pr_is_lm == 1", ["780", "25"]),
        ("pr_is_lm == '1'", ["780", "16", "23", "25"]),
        ("0 < pr_is_lm < 2", ["780", "16", "23", "25"]),
        ("index == 16", ["16"]),
        ("`id` == '16'", ["16"]),
    ],
)
def test_queries_compare_ids_with_numbers(path, query, expected):
    assert list(read(path, genes=query).var_names) == expected


def test_convert_takes_the_same_queries(path, tmp_path):
    assert convert(path, tmp_path / "b.gctx", genes="pr_gene_id in [16, 23]") == (3, 2)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("is_hiq == True", ["S:1", "0012"]),
        ("is_hiq != True", ["S:2"]),
        ("class == 'x'", ["S:1", "0012"]),
        ("`pert dose` > 1", ["S:2", "0012"]),
        ("tas > '0.2'", ["S:2"]),
        ("cell_id.str.startswith('A')", ["S:1"]),
        ("cell_id.isna()", ["0012"]),
        ("sig_id == '0012'", ["0012"]),
    ],
)
def test_queries_of_signatures(path, query, expected):
    assert list(read(path, rows=query).obs_names) == expected


@pytest.mark.parametrize(
    ("query", "culprit"),
    [
        ("sig_id == 12", "write values of it in quotes"),
        ("sig_id != 12", "write values of it in quotes"),
        ("sig_id < 12", "text has no order by number"),
        ("sig_id == 0012", "cannot be read"),
        ("tas > 'high'", "'tas' holds numbers, and 'high' is none"),
        ("`no` == 1", "no column 'no'"),
        ("@x == 1", "write the values"),
        ("9**9**9 == tas", "powers, shifts and repeated text"),
        ("cell_id == 'a' * 10000000000", "powers, shifts and repeated text"),
        ("S:1", "cannot be read"),
        ("", "cannot be read"),
        ("(", "cannot be read"),
        ("cell_id == 'A", "cannot be read"),
        ("cell_id.str.contains('(')", "cannot be read"),
        ("tas[99] > 1", "cannot be read"),
        ("tas.foo()", "cannot be read"),
        ("lambda: 1", "cannot be read"),
        ("[x for x in y]", "cannot be read"),
        ("f'{tas}'", "cannot be read"),
        ("__import__('os')", "cannot be read"),
        ("tas = 5", "cannot be read"),
        ("\0", "cannot be read"),
        ("True", "no yes-or-no question"),
        ("(" * 500 + "tas" + ")" * 500, "cannot be read"),
        ("tas > 1 and " * 999 + "tas", "too long"),
    ],
)
def test_queries_without_an_answer(path, query, culprit):
    with raises_naming(path, culprit) as caught:
        read(path, rows=query)
    assert len(str(caught.value)) < 700
