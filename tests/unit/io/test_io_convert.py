"""Conversion: signatures and metadata survive from any kind to any other."""

import itertools

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from io_cases import PROPERTY, TEXT, assert_same_table, raises_naming, signatures
from scipy import sparse

from svqvae.io import read
from svqvae.io.convert import convert, write

KINDS = ["gctx", "gct", "gct.gz", "h5ad"]


def example():
    x = np.array([[np.pi, -1e-30], [0, 207.25], [-203.5, 1 / 3]], dtype=np.float32)
    obs = pd.DataFrame(
        {
            "pert_id": ["0001", "0002", "µ"],
            "cell_id": pd.Categorical(["A375", None, "A375"]),
            "dose": [0.1 + 0.2, np.nan, 3e-9],
            "gold": [True, False, True],
        },
        index=["sig é", "sig:2", 'sig"3'],
    )
    return ad.AnnData(
        x, obs=obs, var=pd.DataFrame({"pr_gene_id": ["780", "16"]}, index=["g1", "g2"])
    )


def assert_same(got, want):
    np.testing.assert_array_equal(got.X, want.X)
    assert list(got.obs_names) == list(want.obs_names)
    assert list(got.var_names) == list(want.var_names)
    assert got.obs["pert_id"].to_list() == ["0001", "0002", "µ"]
    assert got.var["pr_gene_id"].to_list() == ["780", "16"]
    assert got.obs["cell_id"].isna().to_list() == [False, True, False]
    assert got.obs["cell_id"].iloc[[0, 2]].to_list() == ["A375", "A375"]
    np.testing.assert_array_equal(got.obs["dose"], want.obs["dose"])
    assert [v in (True, 1, "True") for v in got.obs["gold"]] == [True, False, True]


@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("target", KINDS)
def test_any_kind_to_any_kind(tmp_path, source, target):
    write(example(), tmp_path / f"one.{source}")
    assert convert(tmp_path / f"one.{source}", tmp_path / f"sub/two.{target}") == (3, 2)
    assert_same(read(tmp_path / f"sub/two.{target}"), example())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_array, np.asfortranarray])
def test_sparse_and_transposed_values(tmp_path, kind, form):
    adata = example()
    adata.X = form(adata.X)
    write(adata, tmp_path / f"a.{kind}")
    assert_same(read(tmp_path / f"a.{kind}"), example())


@pytest.mark.parametrize("kind", KINDS)
def test_only_h5ad_keeps_layers_and_embeddings(tmp_path, kind):
    adata = example()
    adata.obsm["X_svqvae"] = np.ones((3, 2))
    adata.layers["raw"] = adata.X * 2
    adata.uns["svqvae"] = {"clip": 10.0}
    write(adata, tmp_path / f"a.{kind}")
    got = read(tmp_path / f"a.{kind}")
    if kind == "h5ad":
        np.testing.assert_array_equal(got.layers["raw"], adata.layers["raw"])
        np.testing.assert_array_equal(got.obsm["X_svqvae"], np.ones((3, 2)))
        assert got.uns["svqvae"]["clip"] == 10
    else:
        assert not got.layers and not got.obsm and not got.uns


