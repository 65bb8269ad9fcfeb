"""Files that are not what they say: a sentence and exit code 1 each, nothing left behind."""

import gzip
import struct

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from svqvae.io.convert import write
from svqvae.models.registry import make_model
from svqvae.run.cli import app

X = np.arange(12, dtype=np.float32).reshape(4, 3)
GCT = "#1.3\n2\t2\t1\t1\nid\tsym\tA\tB\ncell\tna\tPC3\tPC3\ng1\tTP53\t1\t2\ng2\tATP\t3\t4\n"


def sound():
    obs = pd.DataFrame({"cell_id": "PC3"}, index=[f"s{i}" for i in range(4)])
    return ad.AnnData(X.copy(), obs=obs, var=pd.DataFrame(index=["g0", "g1", "g2"]))


def gctx(**changes):
    """Return a writer of a GCTX in which paths are replaced, or removed with None."""

    def make(path):
        parts = {
            "0/DATA/0/matrix": X,
            "0/META/COL/id": ["s0", "s1", "s2", "s3"],
            "0/META/ROW/id": ["g0", "g1", "g2"],
            "0/META/COL/cell_id": ["PC3"] * 4,
        }
        parts |= {k.replace("__", "/"): v for k, v in changes.items()}
        with h5py.File(path, "w") as file:
            for name, value in parts.items():
                if value is not None:
                    file[name] = value

    return make


def gctx_with_damaged_chunk(path):
    with h5py.File(path, "w") as file:
        matrix = file.create_dataset("0/DATA/0/matrix", data=X, chunks=(2, 3), compression="gzip")
        file["0/META/COL/id"], file["0/META/ROW/id"] = list("abcd"), list("xyz")
        chunk = matrix.id.get_chunk_info(1)
    with path.open("r+b") as raw:
        raw.seek(chunk.byte_offset)
        raw.write(b"\xff" * chunk.size)


def h5ad_with_damaged_chunk(path):
    sound().write_h5ad(path, compression="gzip")
    with h5py.File(path) as file:
        chunk = file["X"].id.get_chunk_info(0)
    with path.open("r+b") as raw:
        raw.seek(chunk.byte_offset)
        raw.write(b"\xff" * chunk.size)


def h5ad(change):
    """Return a writer of an h5ad that ``change`` then spoils."""

    def make(path):
        write(sound(), path)
        with h5py.File(path, "r+") as file:
            change(file)

    return make


def replace(name, value):
    def change(file):
        del file[name]
        if value is not None:
            file[name] = value

    return change


def cut(writer, share):
    """Return a writer of the first ``share`` of a file."""

    def make(path):
        writer(path)
        raw = path.read_bytes()
        path.write_bytes(raw[: int(len(raw) * share)])

    return make


def save(path):
    write(sound(), path)


def text(content):
    return lambda path: path.write_text(content, encoding="utf-8")


def raw(content):
    return lambda path: path.write_bytes(content)


def idx(shape, n, kind=8):
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, kind, len(shape), *shape) + bytes(n)


