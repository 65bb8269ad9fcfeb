"""What we write opens in cmapPy, the reader that users have, with the same content."""

import warnings

import numpy as np
import pandas as pd
import pytest

from svqvae.io import read
from svqvae.io.gct import write_gct
from svqvae.io.gctx import write_gctx

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    parse = pytest.importorskip(
        "cmapPy.pandasGEXpress.parse", reason="cmapPy, of the dev extra, is not installed"
    ).parse


@pytest.fixture(autouse=True)
def _quiet(recwarn):
    warnings.simplefilter("ignore", FutureWarning)


def example():
    x = np.array([[np.pi, -1e-6], [0, 207.25], [-10, 1 / 3]], dtype=np.float32)
    obs = pd.DataFrame(
        {"pert_id": ["BRD-1", "BRD-2", "BRD-3"], "dose": [0.5, np.nan, 10.0], "n": [1, 2, 3]},
        index=["s1", "s2", "s3"],
    )
    return x, obs, pd.DataFrame({"pr_gene_symbol": ["ATP1B1", "TP53"]}, index=["480", "7157"])


@pytest.mark.parametrize(("writer", "name"), [(write_gctx, "a.gctx"), (write_gct, "a.gct")])
def test_cmappy_reads_the_same(tmp_path, writer, name):
    x, obs, var = example()
    writer(tmp_path / name, x, obs, var)
    theirs = parse(str(tmp_path / name))
    assert list(theirs.data_df.columns) == list(obs.index)
    assert [str(i) for i in theirs.data_df.index] == list(var.index)
    np.testing.assert_array_equal(theirs.data_df.to_numpy(np.float32).T, x)
    assert theirs.row_metadata_df["pr_gene_symbol"].to_list() == var["pr_gene_symbol"].to_list()
    columns = theirs.col_metadata_df
    assert columns["pert_id"].to_list() == obs["pert_id"].to_list()
    assert columns["n"].to_list() == [1, 2, 3]
    np.testing.assert_array_equal(columns["dose"].to_numpy(float), obs["dose"])


@pytest.mark.parametrize(
    "name", ["CPC006_A375_6H_level4_n371x978", "LJP005_A375_24H_level4_n377x978", "level5_n5x10"]
)
def test_real_files_rewritten(tmp_path, shared_data, name):
    source = shared_data / f"l1000_plates/{name}.gctx"
    adata = read(source)
    write_gctx(tmp_path / "a.gctx", adata.X, adata.obs, adata.var)
    before, after = parse(str(source)), parse(str(tmp_path / "a.gctx"))
    pd.testing.assert_frame_equal(after.data_df, before.data_df, check_names=False)
    for theirs, ours in (
        (before.col_metadata_df, after.col_metadata_df),
        (before.row_metadata_df, after.row_metadata_df),
    ):
        assert sorted(theirs.columns) == sorted(ours.columns)
        for column in theirs:
            same = theirs[column].astype(str).to_numpy() == ours[column].astype(str).to_numpy()
            number = pd.to_numeric(theirs[column], errors="coerce").to_numpy(float)
            equal = number == pd.to_numeric(ours[column], errors="coerce").to_numpy(float)
            missing = theirs[column].isna().to_numpy() & ours[column].isna().to_numpy()
            assert (same | equal | missing).all(), column
