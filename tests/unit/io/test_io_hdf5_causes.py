"""HDF5 that is sound and cannot be read for another cause: it is told, and not called damage."""

import errno
import fcntl
import os

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from h5ad_ages import SIGS, WANT, today
from io_cases import raises_naming
from test_io_gctx import make

from svqvae.io import gctx, h5ad, read
from svqvae.io.convert import write


@pytest.fixture(params=["a.gctx", "a.h5ad"])
def path(request, tmp_path):
    path = tmp_path / request.param
    return make(path, WANT, sigs=SIGS) if path.suffix == ".gctx" else today(path)


def test_a_fault_of_our_own_code(path, monkeypatch):
    for module in (gctx, h5ad):
        monkeypatch.setattr(module, "read_block", lambda: None)  # is called with three arguments
    with pytest.raises(TypeError):
        read(path)


def test_no_memory(path, monkeypatch):
    def fails(*_):
        raise MemoryError("Unable to allocate 3 GiB")

    for module in (gctx, h5ad):
        monkeypatch.setattr(module, "read_block", fails)
    with raises_naming(path, "does not fit into memory (Unable to allocate 3 GiB)"):
        read(path)


def test_a_file_that_another_program_writes(path):
    with open(path, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with raises_naming(path, "cannot be read: it is in use"):
            read(path)
    np.testing.assert_array_equal(read(path).X, WANT)


@pytest.mark.parametrize("name", ["a.gctx", "a.h5ad", "a.parquet", "a.tsv", "a.gct"])
def test_a_file_that_may_not_be_read(tmp_path, monkeypatch, name):
    obs = pd.DataFrame(index=["a", "b"])
    write(ad.AnnData(np.array([[1, -1], [2, -2]], np.float32), obs=obs), tmp_path / name)
    really_open = open

    def refuse(file, *args, **kwargs):
        if str(file) == str(tmp_path / name):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))
        return really_open(file, *args, **kwargs)

    monkeypatch.setattr("builtins.open", refuse)
    with raises_naming(tmp_path / name, "cannot be read: Permission denied"):
        read(tmp_path / name)
