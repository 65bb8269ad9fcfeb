"""Choosing rows and genes by id, position, slice, mask or metadata query."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from io_cases import PROPERTY, raises_naming

from svqvae.io import open_signatures, read
from svqvae.io.convert import write

KINDS = ["gctx", "gct", "gct.gz", "h5ad", "tsv", "csv.gz", "parquet"]
N, G = 12, 5


def example():
    x = np.arange(N * G, dtype=np.float32).reshape(N, G) / 7
    obs = pd.DataFrame(
        {
            "cell_id": np.resize(["MCF7", "A375", "PC3"], N),
            "tas": np.linspace(0, 1, N),
            "pert_itime": np.resize(["6 h", "24 h"], N),
        },
        index=[f"S{i}" for i in range(N)],
    )
    var = pd.DataFrame({"pr_is_lm": [1, 0, 1, 0, 1]}, index=[f"g{i}" for i in range(G)])
    return ad.AnnData(x, obs=obs, var=var)


@pytest.fixture(scope="module", params=KINDS)
def path(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("choose") / f"a.{request.param}"
    write(example(), path)
    return path


@pytest.mark.filterwarnings("ignore:.*names are not unique")
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (None, range(N)),
        (["S7", "S0"], [7, 0]),
        ([7, 0, -1], [7, 0, N - 1]),
        (np.array([3, 3, 1]), [3, 3, 1]),
        (slice(2, 9, 3), [2, 5, 8]),
        (np.arange(N) % 5 == 0, [0, 5, 10]),
        ("cell_id == 'MCF7' and tas > 0.3", [6, 9]),
        ("sig_id in ['S4', 'S2']", [2, 4]),
        ("pert_itime == '24 h' and cell_id != 'PC3'", [1, 3, 7, 9]),
        ([], []),
    ],
)
def test_rows(path, rows, expected):
    expected = list(expected)
    got = read(path, rows=rows, genes=[4, 0])
    np.testing.assert_array_equal(got.X, example().X[expected][:, [4, 0]])
    assert [n.split("-")[0] for n in got.obs_names] == [f"S{i}" for i in expected]


def test_genes_by_query(path):
    if path.name in ("a.tsv", "a.csv.gz", "a.parquet"):  # hold no gene metadata
        with raises_naming(path, "gene query: no column 'pr_is_lm'"):
            read(path, genes="pr_is_lm == 1")
        return
    assert list(read(path, genes="pr_is_lm == 1").var_names) == ["g0", "g2", "g4"]
    assert list(read(path, genes="id == 'g3'").var_names) == ["g3"]


def test_mistakes_in_a_query_are_named(path):
    with raises_naming(path, "no column 'cell_iid'", "did you mean 'cell_id'?"):
        read(path, rows="cell_iid == 'MCF7'")
    with raises_naming(path, "no signature of 12 matches", "tas > 2"):
        read(path, rows="tas > 2")
    with raises_naming(path, "cannot be read"):
        read(path, rows="tas >")
    for question in ("tas", "tas + 1", "tas.max()"):
        with raises_naming(path, f"'{question}'", "no yes-or-no question"):
            read(path, rows=question)
    with raises_naming(path, "a slice takes positions, not ids"):
        read(path, rows=slice("S1", "S3"))
    with raises_naming(path, "no signature at position 12", "there are 12"):
        read(path, rows=[0, 12])
    with raises_naming(path, "mask of signatures has 3 values, not 12"):
        read(path, rows=np.array([True, False, True]))


@PROPERTY
@given(st.data())
def test_blocks_are_the_whole_in_parts(path, data):
    rows = np.array(data.draw(st.lists(st.integers(0, N - 1), max_size=20)), dtype=int)
    genes = np.array(data.draw(st.lists(st.integers(0, G - 1), max_size=7)), dtype=int)
    size = data.draw(st.integers(1, 6))
    with open_signatures(path) as file:
        parts = list(file.blocks(rows, genes, size=size))
    assert all(len(p) == size for p in parts[:-1])
    got = np.concatenate([np.empty((0, len(genes)), np.float32), *parts])
    np.testing.assert_array_equal(got, example().X[rows][:, genes])
