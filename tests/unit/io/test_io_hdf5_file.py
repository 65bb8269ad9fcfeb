"""HDF5 that claims too much, is packed, or is another file under this name."""

import bz2
import gzip
import lzma
import tracemalloc
import zlib

import h5py
import numpy as np
import pytest
from h5ad_ages import SIGS, WANT, today, write_x
from io_cases import raises_naming
from test_io_gctx import make

from svqvae.io import (
    gctx,
    h5ad,
    h5ad_table,
    limits,
    open_signatures,
    read,
    read_metadata,
    unpack,
)
from svqvae.io.convert import convert
from svqvae.io.identify import identify


def claim(path, shape, **options):
    """Write a GCTX or h5ad whose matrix claims a shape and holds nothing."""
    name = "0/DATA/0/matrix" if path.suffix == ".gctx" else "X"
    _whole(path)
    with h5py.File(path, "r+") as file:
        del file[name]
        file.create_dataset(name, shape, np.float32, **options)
    return path


def _whole(path):
    make(path, WANT, sigs=SIGS) if path.suffix == ".gctx" else today(path)


@pytest.mark.parametrize("options", [{}, {"chunks": (1000, 3)}, {"chunks": True}])
@pytest.mark.parametrize("name", ["a.gctx", "a.h5ad"])
def test_values_that_were_never_written(tmp_path, name, options):
    options = options if options.get("chunks") != (1000, 3) else {"chunks": (2, 3)}
    path = claim(tmp_path / name, (4, 3), **options)
    with raises_naming(path, "claims 4 x 3 values, none of which was ever written"):
        read(path)


@pytest.mark.parametrize("chunks", [None, (1000, 1000)])
def test_a_matrix_of_terabytes_in_a_file_of_kilobytes(tmp_path, chunks):
    path, n = tmp_path / "a.gctx", 10**6
    with h5py.File(path, "w") as file:
        file.create_dataset("0/DATA/0/matrix", (n, n), np.float32, chunks=chunks)
        file.create_dataset("0/META/COL/id", (n,), "S8")
        file.create_dataset("0/META/ROW/id", (n,), "S8")
    tracemalloc.start()
    with raises_naming(path, "claims 1000000 x 1000000 values"):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


def test_what_no_memory_holds_is_not_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "memory", lambda: 1000)
    path = make(tmp_path / "a.gctx", np.ones((20, 20), np.float32))
    with raises_naming(path, "this machine has"):
        read(path)


@pytest.mark.parametrize("name", ["a.gctx", "a.h5ad"])
def test_a_part_of_what_no_memory_holds_is_read(tmp_path, name):
    """One chunk is there; the rest is zeros that were never stored."""
    path, n = tmp_path / name, 30_000
    ids = np.array([f"s{i}" for i in range(n)], dtype=object)
    if name == "a.gctx":
        make(path, np.zeros((1, 1), np.float32))
        matrix, names = "0/DATA/0/matrix", ("0/META/COL/id", "0/META/ROW/id")
    else:
        today(path)
        matrix, names = "X", ("obs/_index", "var/_index")
    with h5py.File(path, "r+") as file:
        for part in (matrix, *names):
            del file[part]
        for part in names:
            file[part] = ids
        stored = file.create_dataset(matrix, (n, n), np.float32, chunks=(100, 100))
        stored[:2, :2] = [[1, 2], [3, 4]]
    got = read(path, rows=["s1", "s29999"], genes=["s0", "s1"])
    np.testing.assert_array_equal(got.X, [[3, 4], [0, 0]])


@pytest.mark.parametrize("name", ["a.gctx", "a.h5ad"])
def test_chunks_larger_than_memory(tmp_path, monkeypatch, name):
    path = claim(tmp_path / name, (4, 3), chunks=(4, 3), compression="gzip")
    with h5py.File(path, "r+") as file:
        file["0/DATA/0/matrix" if name == "a.gctx" else "X"][...] = 1
    monkeypatch.setattr(limits, "memory", lambda: 100)
    with raises_naming(path, "to unpack one of its chunks ((4, 3))"):
        read(path)


def test_a_chunk_that_unpacks_to_more_than_it_should(tmp_path, monkeypatch):
    monkeypatch.setattr("svqvae.io.blocks._SMALL_CHUNK_BYTES", 1)
    path = make(tmp_path / "a.gctx", np.ones((4, 3), np.float32), chunks=(4, 3), compression="gzip")
    with h5py.File(path, "r+") as file:
        bomb = zlib.compress(bytes(200 << 20), 9)
        file["0/DATA/0/matrix"].id.write_direct_chunk((0, 0), bomb)
    tracemalloc.start()
    with raises_naming(path, "holds 49 bytes, not 48"):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


