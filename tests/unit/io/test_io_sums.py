"""No damage to what svqvae writes passes for data, and other tools read it as before."""

import h5py
import numpy as np
import pandas as pd
import pytest

import svqvae
from svqvae.errors import SvqvaeError
from svqvae.io import sums
from svqvae.io.gctx import MATRIX, write_gctx
from svqvae.io.h5ad import write_h5ad
from svqvae.io.own import open_h5ad

X = np.arange(40 * 6, dtype=np.float32).reshape(40, 6)
OBS = pd.DataFrame({"pert_id": [f"p{i}" for i in range(40)]}, index=[f"s{i}" for i in range(40)])
VAR = pd.DataFrame(index=[f"{i + 1}" for i in range(6)])
WRITERS = {"a.gctx": (write_gctx, MATRIX), "a.h5ad": (write_h5ad, "X")}


@pytest.fixture(params=WRITERS)
def path(request, tmp_path):
    WRITERS[request.param][0](tmp_path / request.param, X, OBS.copy(), VAR)
    return tmp_path / request.param


def flip(path, at):
    content = bytearray(path.read_bytes())
    content[at] ^= 4
    path.write_bytes(content)


def place_of(path):
    with h5py.File(path) as file:
        return sums.Place.of(file[WRITERS[path.name][1]])


def test_anndata_and_h5py_read_it_as_any_other(path):
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file[WRITERS[path.name][1]], X)
    if path.suffix == ".h5ad":
        import anndata as ad

        np.testing.assert_array_equal(ad.read_h5ad(path).X, X)


def test_every_byte_is_covered(path):
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        flip(path, at)
        with pytest.raises(SvqvaeError, match="damaged"):
            svqvae.read(path)
        path.write_bytes(whole)
    np.testing.assert_array_equal(svqvae.read(path).X, X)


def test_of_a_part_the_rows_that_are_read_are_checked(path):
    place = place_of(path)
    flip(path, place.offset + 7 * place.row_bytes + 2)
    np.testing.assert_array_equal(svqvae.read(path, rows=["s3", "s2"]).X, X[[3, 2]])
    for genes in (None, ["2"]):  # in runs of rows, and column by column
        with pytest.raises(SvqvaeError, match="row 8 of its matrix is not what svqvae wrote"):
            svqvae.read(path, rows=["s9", "s7"], genes=genes)


def test_an_end_of_zeros_is_refused(path):
    content = path.read_bytes()
    path.write_bytes(content[:-300] + bytes(300))
    with pytest.raises(SvqvaeError, match="damaged"):
        svqvae.read(path)


def test_a_file_changed_in_place_by_another_tool_is_read(path, caplog):
    with h5py.File(path, "r+") as file:
        file[WRITERS[path.name][1]][0, 0] = 99
    with caplog.at_level("INFO", logger="svqvae"):
        assert svqvae.read(path).X[0, 0] == 99
    assert "was changed after svqvae wrote it" in caplog.text


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "gone"])
def test_a_job_refuses_a_damaged_file(tmp_path, damage):
    path = tmp_path / "signatures.h5ad"
    write_h5ad(path, X, OBS.copy(), VAR)
    np.testing.assert_array_equal(open_h5ad(path).X, X)
    if damage == "flip":
        flip(path, path.stat().st_size // 2)
    elif damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: 900 if damage == "cut" else 0])
    with pytest.raises(SvqvaeError, match="damaged|no such file"):
        open_h5ad(path, backed=True)
