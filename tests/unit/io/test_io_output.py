"""Where a file cannot be written: told before the work, by name, and nothing half-written."""

import errno
import os
import subprocess
import sys

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from io_cases import raises_naming

from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path, write_table
from svqvae.io.convert import convert, write
from svqvae.io.output import require_writable


def everything(folder):
    return sorted(p.relative_to(folder) for p in folder.rglob("*"))


def test_a_place_that_can_be_written_is_left_as_it_is(tmp_path):
    (tmp_path / "old.tsv").write_text("old")
    for name in ("old.tsv", "new.tsv", "deep/er/new.TSV"):
        require_writable(tmp_path / name, suffixes=(".tsv",), inputs=[tmp_path / "in.csv"])
    assert everything(tmp_path) == [(tmp_path / "old.tsv").relative_to(tmp_path)]
    assert (tmp_path / "old.tsv").read_text() == "old"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder", "a folder; name the file to write in it"),
        ("folder.tsv", "a folder; name the file to write in it"),
        ("file/o.tsv", "is not a folder"),
        ("file/deep/o.tsv", "is not a folder"),
        ("dangling/o.tsv", "is not a folder"),
        ("o.xlsx", "expected a name that ends in .tsv or .csv"),
        ("o", "expected a name that ends in .tsv or .csv"),
        (".tsv.gz", "expected a name that ends in .tsv or .csv"),
        ("o" * 300 + ".tsv", "cannot be written: File name too long"),
        ("in.tsv", "is read and would be replaced"),
        ("link.tsv", "is read and would be replaced"),
    ],
)
def test_places_that_cannot_be_written(tmp_path, name, message):
    for folder in ("folder", "folder.tsv"):
        (tmp_path / folder).mkdir()
    for file in ("file", "in.tsv"):
        (tmp_path / file).touch()
    (tmp_path / "link.tsv").symlink_to(tmp_path / "in.tsv")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    before = everything(tmp_path)
    with raises_naming(tmp_path / name, message):
        require_writable(tmp_path / name, suffixes=(".tsv", ".csv"), inputs=[tmp_path / "in.tsv"])
    assert everything(tmp_path) == before


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC, errno.EDQUOT])
def test_what_the_system_says_is_told(tmp_path, monkeypatch, number):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number), str(tmp_path))

    monkeypatch.setattr("builtins.open", refuse)
    with raises_naming(tmp_path / "o.tsv", f"cannot be written: {os.strerror(number)}"):
        require_writable(tmp_path / "o.tsv")


def test_a_table_with_commas_where_its_name_says_so(tmp_path):
    table = pd.DataFrame({"a": ["x,y", "z"], "b": [1, 2]})
    write_table(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == 'a,b\n"x,y",1\nz,2\n'


# -- while it is written -----------------------------------------------------------------------
def test_a_full_disk_is_told_and_the_old_file_kept(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with raises_naming(target, "cannot be written: No space left on device"):
        with atomic_path(target) as temporary:
            temporary.write_text("half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_errors_of_other_files_stay_what_they_are(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "a.txt"):
        (tmp_path / "other").read_text()


def test_a_path_below_a_file(tmp_path):
    (tmp_path / "file").touch()
    with raises_naming(tmp_path / "file/a.txt", "cannot be written: "):
        with atomic_path(tmp_path / "file/a.txt"):
            pass


def test_a_name_that_is_too_long(tmp_path):
    with raises_naming(tmp_path, "cannot be written: File name too long"):
        with atomic_path(tmp_path / f"{'n' * 250}.tsv"):
            pass


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_what_cannot_be_made_and_not_be_removed(tmp_path, monkeypatch, number):
    def refuse(path, *_, **__):
        raise OSError(number, os.strerror(number), os.fspath(path))

    monkeypatch.setattr("os.open", refuse)
    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    with raises_naming(tmp_path / "o.tsv", f"cannot be written: {os.strerror(number)}"):
        with atomic_path(tmp_path / "o.tsv"):
            pass


_FULL = """
import resource, signal, sys
import anndata as ad
import numpy as np
import pandas as pd
from svqvae.errors import SvqvaeError
from svqvae.io.convert import convert, write

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
source = sys.argv[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
for target in sys.argv[2:]:
    try:
        convert(source, target)
    except SvqvaeError as error:
        print(error)
"""


def test_files_that_do_not_fit_on_the_disk(tmp_path):
    """A limit on the size of files stands for a full disk; libhdf5 must not crash at the end."""
    rng = np.random.default_rng(0)
    source = tmp_path / "a.h5ad"
    obs = pd.DataFrame({"note": [f"note {i}" for i in range(300)]})
    obs.index = [f"s{i}" for i in range(300)]
    adata = ad.AnnData(rng.normal(size=(300, 400)).astype(np.float32), obs=obs)
    write(adata, source)
    out = tmp_path / "out"
    out.mkdir()
    targets = [str(out / f"b.{kind}") for kind in ("gctx", "h5ad", "gct", "tsv", "parquet")]
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(source), *targets],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = done.stdout.splitlines()
    assert len(told) == len(targets)
    for line, target in zip(told, targets, strict=True):
        # HDF5 says it in several lines, with the name of the temporary file.
        assert line.startswith(f"{target}: cannot be written: File too large; the system lets no")
        assert ".part" not in line
    assert list(out.iterdir()) == []


def test_a_file_is_converted_onto_itself_as_a_whole_alone(tmp_path):
    path = tmp_path / "a.gctx"
    write(ad.AnnData(np.ones((2, 2), np.float32)), path)
    before = path.read_bytes()
    with raises_naming(path, "is read and would be replaced"):
        convert(path, path, rows=["0"])
    assert path.read_bytes() == before
    convert(path, path)


def test_places_are_refused_before_anything_is_read(tmp_path):
    (tmp_path / "folder.gctx").mkdir()
    with raises_naming(tmp_path / "folder.gctx", "a folder"):
        convert(tmp_path / "absent.gctx", tmp_path / "folder.gctx")
    with pytest.raises(SvqvaeError, match="a folder"):
        write(ad.AnnData(np.ones((1, 1), np.float32)), tmp_path / "folder.gctx")