LAYOUTS = [{}, {"chunks": (2, 2)}, {"chunks": (2, 2), "compression": "gzip"}]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_number_beyond_float32_is_not_read_as_infinite(tmp_path, monkeypatch, layout):
    monkeypatch.setattr("svqvae.io.blocks._SMALL_CHUNK_BYTES", 1)
    x = np.array([[1, np.inf, 2], [1e300, 3, 4]])
    path = make(tmp_path / "a.gctx", x, **layout)
    np.testing.assert_array_equal(read(path, rows=[0]).X, [[1, np.inf, 2]])
    with raises_naming(path, "beyond the range of float32"):
        read(path)


@pytest.mark.parametrize("kind", ["dense", "csr", "csc"])
def test_a_number_beyond_float32_in_h5ad(tmp_path, kind):
    def change(file):
        del file["X"]
        write_x(file, kind=kind, x=np.full((4, 3), -1e300))

    with raises_naming(today(tmp_path / "a.h5ad", change), "beyond the range of float32"):
        read(tmp_path / "a.h5ad")


# -- ids ---------------------------------------------------------------------------------------
def test_ids_that_are_numbers(tmp_path):
    path = make(tmp_path / "a.gctx", genes=np.array([780.0, 16, 5720]), sigs=np.array([1, 2]))
    assert (list(read(path).var_names), list(read(path).obs_names)) == (
        ["780", "16", "5720"],
        ["1", "2"],
    )
    bad = make(tmp_path / "b.gctx", genes=np.array([1 + 1j, 2, 3]))
    with raises_naming(bad, "/0/META/ROW/id holds complex128, expected text or whole numbers"):
        read(bad)


def test_columns_of_no_known_type_are_left_out(tmp_path, caplog):
    path = make(tmp_path / "a.gctx", extra={"0/META/COL/z": np.ones(2, complex)})
    assert list(read(path).obs) == []
    assert "/0/META/COL/z (complex128)" in caplog.text


def test_a_gctx_without_signatures(tmp_path):
    path = make(tmp_path / "a.gctx", np.zeros((0, 3), np.float32), sigs=np.array([], "S1"))
    assert read(path).shape == (0, 3)
    assert [len(table) for table in read_metadata(path)] == [0, 3]
    with raises_naming(path, "nothing to write"):
        convert(path, tmp_path / "b.h5ad")


# -- packed ------------------------------------------------------------------------------------
PACKED = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("name", ["a.gctx", "a.h5ad"])
@pytest.mark.parametrize("end", PACKED)
def test_packed_files_under_any_name(tmp_path, monkeypatch, name, end):
    _whole(tmp_path / name)
    raw = PACKED[end]((tmp_path / name).read_bytes())
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(unpack.tempfile, "tempdir", str(scratch))
    for packed in (tmp_path / name, tmp_path / f"{name}.{end}"):
        packed.write_bytes(raw)
        np.testing.assert_array_equal(read(packed).X, WANT)
        with open_signatures(packed) as file:
            assert file.obs.index.to_list() == SIGS
            assert list(scratch.iterdir())
        assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("name", ["a.gctx.gz", "a.h5ad.gz", "a.gctx"])
