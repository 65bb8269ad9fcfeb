"""Packed files that unpack to no end are refused before memory or disk is full."""

import gzip

import numpy as np
import pytest
from io_cases import raises_naming

import svqvae
from svqvae.io import limits, tables, text


@pytest.fixture
def little_memory(monkeypatch):
    monkeypatch.setattr(limits, "memory", lambda: 1 << 20)


@pytest.mark.parametrize(
    ("name", "head"),
    [("a.tsv.gz", b"sig_id\tx\n"), ("a.gct.gz", b"#1.3\n2\t2\t0\t0\n")],
)
def test_an_endless_line(tmp_path, monkeypatch, name, head):
    monkeypatch.setattr(text, "_LONGEST_LINE", 1 << 20)
    (tmp_path / name).write_bytes(gzip.compress(head + b"1" * (8 << 20)))
    with raises_naming(tmp_path / name, "a line of more than"):
        svqvae.read(tmp_path / name)


def test_a_long_line_that_is_no_longer_than_real_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(text, "_LONGEST_LINE", 3 << 20)
    genes = [f"gene_{i:060d}" for i in range(40_000)]
    lines = "\t".join(["sig_id", *genes]) + "\n" + "\t".join(["s", *["1"] * len(genes)]) + "\n"
    (tmp_path / "a.tsv.gz").write_bytes(gzip.compress(lines.encode()))
    assert svqvae.read(tmp_path / "a.tsv.gz").shape == (1, 40_000)


def test_a_table_of_more_text_than_memory(tmp_path, little_memory):
    (tmp_path / "a.tsv.gz").write_bytes(gzip.compress(b"a\tb\n" + b"1\t2\n" * (1 << 20)))
    with raises_naming(tmp_path / "a.tsv.gz", "its text takes"):
        tables.read_table(tmp_path / "a.tsv.gz")


def test_images_of_more_than_memory(tmp_path, little_memory):
    header = b"\0\0\x08\x03" + (9000).to_bytes(4, "big") + (28).to_bytes(4, "big") * 2
    path = tmp_path / "a-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(header + bytes(9000 * 28 * 28)))
    with raises_naming(path, "its images takes"):
        svqvae.read(path)


def test_parquet_of_one_value_many_times(tmp_path, little_memory):
    import pyarrow as pa
    import pyarrow.parquet as pq

    n = 100_000
    columns = {"sig_id": ["s"] * n, "Metadata_cell": ["x"] * n, "1": np.zeros(n, "f4")}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    with raises_naming(tmp_path / "a.parquet", "its 100000 rows of metadata takes"):
        svqvae.read(tmp_path / "a.parquet")


def test_hdf5_that_is_none_is_not_unpacked_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr("svqvae.io.unpack._BLOCK", 1 << 20)
    written = []
    monkeypatch.setattr("shutil.disk_usage", lambda folder: written.append(1) or _Free())
    (tmp_path / "a.gctx.gz").write_bytes(gzip.compress(bytes(32 << 20)))
    with raises_naming(tmp_path / "a.gctx.gz", "not a GCTX"):
        svqvae.read(tmp_path / "a.gctx.gz")
    assert len(written) == 1


class _Free:
    free = 1 << 40


def test_the_end_of_memory_is_a_sentence(tmp_path):
    with raises_naming(tmp_path / "a.tsv", "does not fit into memory (too much)"):
        with limits.fitting(tmp_path / "a.tsv"):
            raise MemoryError("too much")
