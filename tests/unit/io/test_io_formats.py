"""Kinds of file are rows: what reads and writes each is there, and a row makes a new kind."""

import sys
import types
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from io_cases import raises_naming

from svqvae.io import formats, read
from svqvae.io.convert import convert
from svqvae.io.formats import FORMATS, Format, kind_of, reader_modules, writer_of
from svqvae.io.signature_file import SignatureFile, WholeFile
from svqvae.run.config import read_schema


def named(function):
    module, _, name = function.partition(":")
    return getattr(import_module(module), name)


@pytest.mark.parametrize("kind", FORMATS)
def test_readers_and_writers_are_there(kind):
    assert issubclass(named(FORMATS[kind].reader), SignatureFile)
    if FORMATS[kind].writer:
        assert callable(named(FORMATS[kind].writer))
        for suffix in FORMATS[kind].suffixes:
            assert writer_of(f"a{suffix}") is named(FORMATS[kind].writer)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("a.txt.gz", "table"), ("a.PARQUET", "table"), ("t10k-images-idx3-ubyte", "idx")),
        *(("train.images.idx3-ubyte.gz", "idx"), ("a.idx", "idx"), ("a.gct.h5ad", "h5ad")),
    ],
)
def test_a_kind_is_told_by_the_name(name, kind):
    assert kind_of(f"folder.gctx/{name}") == kind


def test_what_ends_as_none_is_refused_with_all_that_are_known():
    with raises_naming("a.loom", "unknown kind", ".gctx, .gct, .h5ad, .tsv", "-idx3-ubyte"):
        kind_of("a.loom")


def test_a_kind_that_is_only_read_is_not_written():
    with raises_naming("a.idx", "IDX is read, not written"):
        writer_of("a.idx")


class Lines(WholeFile):
    """A signature a line: its name, then its values."""

    @property
    def _table(self):
        return pd.read_csv(self.path, sep=" ", header=None, index_col=0)

    @property
    def obs(self):
        return pd.DataFrame(index=self._table.index.astype(str))

    @property
    def var(self):
        return pd.DataFrame(index=[f"g{i}" for i in range(self._table.shape[1])])

    def read(self, rows, genes):
        return self._table.to_numpy(np.float32)[np.ix_(rows, genes)]


def write_lines(path, parts, obs, var):
    x = np.concatenate(list(parts))
    text = [" ".join([name, *map(str, row)]) for name, row in zip(obs.index, x, strict=True)]
    path.write_text("\n".join(text) + "\n")


@pytest.fixture
def lines(monkeypatch):
    """A kind of a module of one's own, by one row."""
    module = types.ModuleType("lines_of_mine")
    module.Lines, module.write_lines = Lines, write_lines
    monkeypatch.setitem(sys.modules, "lines_of_mine", module)
    row = Format(
        reader="lines_of_mine:Lines", writer="lines_of_mine:write_lines", suffixes=(".lines",)
    )
    monkeypatch.setitem(formats.FORMATS, "lines", row)


def test_a_row_is_all_that_a_new_kind_needs(lines, tmp_path, repository):
    (tmp_path / "a.lines").write_text("s1 1 2 3\ns2 4 5 6\n")
    adata = read(tmp_path / "a.lines", rows=["s2"], genes=["g2", "g0"])
    assert adata.X.tolist() == [[6.0, 4.0]]
    assert convert(tmp_path / "a.lines", tmp_path / "a.gctx") == (2, 3)
    assert convert(tmp_path / "a.gctx", tmp_path / "b.lines") == (2, 3)
    assert read(tmp_path / "b.lines").X.tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    schema = read_schema(repository / "workflow" / "schemas" / "config.schema.yaml")
    assert "lines" in schema["$defs"]["source"]["properties"]["kind"]["enum"]
    assert "lines_of_mine" in reader_modules()
