"""Parquet: ids are those of the index that pandas wrote; nothing of the index is a gene."""

import gzip

import numpy as np
import pandas as pd
import pytest
from io_cases import raises_naming

from svqvae.io import read

X = np.array([[0.5, 1.25], [-4, np.nan]], np.float32)


def frame(**columns):
    table = pd.DataFrame({"780": [0.5, -4.0], "16": [1.25, -666.0]}, index=["A:1", "B:2"])
    table.insert(0, "Metadata_pert_id", ["BRD1", "BRD2"])
    return table.assign(**columns)


def moved(table):
    """Make a column of ids and put it last."""
    table = table.rename_axis("sig_id").reset_index()
    return table[[*table.columns[1:], "sig_id"]]


TABLES = {
    "named": frame().rename_axis("sig_id"),
    "named otherwise": frame().rename_axis("cid"),
    "unnamed": frame(),
    "like a metadata column": frame().rename_axis("Metadata_pert_id"),
    "like metadata": frame().rename_axis("pert_id"),
    "last": moved(frame()),
    "first, unprefixed": frame().rename_axis("cid").reset_index(),
    "several levels": frame(x=[1, 2]).rename_axis("sig_id").set_index("x", append=True),
    "columns have a name": frame().rename_axis("genes", axis=1),
    "categories": moved(frame()).astype({"sig_id": "category", "Metadata_pert_id": "category"}),
    "nullable": moved(frame()).convert_dtypes(),
    "of pyarrow": moved(frame()).convert_dtypes(dtype_backend="pyarrow"),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_ids_are_the_index(tmp_path, name):
    TABLES[name].to_parquet(tmp_path / "a.parquet")
    adata = read(tmp_path / "a.parquet")
    assert list(adata.obs_names) == ["A:1", "B:2"]
    assert list(adata.var_names) == ["780", "16"]
    np.testing.assert_array_equal(adata.X, X)
    assert adata.obs["pert_id"].to_list() == ["BRD1", "BRD2"]


@pytest.mark.parametrize(
    ("index", "ids"),
    [
        (pd.RangeIndex(2), ["0", "1"]),
        (pd.RangeIndex(5, 9, 2), ["5", "7"]),
        (pd.RangeIndex(2, name="sig_id"), ["0", "1"]),
        (pd.Index([7, 9]), ["7", "9"]),
        (pd.Index([7.0, 9.0]), ["7", "9"]),
    ],
)
def test_numbers_as_index(tmp_path, index, ids):
    frame().set_axis(index).to_parquet(tmp_path / "a.parquet")
    adata = read(tmp_path / "a.parquet")
    assert (list(adata.obs_names), list(adata.var_names)) == (ids, ["780", "16"])
    assert adata.obs["pert_id"].to_list() == ["BRD1", "BRD2"]


@pytest.mark.parametrize(
    ("table", "culprits"),
    [
        (frame().set_index("Metadata_pert_id", append=True), ["an index of 2 levels"]),
        (frame().set_axis([None, "a"]), ["row 1 of its 2 signatures has no id"]),
        (frame().set_axis(["a", "a"]), ["1 duplicate signature ids"]),
        (frame(Metadata_l=[[1], [2]]), ["'Metadata_l' holds list"]),
        (frame(cell_id=["A375", "MCF7"]), ["'cell_id' holds 'A375'", "'Metadata_cell_id'"]),
        (frame(pert_time=[24, 6]), ["'pert_time' holds '24'", "'Metadata_pert_time'"]),
        (frame(g=[True, False]), ["'g' holds 'True' (of type bool)"]),
        (frame().drop(columns="Metadata_pert_id").T, ["lies genes down"]),
        (pd.DataFrame(index=["a"]), ["no gene among its columns"]),
    ],
)
def test_what_is_refused(tmp_path, table, culprits):
    table.to_parquet(tmp_path / "a.parquet")
    with raises_naming(tmp_path / "a.parquet", *culprits):
        read(tmp_path / "a.parquet")


def test_without_an_index_no_column_is_taken_for_ids(tmp_path):
    path = tmp_path / "a.parquet"
    for table in (frame(), frame().drop(columns="Metadata_pert_id")):
        table.to_parquet(path, index=False)
        with raises_naming(path, "no column of ids"):
            read(path)


def test_no_rows(tmp_path):
    frame()[:0].to_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").shape == (0, 2)


def test_packed_parquet_is_named(tmp_path):
    path = tmp_path / "a.parquet.gz"
    path.write_bytes(gzip.compress(b"PAR1"))
    with raises_naming(path, "packed as gzip, and Parquet packs itself"):
        read(path)


def test_long_whole_numbers_keep_every_digit(tmp_path):
    frame(Metadata_lot=pd.array([2**60 + 1, None], dtype="Int64")).to_parquet(
        tmp_path / "a.parquet"
    )
    assert str(read(tmp_path / "a.parquet").obs["lot"].iloc[0]) == str(2**60 + 1)