# fmt: off
MALFORMED = [
    ("a.gctx", raw(b""), "not a GCTX"),
    ("a.gctx", text("sig_id\tg1\n"), "not a GCTX"),
    ("a.gctx", cut(save, 0.5), "truncated"),
    ("a.gctx", gctx(**{"0/DATA/0/matrix": None}), "has no /0/DATA/0/matrix"),
    ("a.gctx", gctx(**{"0/META/COL/id": None}), "has no /0/META/COL/id"),
    ("a.gctx", gctx(**{"0/META/ROW/id": None}), "has no /0/META/ROW/id"),
    ("a.gctx", gctx(**{"0/DATA/0/matrix": X.T}), "matrix is (3, 4) but its ids are (4, 3)"),
    ("a.gctx", gctx(**{"0/DATA/0/matrix": X[0]}), "matrix is (3,) but its ids are (4, 3)"),
    ("a.gctx", gctx(**{"0/DATA/0/matrix": X[None]}), "matrix is (1, 4, 3)"),
    ("a.gctx", gctx(**{"0/DATA/0/matrix": X.astype("S4")}), "not numbers"),
    ("a.gctx", gctx(**{"0/META/COL/cell_id": ["PC3"] * 3}), "is not a column of 4 values"),
    ("a.gctx", gctx(**{"0/META/COL/id": list("abca")}), "1 duplicate signature ids, first 'a'"),
    ("a.gctx", gctx(**{"0/META/ROW/id": list("xyx")}), "1 duplicate gene ids, first 'x'"),
    ("a.gctx", gctx_with_damaged_chunk, "damaged"),
    ("a.gctx", lambda path: sound().write_h5ad(path), "has no /0/DATA/0/matrix"),
    ("a.gct", text(""), "first line is ''"),
    ("a.gct", text(GCT.replace("#1.3", "#1.1")), "first line is '#1.1', expected #1.2 or #1.3"),
    ("a.gct", text(GCT.replace("2\t2\t1\t1", "two\t2\t1\t1")), "expected 4 whole numbers"),
    ("a.gct", text(GCT.replace("2\t2\t1\t1", "2\t2")), "expected 4 whole numbers"),
    ("a.gct", text("#1.3\n2\t2\t1\t1\n"), "ends after its second line"),
    ("a.gct", text(GCT.replace("g2\tATP\t3\t4\n", "")), "promises 3 x 4"),
    ("a.gct", text(GCT + "g3\tX\t5\t6\n"), "promises 3 x 4"),
    ("a.gct", text(GCT.replace("2\t2\t1\t1", "2\t3\t1\t1")), "promises 3 x 5"),
    ("a.gct", text(GCT.replace("\t3\t4\n", "\t3\n")), "row 'g2' has 3 fields, the header 4"),
    ("a.gct", text(GCT.replace("\t3\t4\n", "\t3\t4\t5\n")), "row 'g2' has 5 fields"),
    ("a.gct", text(GCT.replace("\t4\n", "\tfour\n")), "first 'four' at gene 'g2', signature 'B'"),
    ("a.gct", text(GCT.replace("g2", "g1")), "1 duplicate gene ids, first 'g1'"),
    ("a.gct", text(GCT.replace("\tA\tB", "\tA\tA")), "1 duplicate signature ids, first 'A'"),
    ("a.gct", text("#1.3\n1\t1\t0\t2\nid\tA\nx\t1\nx\t2\ng\t1\n"), "two metadata fields are"),
    ("a.gct.gz", cut(save, 0.6), "not a whole GCT file"),
    ("a.h5ad", raw(b""), "not an h5ad"),
    ("a.h5ad", text("sig_id\tg1\n"), "not an h5ad"),
    ("a.h5ad", cut(save, 0.5), "not an h5ad"),
    ("a.h5ad", gctx(), "its obs is missing"),
    ("a.h5ad", h5ad(replace("var", None)), "its var is missing"),
    ("a.h5ad", h5ad(replace("X", None)), "has no X"),
    ("a.h5ad", h5ad_with_damaged_chunk, "not an h5ad"),
    ("a.h5ad", h5ad(replace("X", X.T)), "X is (3, 4) but obs and var are (4, 3)"),
    ("a.h5ad", h5ad(replace("X", X.astype("S4"))), "not numbers"),
    ("a.h5ad", h5ad(replace("obs/_index", np.array([b"a", b"b", b"c", b"a"]))), "duplicate"),
    ("a.tsv", text(""), "it is empty"),
    ("a.tsv", text("sig_id\nA\n"), "no gene among its columns"),
    ("a.tsv", text("sig_id\tg1\nA\tone\n"), "'g1' holds 'one'"),
    ("a.tsv", text("sig_id\tg1\tg2\nA\t1\n"), "1 rows have not the 3 fields"),
    ("a.csv", text("sig_id,g1,g1\nA,1,2\n"), "two columns are called 'g1'"),
    ("a.csv.gz", raw(gzip.compress(b"sig_id,g1\nA,1\n" * 99)[:40]), "not a table"),
    ("a.parquet", raw(b"PAR1 and no more"), "not a table"),
    ("a-idx3-ubyte", raw(idx((2, 2, 2), 7)), "holds 7 values, its header promises (2, 2, 2)"),
    ("a-idx3-ubyte", raw(idx((2, 2, 2), 8, kind=0xD)), "not an IDX file of unsigned bytes"),
    ("a-idx3-ubyte", raw(idx((2, 2, 2), 8)[:9]), "ends within its header"),
    ("a-idx1-ubyte", raw(idx((8,), 8)), "expected images x rows x columns"),
    ("a-idx3-ubyte.gz", raw(b"\x1f\x8b\x08 no"), "not a whole gzip file"),
]
# fmt: on


@pytest.mark.parametrize("target", ["out.gctx", "out.gct", "out.h5ad"])
@pytest.mark.parametrize(("name", "make", "message"), MALFORMED)
def test_conversion_ends_with_a_sentence(tmp_path, name, make, message, target):
    source = tmp_path / name
    make(source)
    result = CliRunner().invoke(app, ["convert", str(source), str(tmp_path / target)])
    assert result.exit_code == 1, result.exception
    assert result.output.startswith("svqvae: ")
    assert str(source) in result.output
    assert message in result.output
    assert isinstance(result.exception, SystemExit)
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("name", ["a.gctx", "a.gct", "a.h5ad", "a.tsv", "a.parquet"])
def test_values_that_no_model_can_take(tmp_path, name, value):
    adata = sound()
    adata.obs["class"] = list("xyxy")
    make_model(adata, preset="class_mean").train().save(tmp_path / "model")
    adata.X[2, 1] = value
    write(adata, tmp_path / name)
    before = sorted(tmp_path.iterdir())
    arguments = ["predict", str(tmp_path / "model"), str(tmp_path / name), "--out"]
    result = CliRunner().invoke(app, [*arguments, str(tmp_path / "p.tsv")])
    assert result.exit_code == 1
    assert "1 values in 1 signatures are NaN or infinite" in result.output
    assert "signature 's2', gene 'g1'" in result.output
    assert sorted(tmp_path.iterdir()) == before
