"""What an HDF5 file takes from elsewhere is refused."""

import h5py
import numpy as np
import pytest
from io_cases import raises_naming
from test_io_gctx import make

import svqvae
from svqvae.io.gctx import MATRIX

X = np.ones((4, 3), np.float32)


@pytest.fixture
def path(tmp_path):
    return make(tmp_path / "a.gctx", X)


def replace(path, **options):
    with h5py.File(path, "r+") as file:
        del file[MATRIX]
        return file.create_dataset(MATRIX, **options)


def test_a_link_into_another_file(path, tmp_path):
    make(tmp_path / "secret.gctx", 7 * X)
    with h5py.File(path, "r+") as file:
        del file[MATRIX]
        file[MATRIX] = h5py.ExternalLink("secret.gctx", MATRIX)
    with raises_naming(path, "is a link into another file, 'secret.gctx'"):
        svqvae.read(path)


def test_values_in_another_file(path, tmp_path):
    (tmp_path / "secret").write_bytes(bytes(48))
    external = [(str(tmp_path / "secret"), 0, 48)]
    replace(path, shape=(4, 3), dtype="f4", external=external)
    with raises_naming(path, "lies in other files"):
        svqvae.read(path)


def test_a_virtual_data_set(path, tmp_path):
    make(tmp_path / "other.gctx", X)
    layout = h5py.VirtualLayout(shape=(4, 3), dtype="f4")
    layout[:] = h5py.VirtualSource(tmp_path / "other.gctx", MATRIX, shape=(4, 3))
    with h5py.File(path, "r+") as file:
        del file[MATRIX]
        file.create_virtual_dataset(MATRIX, layout)
    with raises_naming(path, "lies in other files"):
        svqvae.read(path)


def test_a_filter_that_needs_a_library(path):
    with h5py.File(path, "r+") as file:
        del file[MATRIX]
        space = h5py.h5s.create_simple((4, 3))
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((4, 3))
        plist.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, ())  # Zstandard
        h5py.h5d.create(file["0/DATA/0"].id, b"matrix", h5py.h5t.IEEE_F32LE, space, plist)
        file[MATRIX].id.write_direct_chunk((0, 0), bytes(48))
    with raises_naming(path, "is packed by filter 32015"):
        svqvae.read(path)


def test_chunks_that_were_never_written_are_told(path, caplog):
    with h5py.File(path, "r+") as file:
        del file[MATRIX]
        file.create_dataset(MATRIX, (4, 3), "f4", chunks=(1, 3))[:2] = 1
    svqvae.read(path)
    assert "2 of its 4 chunks were never written and are read as 0" in caplog.text