def test_packed_files_that_are_cut(tmp_path, name):
    whole = tmp_path / ("b.h5ad" if "h5ad" in name else "b.gctx")
    _whole(whole)
    raw = gzip.compress(whole.read_bytes())
    (tmp_path / name).write_bytes(raw[: len(raw) // 2])
    with raises_naming(tmp_path / name, "packed as gzip, but truncated or damaged"):
        read(tmp_path / name)


def test_packed_in_ways_that_are_not_read(tmp_path):
    for magic, kind in ((b"PK\x03\x04", "zip"), (b"\x28\xb5\x2f\xfd", "zstd")):
        path = tmp_path / "a.gctx"
        path.write_bytes(magic + bytes(100))
        with raises_naming(path, f"packed as {kind}"):
            read(path)


def test_packed_files_that_do_not_fit(tmp_path, monkeypatch):
    path = tmp_path / "a.gctx.gz"
    path.write_bytes(gzip.compress(bytes(10)))
    monkeypatch.setattr(unpack, "_LEFT_FREE", 1 << 62)
    with raises_naming(path, "does not fit into", "TMPDIR"):
        read(path)


@pytest.mark.parametrize("name", ["b.gctx.gz", "b.h5ad.bz2", "b.gctx.xz"])
def test_no_file_is_written_under_a_name_that_it_does_not_bear(tmp_path, name):
    _whole(tmp_path / "a.gctx")
    with raises_naming(tmp_path / name, "expected a name that ends in"):
        convert(tmp_path / "a.gctx", tmp_path / name)


# -- other files under this name ---------------------------------------------------------------
OTHERS = [
    (b"", "empty (0 bytes)"),
    (bytes(4000), "zeros where its contents should begin"),
    (b"<!DOCTYPE html>\n<html><head><title>404</title>", "a page of HTML"),
    (b"\n <html lang='en'>", "a page of HTML"),
    (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code>", "XML"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n", "Git LFS pointer"),
    (b"#1.3\n2\t2\t1\t1\n", "a GCT"),
    (b"PAR1\x00\x01", "a Parquet table"),
    (b"sig_id\tg1\tg2\nA\t1\t2\n", "text that begins 'sig_id"),
]


@pytest.mark.parametrize("name", ["a.gctx", "a.h5ad"])
@pytest.mark.parametrize(("content", "what"), OTHERS)
def test_another_file_is_said_to_be_what_it_is(tmp_path, name, content, what):
    path = tmp_path / name
    path.write_bytes(content)
    for function in (read, read_metadata):
        with raises_naming(path, what):
            function(path)


def test_one_kind_of_hdf5_under_the_name_of_the_other(tmp_path):
    _whole(tmp_path / "a.gctx")
    (tmp_path / "a.gctx").rename(tmp_path / "b.h5ad")
    with raises_naming(tmp_path / "b.h5ad", "not an h5ad", "it is a GCTX"):
        read(tmp_path / "b.h5ad")
    _whole(tmp_path / "a.h5ad")
    (tmp_path / "a.h5ad").rename(tmp_path / "b.gctx")
    with raises_naming(tmp_path / "b.gctx", "not a GCTX", "it is an h5ad"):
        read(tmp_path / "b.gctx")
    with h5py.File(tmp_path / "c.gctx", "w") as file:
        file["model_weights"] = [1]
    with raises_naming(tmp_path / "c.gctx", "HDF5 of another kind (it holds model_weights)"):
        read(tmp_path / "c.gctx")
    assert gctx.GctxFile.kind == "a GCTX (HDF5)"


def test_a_link_that_leads_to_itself(tmp_path, caplog):
    def change(file):
        del file["uns"]
        file["uns"] = h5py.SoftLink("/uns")

    np.testing.assert_array_equal(read(today(tmp_path / "a.h5ad", change)).X, WANT)
    assert "uns (not a group)" in caplog.text


@pytest.mark.parametrize("place", ["uns/x", "obsm/x", "layers/x", "uns/a/b"])
@pytest.mark.parametrize("target", ["/", "/uns", "/obs"])
def test_links_that_go_round(tmp_path, place, target):
    def change(file):
        file[place] = h5py.SoftLink(target)

    path = today(tmp_path / "a.h5ad", change)
    np.testing.assert_array_equal(read(path).X, WANT)
    convert(path, tmp_path / "b.h5ad")
    np.testing.assert_array_equal(read(tmp_path / "b.h5ad").X, WANT)


def test_a_sound_file_is_not_taken_for_another(tmp_path):
    _whole(tmp_path / "a.gctx")
    assert identify(tmp_path / "a.gctx") == "a GCTX"
    (tmp_path / "b.bin").write_bytes(b"\x01\x02\xff\xfe")
    assert identify(tmp_path / "b.bin") is None


@pytest.mark.parametrize("error", [RuntimeError, OSError, KeyError, NotImplementedError])
def test_what_hdf5_raises_on_damaged_bytes_is_a_sentence(tmp_path, monkeypatch, error):
    def fails(*_):
        raise error("bad  heap\nfree list")

    path = make(tmp_path / "a.gctx", WANT, sigs=SIGS)
    monkeypatch.setattr(gctx, "read_block", fails)
    with raises_naming(path, "truncated or damaged (bad heap free list)"):
        read(path)


@pytest.mark.parametrize("name", ["a.gctx", "a.h5ad"])
def test_a_fault_of_the_program_is_not_called_damage(tmp_path, monkeypatch, name):
    """RecursionError is a RuntimeError, which is what h5py raises of damage."""

    def fails(*_):
        raise RecursionError

    path = tmp_path / name
    _whole(path)
    for module in (gctx, h5ad):
        monkeypatch.setattr(module, "read_block", fails)
    with pytest.raises(RecursionError):
        read(path)
    monkeypatch.undo()
    monkeypatch.setattr(h5ad_table, "_column", fails)
    if name == "a.h5ad":
        with pytest.raises(RecursionError):
            read_metadata(path)
