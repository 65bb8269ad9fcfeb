"""GCTX: a bad file is refused with its name and what is wrong in it."""

import h5py
import numpy as np
import pandas as pd
import pytest
from io_cases import raises_naming, read_matrix
from test_io_gctx import make

from svqvae.io import gctx, read_metadata


def test_missing_file(tmp_path):
    with raises_naming(tmp_path / "no.gctx", "no such file"):
        read_matrix(tmp_path / "no.gctx")


def test_not_hdf5(tmp_path):
    path = tmp_path / "a.gctx"
    path.write_text("#1.3\n")
    with raises_naming(path, "not a GCTX (HDF5) file"):
        read_matrix(path)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_truncated(tmp_path, kept):
    path = make(tmp_path / "a.gctx", np.ones((100, 50), np.float32))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with raises_naming(path, "truncated"):
        read_matrix(path)


def test_real_file_truncated(tmp_path, shared_data):
    whole = (shared_data / "l1000_plates/level5_n5x10.gctx").read_bytes()
    path = tmp_path / "cut.gctx"
    path.write_bytes(whole[:-1000])
    with raises_naming(path, "truncated"):
        read_metadata(path)


@pytest.mark.parametrize("culprit", ["0/DATA/0/matrix", "0/META/COL/id", "0/META/ROW/id"])
def test_part_absent_or_no_dataset(tmp_path, culprit):
    path = make(tmp_path / "a.gctx", extra={culprit: None})
    with raises_naming(path, f"has no /{culprit}"):
        read_matrix(path)
    with h5py.File(path, "r+") as file:
        file.create_group(culprit)
    with raises_naming(path, f"has no /{culprit}"):
        read_metadata(path)


@pytest.mark.parametrize("shape", [(3, 2), (2, 4), (1, 3), (6,)])
def test_matrix_of_another_shape_than_its_ids(tmp_path, shape):
    path = make(tmp_path / "a.gctx", extra={"0/DATA/0/matrix": np.zeros(shape)})
    with raises_naming(path, f"matrix is {shape}", "ids are (2, 3)"):
        read_matrix(path)


def test_matrix_of_text(tmp_path):
    path = make(tmp_path / "a.gctx", extra={"0/DATA/0/matrix": np.full((2, 3), b"1.5")})
    with raises_naming(path, "0/DATA/0/matrix", "not numbers"):
        read_matrix(path)


@pytest.mark.parametrize("values", [[1, 2, 3], [1], np.ones((2, 2)), 1])
def test_column_of_another_length_than_its_ids(tmp_path, values):
    path = make(tmp_path / "a.gctx", extra={"0/META/COL/dose": values})
    with raises_naming(path, "0/META/COL/dose", "2 values"):
        read_matrix(path)


def test_group_where_a_column_belongs(tmp_path):
    path = make(tmp_path / "a.gctx", extra={"0/META/ROW/nested/deep": [1, 2, 3]})
    with raises_naming(path, "0/META/ROW/nested"):
        read_metadata(path)


@pytest.mark.parametrize("what", ["signature", "gene"])
def test_duplicate_ids(tmp_path, what):
    ids = {"signature": {"sigs": ["s", "s"]}, "gene": {"genes": ["s", "t", "s"]}}[what]
    path = make(tmp_path / "a.gctx", **ids)
    with raises_naming(path, f"1 duplicate {what} ids", "'s'"):
        read_matrix(path)


def test_unknown_id_gets_the_nearest_name(tmp_path):
    path = make(tmp_path / "a.gctx", sigs=["BRD-K1_6H", "BRD-K9_24H"])
    with raises_naming(path, "1 of 2 signature", "'BRD-K9_24h'", "did you mean 'BRD-K9_24H'?"):
        read_matrix(path, rows=["BRD-K1_6H", "BRD-K9_24h"])
    with raises_naming(path, "2 of 2 gene", "'gen1'", "did you mean 'gene1'?"):
        read_matrix(path, genes=["gen1", "other"])


@pytest.mark.parametrize("name", ["id", ".", "dose/unit"])
@pytest.mark.parametrize("side", ["obs", "var"])
def test_column_name_that_hdf5_cannot_hold(tmp_path, name, side):
    tables = {"obs": pd.DataFrame(index=["a"]), "var": pd.DataFrame(index=["g"])}
    tables[side][name] = ["x"]
    with raises_naming(tmp_path / "a.gctx", f"'{name}'"):
        gctx.write_gctx(tmp_path / "a.gctx", np.zeros((1, 1)), **tables)
    assert list(tmp_path.iterdir()) == []
