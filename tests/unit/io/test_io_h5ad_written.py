"""What is written as h5ad: missing and nullable text, and a sentence for what cannot be."""

import anndata as ad
import numpy as np
import pandas as pd
from h5ad_ages import add_column, nullable, today
from io_cases import raises_naming

from svqvae.io import read
from svqvae.io.convert import convert


def test_text_that_is_missing_everywhere_can_be_written(tmp_path):
    def change(file):
        nullable(file["obs"], "note", [""] * 4, [True] * 4, "string-array")
        add_column(file["obs"], "note")

    convert(today(tmp_path / "a.h5ad", change), tmp_path / "b.h5ad")
    assert read(tmp_path / "b.h5ad").obs["note"].isna().all()


def test_what_an_h5ad_cannot_hold_is_a_sentence(tmp_path):
    from svqvae.io.convert import write

    adata = ad.AnnData(np.ones((2, 1), np.float32))
    adata.uns["model"] = object()
    with raises_naming(tmp_path / "a.h5ad", "cannot hold this uns"):
        write(adata, tmp_path / "a.h5ad")
    assert list(tmp_path.iterdir()) == []


def test_nullable_text_in_memory_is_written(tmp_path):
    from svqvae.io.convert import write

    obs = pd.DataFrame(
        {"cell": pd.array(["a", None], dtype="string"), "name": pd.array(["x", "y"], "string")},
        index=pd.Index(["s1", "s2"], dtype="string"),
    )
    write(ad.AnnData(np.ones((2, 1), np.float32), obs=obs), tmp_path / "a.h5ad")
    got = read(tmp_path / "a.h5ad").obs
    assert got["cell"].isna().to_list() == [False, True]
    assert got["name"].to_list() == ["x", "y"]
    assert got.index.to_list() == ["s1", "s2"]
