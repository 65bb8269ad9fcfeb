"""Signatures in TSV, CSV and Parquet: ids, metadata columns, genes."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from io_cases import PROPERTY, TEXT, assert_same_table, raises_naming, signatures

from svqvae.io import read, read_metadata
from svqvae.io.convert import write
from svqvae.io.matrix_table import TableFile, write_matrix_table

KINDS = ["tsv", "txt.gz", "csv", "csv.gz", "parquet"]
# A quoted line end within a field is legal CSV, but a table of one row a line is clearer.
NAME = TEXT.filter(lambda name: not name.startswith("Metadata_") and name not in ("sig_id",))


@pytest.mark.parametrize("kind", KINDS)
@PROPERTY
@given(drawn=signatures(NAME))
def test_round_trip_is_exact(tmp_path, kind, drawn):
    x, obs, var = drawn
    var.index = [f"g{name}" for name in var.index]
    path = tmp_path / f"a.{kind}"
    write_matrix_table(path, x, obs, var)
    with TableFile(path) as file:
        got = file.read(np.arange(len(obs)), np.arange(len(var)))
        np.testing.assert_array_equal(got, x)
        assert list(file.var.index) == list(var.index)
        assert_same_table(file.obs, obs)


@pytest.mark.parametrize("kind", KINDS)
def test_parts_of_a_longer_table(tmp_path, kind, monkeypatch):
    monkeypatch.setattr("svqvae.io.table_parquet._BLOCK_CELLS", 40)
    monkeypatch.setattr("svqvae.io.table_text._BLOCK_BYTES", 500)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((100, 7)).astype(np.float32)
    x[3, 2] = np.nan
    obs = pd.DataFrame({"cell_id": "MCF7"}, index=[f"S{i}" for i in range(100)])
    path = tmp_path / f"a.{kind}"
    write(ad.AnnData(x, obs=obs, var=pd.DataFrame(index=list("abcdefg"))), path)
    rows, genes = rng.permutation(100)[:60], [6, 0, 2, 2]
    np.testing.assert_array_equal(read(path, rows=rows, genes=genes).X, x[rows][:, genes])


def test_profiles_as_others_write_them(tmp_path):
    path = tmp_path / "profiles.csv"
    path.write_text(
        "Metadata_pert_id,780,16,Metadata_sig_id\nBRD-1,0.5,-1,one\nBRD-2,NA,2,two\n",
        encoding="utf-8",
    )
    adata = read(path)
    assert list(adata.obs_names) == ["one", "two"]
    assert list(adata.var_names) == ["780", "16"]
    assert adata.obs["pert_id"].to_list() == ["BRD-1", "BRD-2"]
    np.testing.assert_array_equal(adata.X, np.array([[0.5, -1], [np.nan, 2]], np.float32))
    assert list(read_metadata(path)[0].columns) == ["pert_id"]


@pytest.mark.parametrize(
    ("text", "culprits"),
    [
        ("", ["not a table"]),
        ("sig_id\nA\n", ["no gene among its columns"]),
        ("sig_id\tg\tg\nA\t1\t2\n", ["two columns are called 'g'"]),
        (
            "sig_id\tg1\tg2\nA\t1\n",
            ["not a tab-separated table", "1 rows have not the 3 fields", "row 1 of the body"],
        ),
        (
            "sig_id\tg1\tg2\nA\t1\tx\n",
            ["1 values are not numbers", "'g2' holds 'x' (signature 'A')"],
        ),
        (
            "sig_id\tg1\nA\t1\nB\t1\t2\n",
            ["1 rows have not the 2 fields", "first row 2 of the body with 3"],
        ),
        ("sig_id\tg1\nA\t1\nA\t2\n", ["1 duplicate signature ids", "'A'"]),
    ],
)
def test_malformed_text(tmp_path, text, culprits):
    path = tmp_path / "a.tsv"
    path.write_text(text, encoding="utf-8")
    with raises_naming(path, *culprits):
        read(path)


def test_malformed_parquet(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 but not more")
    with raises_naming(path, "not a table"):
        read(path)
    pd.DataFrame({"sig_id": ["A"], "g1": ["x"]}).to_parquet(path)
    with raises_naming(path, "column 'g1' holds 'x' (of type string)"):
        read(path)
