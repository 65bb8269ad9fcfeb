"""Atomic writes: a whole file or none."""

import os
import stat

import numpy as np
import pandas as pd
import pytest

from svqvae.io.atomic import atomic_path, write_table
from svqvae.io.gct import write_gct
from svqvae.io.gctx import write_gctx


class Boom(Exception):
    pass


def test_file_appears_only_at_the_end(tmp_path):
    target = tmp_path / "new" / "folder" / "a.txt"
    with atomic_path(target) as temporary:
        temporary.write_text("whole")
        assert temporary.parent == target.parent
        assert not target.exists()
    assert target.read_text() == "whole"
    assert list(target.parent.iterdir()) == [target]


def test_exception_leaves_nothing(tmp_path):
    with pytest.raises(Boom), atomic_path(tmp_path / "a.txt") as temporary:
        temporary.write_text("half")
        assert temporary.exists()
        raise Boom
    assert list(tmp_path.iterdir()) == []


def test_exception_before_the_first_byte(tmp_path):
    with pytest.raises(Boom), atomic_path(tmp_path / "a.txt"):
        raise Boom
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("problem", [Boom, KeyboardInterrupt, SystemExit])
def test_exception_keeps_the_old_file(tmp_path, problem):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(problem), atomic_path(target) as temporary:
        temporary.write_text("half of the new")
        raise problem
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_success_replaces_the_old_file(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old and longer")
    with atomic_path(str(target)) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old and longer"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("writer", [write_gctx, write_gct])
def test_failed_writer_keeps_the_old_file(tmp_path, writer):
    target = tmp_path / "a.file"
    target.write_text("old")
    obs = pd.DataFrame({"cell_id": ["A375", "\ud800 has no UTF-8"]}, index=["a", "b"])
    with pytest.raises(UnicodeEncodeError):
        writer(target, np.zeros((2, 1)), obs, pd.DataFrame(index=["g"]))
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_write_table(tmp_path):
    table = pd.DataFrame({"id": ["a", "b"], "x": [1 / 3, 1234567.0], "n": [1, 2]}, index=[5, 6])
    write_table(table, tmp_path / "t" / "a.tsv")
    text = (tmp_path / "t" / "a.tsv").read_text()
    assert text == "id\tx\tn\na\t0.333333\t1\nb\t1.23457e+06\t2\n"
    assert list((tmp_path / "t").iterdir()) == [tmp_path / "t" / "a.tsv"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_permissions_are_those_of_any_new_file(tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        with atomic_path(tmp_path / "a.txt") as temporary:
            temporary.write_text("whole")
            temporary.chmod(0o700)  # as a writer may that makes files of its own
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "a.tsv")
    finally:
        os.umask(before)
    for name in ("a.txt", "a.tsv"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode


def test_a_writer_that_writes_nothing_leaves_the_old_file(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(FileNotFoundError), atomic_path(target):
        pass
    assert target.read_text() == "old"


def test_floats_are_written_as_pandas_writes_them(tmp_path):
    rng = np.random.default_rng(0)
    wide = rng.normal(size=200) * 10.0 ** rng.integers(-320, 300, 200)
    wide[:6] = [0.0, -0.0, np.nan, np.inf, -np.inf, 1e-300]
    table = pd.DataFrame(
        {"x": wide, "single": wide.clip(-1e30, 1e30).astype(np.float32), "n": np.arange(200)}
        | {"mixed": np.array([1.23456789, "a", None, 2] * 50, dtype=object), "yes": wide > 0}
        | {"known": pd.array([0.1234567, None] * 100, dtype="Float64")},
        index=np.repeat([3, 4], 100),
    )
    table = pd.concat([table, table[["x"]]], axis=1)
    for part in (table, table[["single"]], table.iloc[:0]):
        kinds = part.dtypes
        write_table(part, tmp_path / "a.tsv")
        pd.testing.assert_series_equal(part.dtypes, kinds)
        part.to_csv(tmp_path / "b.tsv", sep="\t", index=False, float_format="%.6g")
        assert (tmp_path / "a.tsv").read_bytes() == (tmp_path / "b.tsv").read_bytes()
