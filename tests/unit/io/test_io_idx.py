"""IDX: bytes in, the same array out; half a file is never read as a whole one."""

import bz2
import gzip
import lzma
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from io_cases import PROPERTY, raises_naming

from svqvae.io import read
from svqvae.io.idx import read_idx

ARRAY = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def idx_bytes(array, magic=b"\0\0\x08"):
    return magic + struct.pack(f">B{array.ndim}I", array.ndim, *array.shape) + array.tobytes()


def put(path, raw):
    path.write_bytes(gzip.compress(raw) if path.suffix.lower() == ".gz" else raw)
    return path


@PROPERTY
@given(
    arrays(np.uint8, array_shapes(max_dims=4, min_side=0, max_side=6)),
    st.sampled_from(["a.idx", "a-ubyte", "a.gz", "A.GZ"]),
)
def test_round_trip_is_exact(tmp_path, array, name):
    got = read_idx(put(tmp_path / name, idx_bytes(array)))
    assert got.dtype == np.uint8
    assert got.shape == array.shape
    np.testing.assert_array_equal(got, array)


def test_real_labels(shared_data):
    labels = read_idx(shared_data / "mnist/t10k-labels-idx1-ubyte.gz")
    assert labels[:5].tolist() == [7, 2, 1, 0, 4]
    known = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(labels).tolist() == known


def test_real_images_equal_the_raw_bytes(shared_data):
    path = shared_data / "mnist/t10k-images-idx3-ubyte.gz"
    images = read_idx(path)
    assert images.shape == (10000, 28, 28)
    with gzip.open(path) as file:
        assert images.tobytes() == file.read()[16:]


def test_missing_file(tmp_path):
    with raises_naming(tmp_path / "no.gz", "no such file"):
        read_idx(tmp_path / "no.gz")


@pytest.mark.parametrize("magic", [b"\0\0\x0d", b"\0\0\x09", b"\x01\0\x08", b"PK\x03"])
def test_wrong_magic(tmp_path, magic):
    with raises_naming(put(tmp_path / "a.idx", idx_bytes(ARRAY, magic)), "not an IDX file"):
        read_idx(tmp_path / "a.idx")


@pytest.mark.parametrize("kept", range(len(idx_bytes(ARRAY))))
def test_cut_anywhere(tmp_path, kept):
    path = put(tmp_path / "a.idx", idx_bytes(ARRAY)[:kept])
    culprit = "not an IDX" if kept < 4 else "header"
    with raises_naming(path, culprit):
        read_idx(path)


def test_more_values_than_promised(tmp_path):
    path = put(tmp_path / "a.idx", idx_bytes(ARRAY) + b"\0")
    with raises_naming(path, "holds 25 values", "(2, 3, 4)"):
        read_idx(path)


def test_promise_beyond_64_bits(tmp_path):
    path = put(tmp_path / "a.idx", b"\0\0\x08\x03" + struct.pack(">3I", 2**31, 2**31, 4))
    with raises_naming(path, "holds 0 values"):
        read_idx(path)


@pytest.mark.parametrize("kept", [1, 5, 11, 30, -1, -8])
def test_truncated_gzip(tmp_path, kept):
    raw = gzip.compress(idx_bytes(ARRAY))
    path = tmp_path / "a.gz"
    path.write_bytes(raw[:kept])
    with raises_naming(path, "not a whole gzip file"):
        read_idx(path)


@pytest.mark.parametrize("at", [0, 10, 14, -6])
def test_scrambled_gzip(tmp_path, at):
    raw = bytearray(gzip.compress(idx_bytes(ARRAY)))
    raw[at : at + 2 or None] = b"\xff\xff"
    path = tmp_path / "a.gz"
    path.write_bytes(raw)
    with raises_naming(path, "not a whole gzip file"):
        read_idx(path)


def test_real_file_truncated(tmp_path, shared_data):
    path = tmp_path / "cut.gz"
    path.write_bytes((shared_data / "mnist/t10k-labels-idx1-ubyte.gz").read_bytes()[:2000])
    with raises_naming(path, "not a whole gzip file"):
        read_idx(path)


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress, gzip.compress])
@pytest.mark.parametrize("name", ["a.idx", "a.idx.bz2"])
def test_packed_under_any_name(tmp_path, pack, name):
    (tmp_path / name).write_bytes(pack(idx_bytes(ARRAY)))
    np.testing.assert_array_equal(read_idx(tmp_path / name), ARRAY)


def test_a_promise_is_not_allocated(tmp_path):
    sizes = struct.pack(">3I", *[2**32 - 1] * 3)
    for raw in (b"", gzip.compress(bytes(9))):
        (tmp_path / "a.idx").write_bytes(b"\0\0\x08\x03" + sizes + raw)
        with raises_naming(tmp_path / "a.idx", f"holds {len(raw)} values", "4294967295"):
            read_idx(tmp_path / "a.idx")


def test_more_dimensions_than_an_array_has(tmp_path):
    (tmp_path / "a.idx").write_bytes(b"\0\0\x08\xff" + struct.pack(">255I", *[1] * 255) + b"x")
    with raises_naming(tmp_path / "a.idx", "255 dimensions"):
        read_idx(tmp_path / "a.idx")


def test_no_images(tmp_path):
    (tmp_path / "a.idx").write_bytes(b"\0\0\x08\x03" + struct.pack(">3I", 0, 2, 2))
    assert read(tmp_path / "a.idx").shape == (0, 4)