@pytest.mark.parametrize("kind", KINDS)
def test_onto_itself(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    write(example(), path)
    convert(path, path)
    assert_same(read(path), example())
    assert list(tmp_path.iterdir()) == [path]


def test_unknown_target_is_refused_before_reading(tmp_path):
    with raises_naming(tmp_path / "out.doc", "unknown kind"):
        convert(tmp_path / "absent.gctx", tmp_path / "out.doc")


@pytest.mark.parametrize("kind", KINDS)
def test_bad_source_keeps_the_old_target(tmp_path, kind):
    target = tmp_path / f"out.{kind}"
    target.write_text("old")
    bad = tmp_path / "bad.gct"
    bad.write_text("#1.2\n1\t1\nid\tD\tA\ng\tx\tword\n")
    with raises_naming(bad, "'word'"):
        convert(bad, target)
    assert target.read_text() == "old"
    assert sorted(tmp_path.iterdir()) == sorted([bad, target])


@pytest.mark.parametrize("name", ["modz_level5_n272x978", "level5_n5x10"])
def test_real_gctx_through_gct_and_h5ad(tmp_path, shared_data, name):
    source = shared_data / f"l1000_plates/{name}.gctx"
    first = read(source)
    before = source
    for step in ("1.gct", "2.h5ad", "3.gctx"):
        assert convert(before, tmp_path / step) == first.shape
        before = tmp_path / step
    last = read(before)
    np.testing.assert_array_equal(last.X, first.X)
    assert list(last.obs_names) == list(first.obs_names)
    for got, want in ((last.obs, first.obs), (last.var, first.var)):
        assert sorted(got.columns) == sorted(want.columns)
        for column in want:
            assert got[column].isna().equals(want[column].isna())
            present = want[column].notna()
            assert got[column][present].to_list() == want[column][present].to_list(), column


# What every kind can hold: GCTX has no column called id, and no slash in a name.
COLUMN = TEXT.filter(lambda name: "/" not in name and name not in ("id", ".", "_index"))


def same(got, want):
    """Compare tables in which text that is a number may have become that number."""
    got = got.astype(object)
    for name in want:
        for row, value in want[name].items():
            if isinstance(value, str) and not isinstance(got.loc[row, name], str):
                got.loc[row, name] = value if float(value) == got.loc[row, name] else None
    assert_same_table(got, want)


@PROPERTY
@given(drawn=signatures(COLUMN), kinds=st.lists(st.sampled_from(KINDS), min_size=2, max_size=4))
def test_a_chain_of_conversions_loses_nothing(tmp_path, drawn, kinds):
    x, obs, var = drawn
    kinds = ["gctx", *kinds]  # h5ad itself refuses columns of mixed types
    write(ad.AnnData(x, obs=obs, var=var), tmp_path / f"0.{kinds[0]}")
    for step, (source, target) in enumerate(itertools.pairwise(kinds)):
        convert(tmp_path / f"{step}.{source}", tmp_path / f"{step + 1}.{target}")
    got = read(tmp_path / f"{len(kinds) - 1}.{kinds[-1]}")
    np.testing.assert_array_equal(got.X, x)
    same(got.obs, obs)
    same(got.var, var)


def test_part_of_a_file(tmp_path):
    write(example(), tmp_path / "a.gctx")
    shape = convert(
        tmp_path / "a.gctx", tmp_path / "b.h5ad", rows="cell_id == 'A375'", genes=["g2"]
    )
    assert shape == (2, 1)
    got = read(tmp_path / "b.h5ad")
    np.testing.assert_array_equal(got.X, example().X[[0, 2]][:, [1]])
    assert list(got.obs_names) == ["sig é", 'sig"3']


def test_idx_is_read_and_not_written(tmp_path):
    (tmp_path / "a-idx3-ubyte").write_bytes(
        bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 204])
    )
    assert convert(tmp_path / "a-idx3-ubyte", tmp_path / "a.h5ad") == (2, 2)
    np.testing.assert_allclose(read(tmp_path / "a.h5ad").X, [[-1, 1], [-0.6, 0.6]], atol=1e-6)
    with raises_naming(tmp_path / "b-idx3-ubyte", "IDX is read, not written"):
        convert(tmp_path / "a.h5ad", tmp_path / "b-idx3-ubyte")


@pytest.mark.parametrize("kind", ["gct", "gct.gz", "tsv", "csv"])
def test_line_breaks_have_no_place_in_text(tmp_path, kind):
    adata = example()
    adata.obs["note"] = ["plain", "two\nlines", "x"]
    with raises_naming(tmp_path / f"a.{kind}", "'note' of 'sig:2' holds a line break"):
        write(adata, tmp_path / f"a.{kind}")
    assert not list(tmp_path.iterdir())


def test_nothing_is_not_written(tmp_path):
    write(example(), tmp_path / "a.gctx")
    with raises_naming(tmp_path / "a.gctx", "nothing to write"):
        convert(tmp_path / "a.gctx", tmp_path / "b.gct", rows=[])


def test_long_identifiers_keep_every_digit(tmp_path):
    adata = example()
    adata.obs["lot"] = ["9007199254740993", "9007199254740992", "1"]
    write(adata, tmp_path / "a.gctx")
    convert(tmp_path / "a.gctx", tmp_path / "b.h5ad")
    assert read(tmp_path / "b.h5ad").obs["lot"].to_list() == adata.obs["lot"].to_list()


def test_outer_blanks_of_text_are_kept(tmp_path):
    adata = example()
    adata.obs["note"] = [" a ", "b", "c "]
    write(adata, tmp_path / "a.gctx")
    assert read(tmp_path / "a.gctx").obs["note"].to_list() == [" a ", "b", "c "]


@pytest.mark.parametrize("end", ["h5ad", "gctx", "gct", "tsv", "parquet"])
@pytest.mark.parametrize("names", [["a", "a"], [1, "1"]])
@pytest.mark.parametrize("side", ["obs", "var"])
def test_two_columns_of_one_name_are_not_written(tmp_path, end, names, side):
    table = pd.DataFrame([[1, 2], [3, 4]], columns=names, index=["x", "y"])
    adata = ad.AnnData(np.array([[1, -1], [2, -2]], np.float32))
    setattr(adata, side, table)
    with raises_naming(tmp_path / f"a.{end}", f"{names[0]}", "rename"):
        write(adata, tmp_path / f"a.{end}")
    assert not list(tmp_path.iterdir())


def test_nullable_text_beside_ids_that_occur_twice(tmp_path):
    index = pd.Index(["s", "s"], dtype="string")
    obs = pd.DataFrame({"c": ["x", "y"], "n": [1, 2]}, index=index)
    obs["t"] = pd.array(["u", None], dtype="string")
    obs["k"] = pd.Categorical(pd.array(["v", "v"], dtype="string"))
    write(ad.AnnData(np.array([[1, -1], [2, -2]], np.float32), obs=obs), tmp_path / "a.h5ad")
    back = ad.read_h5ad(tmp_path / "a.h5ad").obs
    assert list(back.index) == ["s", "s"]
    assert back["c"].to_list() == ["x", "y"]
    assert back["n"].to_list() == [1, 2]
    assert back["t"].astype(object).fillna("-").to_list() == ["u", "-"]
    assert back["k"].to_list() == ["v", "v"]
