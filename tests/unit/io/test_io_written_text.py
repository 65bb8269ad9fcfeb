"""What is written as text is read back as it is, or refused before anything is there."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from io_cases import raises_naming

from svqvae.io import read
from svqvae.io.convert import write

KINDS = ["tsv", "csv.gz", "tsv.bz2", "csv.xz", "parquet", "gct", "gct.xz"]
TABLES = ["tsv", "csv", "parquet"]


def signatures(x=None, index=("a", "b"), genes=("g1", "g2"), **columns):
    x = np.ones((len(index), len(genes)), np.float32) if x is None else x
    obs = pd.DataFrame(columns, index=list(index))
    return ad.AnnData(x, obs=obs, var=pd.DataFrame(index=list(genes)))


@pytest.mark.parametrize("kind", KINDS)
def test_odd_names_and_values_survive(tmp_path, kind):
    x = np.array([[np.inf, np.nan], [-np.inf, 1e-30]], np.float32)
    adata = signatures(x, index=["NA", 'a,\t;"x'], genes=["0012", "a;b,c"])
    adata.obs["a,b\tc;"] = ['x;\t,"q', "5"]
    write(adata, tmp_path / f"a.{kind}")
    got = read(tmp_path / f"a.{kind}")
    assert list(got.obs_names) == ["NA", 'a,\t;"x']
    assert list(got.var_names) == ["0012", "a;b,c"]
    assert got.obs["a,b\tc;"].to_list() == ['x;\t,"q', "5"]
    np.testing.assert_array_equal(got.X, x)


@pytest.mark.parametrize("kind", KINDS)
def test_no_signatures(tmp_path, kind):
    write(signatures(index=()), tmp_path / f"a.{kind}")
    got = read(tmp_path / f"a.{kind}")
    assert (got.n_obs, list(got.var_names)) == (0, ["g1", "g2"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("adata", "culprit"),
    [
        (signatures(index=[" a", "b"]), "signature ' a' has blanks around it"),
        (signatures(index=["a\rb", "b"]), "holds a line break"),
        (signatures(index=["", "b"]), "signature '' is empty"),
        (signatures(genes=["g1", "g\n"]), "gene"),
        (signatures(**{"": [1, 2]}), "column of signatures '' is empty"),
        (signatures(np.array([[1e39, 1], [1, 1]])), "1e+39 of signature 'a', gene 'g1'"),
    ],
)
def test_what_text_does_not_give_back(tmp_path, kind, adata, culprit):
    with raises_naming(tmp_path / f"a.{kind}", culprit):
        write(adata, tmp_path / f"a.{kind}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize(
    ("adata", "culprit"),
    [
        (signatures(sig_id=["x", "b"]), "'sig_id' of these signatures is not their ids"),
        (signatures(genes=["Metadata_x", "g"]), "1 genes are called like metadata"),
        (signatures(genes=["sig_id", "g"]), "1 genes are called like metadata"),
        (signatures(genes=["pert_time", "g"]), "1 genes are called like metadata"),
        (signatures(genes=[]), "no gene to write"),
    ],
)
def test_what_a_table_does_not_give_back(tmp_path, kind, adata, culprit):
    with raises_naming(tmp_path / f"a.{kind}", culprit):
        write(adata, tmp_path / f"a.{kind}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", TABLES)
def test_metadata_called_like_ours(tmp_path, kind):
    adata = signatures(sig_id=["a", "b"], Metadata_x=["u", "v"])
    write(adata, tmp_path / f"a.{kind}")
    got = read(tmp_path / f"a.{kind}")
    assert got.obs["sig_id"].to_list() == ["a", "b"]
    assert got.obs["Metadata_x"].to_list() == ["u", "v"]


@pytest.mark.parametrize("kind", ["tsv.zst", "csv.zip", "parquet.gz", "gct.zst", "tsv.gz.bz2"])
def test_packings_that_are_not_written(tmp_path, kind):
    with raises_naming(tmp_path / f"a.{kind}", "pack"):
        write(signatures(), tmp_path / f"a.{kind}")
    assert not list(tmp_path.iterdir())


def test_parquet_of_mixed_values_and_of_parts_without_any(tmp_path):
    from svqvae.io.matrix_table import write_matrix_table

    obs = pd.DataFrame({"m": ["x", 1], "late": [None, "y"]}, index=["a", "b"])
    parts = [np.ones((1, 1)), np.zeros((1, 1))]
    write_matrix_table(tmp_path / "a.parquet", iter(parts), obs, pd.DataFrame(index=["g"]))
    got = read(tmp_path / "a.parquet")
    assert got.obs["m"].to_list() == ["x", "1"]
    assert got.obs["late"].isna().to_list() == [True, False]
    assert got.X.ravel().tolist() == [1, 0]
