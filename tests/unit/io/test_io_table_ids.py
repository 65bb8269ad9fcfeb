"""The column of ids of a table of signatures, whatever it is called and wherever it stands."""

import numpy as np
import pandas as pd
import pytest
from io_cases import raises_naming

from svqvae.io import read, read_metadata

X = np.array([[0.5, 1.25], [-4, np.nan]], np.float32)


def put(path, text):
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["tsv", "parquet"])
@pytest.mark.parametrize(
    ("header", "rows", "ids"),
    [
        ("perturbagen\t780\t16", ["DB1\t0.5\t1.25", "DB2\t-4\tNA"], ["DB1", "DB2"]),
        ("780\tany name\t16", ["0.5\tDB1\t1.25", "-4\tDB2\tNA"], ["DB1", "DB2"]),
        ("780\t16\tWirkstoff", ["0.5\t1.25\tb", "-4\tNA\ta"], ["b", "a"]),
        ("perturbagen\t780\t16", ["1956\t0.5\t1.25", "7157\t-4\tNA"], ["1956", "7157"]),
        ("gene\t780\t16", ["1956\t0.5\t1.25", "7157\t-4\tNA"], ["1956", "7157"]),
        ("drug\t780\tMetadata_x\t16", ["p\t0.5\ty\t1.25", "q\t-4\ty\tNA"], ["p", "q"]),
        ("Metadata_x\t780\tdrug\t16", ["y\t0.5\tp\t1.25", "y\t-4\tq\tNA"], ["p", "q"]),
        ("sig_id\t780\tMetadata_drug\t16", ["1\t0.5\tp\t1.25", "2\t-4\tq\tNA"], ["1", "2"]),
    ],
)
def test_any_name_and_place(tmp_path, kind, header, rows, ids):
    path = put(tmp_path / "a.tsv", "\n".join([header, *rows]) + "\n")
    if kind == "parquet":
        table = pd.read_csv(path, sep="\t")
        table.to_parquet(path := tmp_path / "a.parquet")
    adata = read(path)
    assert list(adata.obs_names) == ids
    assert list(adata.var_names) == ["780", "16"]
    np.testing.assert_array_equal(adata.X, X)


def test_ids_that_look_like_numbers_here_and_there(tmp_path):
    path = put(tmp_path / "a.csv", "drug,780,16\n5,0.5,1.25\n5-FU,-4,NA\n")
    assert list(read(path).obs_names) == ["5", "5-FU"]


def test_an_index_that_only_counts_is_nobody_s(tmp_path):
    """What pandas writes unasked, before the column of ids."""
    table = pd.DataFrame({"drug": ["p", "q"], "780": X[:, 0], "16": X[:, 1]})
    table.to_csv(tmp_path / "a.csv")
    adata = read(tmp_path / "a.csv")
    assert list(adata.obs_names) == ["p", "q"]
    np.testing.assert_array_equal(adata.X, X)
    table.set_index("drug").rename_axis(None).to_csv(tmp_path / "a.csv")
    assert list(read(tmp_path / "a.csv").obs_names) == ["p", "q"]
    table.drop(columns="drug").to_csv(tmp_path / "a.csv")
    assert list(read(tmp_path / "a.csv").obs_names) == ["0", "1"]


def test_the_index_bears_the_name_of_the_column(tmp_path):
    named = put(tmp_path / "a.tsv", "perturbagen\t780\nDB1\t0.5\n")
    assert read_metadata(named)[0].index.name == "perturbagen"
    for plain in ("sig_id\t780\nDB1\t0.5\n", "\t780\nDB1\t0.5\n", "780\nDB1\t0.5\n"):
        assert read_metadata(put(tmp_path / "b.tsv", plain))[0].index.name is None


@pytest.mark.parametrize(
    ("text", "culprits"),
    [
        (
            "drug\tcell\t780\nDB1\tMCF7\t1\nDB2\tPC3\t2\n",
            ["which column holds the ids", "'drug', 'cell'", "call the one of ids 'sig_id'"],
        ),
        ("id\tname\t780\n1\tx\t1\n2\ty\t2\n", ["which column holds the ids", "'id', 'name'"]),
        (
            "a\tb\tc\td\te\t780\nx\tx\tx\tx\tx\t1\n",
            ["which column holds the ids", "'a', 'b', 'c', 'd' and 1 more"],
        ),
        ("drug\t780\nDB1\t1\nDB1\t2\n", ["1 duplicate signature ids", "'DB1'"]),
        ("drug\t780\nDB1\t1\n\t2\n", ["row 2 of its 2 signatures has no id"]),
        ("780\t16\n1\t2\n3\t4\n", ["no column of ids"]),
        ("Metadata_x\t780\ny\t1\n", ["no column of ids", "'Metadata_x'"]),
        ("drug\t780\t16\nDB1\tx\t1\nDB2\ty\t1\n", ["2 values are not numbers", "'780' holds 'x'"]),
        ("drug;780;gene_x\nDB1;0,5;0,5\n", ["with a decimal point"]),
    ],
)
def test_what_is_ambiguous_or_none_is_refused(tmp_path, text, culprits):
    with raises_naming(put(tmp_path / "a.tsv", text), *culprits):
        read(tmp_path / "a.tsv")


def test_parquet_with_two_columns_of_text(tmp_path):
    table = pd.DataFrame({"780": [0.5], "drug": ["p"], "cell": ["MCF7"]})
    table.to_parquet(tmp_path / "a.parquet")
    with raises_naming(tmp_path / "a.parquet", "which column holds the ids", "'drug', 'cell'"):
        read(tmp_path / "a.parquet")
