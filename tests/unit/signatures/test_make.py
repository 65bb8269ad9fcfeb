"""Which way an experiment goes."""

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from svqvae.errors import SvqvaeError
from svqvae.io.gctx import write_gctx
from svqvae.pp.source import Source
from svqvae.signatures import counts
from svqvae.signatures.asked import asked_for, problems
from svqvae.signatures.make import make_signatures


@pytest.fixture
def files(tmp_path, cells):
    """Return a file of cells, and one of plates with z-scores."""
    x, obs, var, _ = cells
    ad.AnnData(x, obs=obs, var=var).write_h5ad(tmp_path / "cells.h5ad")
    z = np.random.default_rng(0).normal(size=(6, 30)).astype(np.float32)
    wells = pd.DataFrame({"pert_id": list("aabbcc")}, index=list("123456"))
    write_gctx(tmp_path / "z.gctx", z, wells, pd.DataFrame(index=[f"g{i}" for i in range(30)]))
    return tmp_path


def make(path, **asked):
    return make_signatures(Source(signatures=path), asked)


def test_plates_and_counts_are_told_apart(files):
    assert make(files / "z.gctx").how["method"] == "modz"
    assert make(files / "z.gctx", replicates="auto").obs.index.tolist() == ["a", "b", "c"]
    assert make(files / "cells.h5ad", control={"drug": "ctrl"}).how["method"] == "robust_z"


def test_counts_told_by_their_values_are_opened_once(files, cells, monkeypatch):
    x, obs, var, _ = cells
    write_gctx(files / "cells.gctx", x.astype(np.float32), obs, var)
    opened, once = [], counts.open_signatures
    monkeypatch.setattr(counts, "open_signatures", lambda path: opened.append(path) or once(path))
    found = make(files / "cells.gctx", control={"drug": "ctrl"})
    assert found.how["method"] == "robust_z"
    assert opened == [files / "cells.gctx"]


@pytest.mark.parametrize(
    ("name", "asked", "said"),
    [
        ("cells.h5ad", {}, "holds counts, which need a control: .* it may be drug=ctrl"),
        ("cells.h5ad", {"perturbation": "drug"}, "control is missing"),
        ("z.gctx", {"sample": "a", "level": "4"}, "level is of plates, sample of counts"),
        ("z.gctx", {"level": "5"}, "level: found '5'"),
        ("z.gctx", {"control": "pert_id=a", "cell_type": "x"}, "cell type: no column 'x'"),
        ("z.gctx", {"control": "pert_id=a", "layer": "X"}, "no counts: X holds scaled values"),
    ],
)
def test_what_does_not_go_together(files, name, asked, said):
    with pytest.raises(SvqvaeError, match=said):
        make(files / name, **asked)


def test_what_a_configuration_asks_for():
    source = {"kind": "gctx", "signatures": "a", "replicates": "auto", "level": 4}
    assert asked_for(source) == {"replicates": "auto", "level": 4}
    assert not asked_for({"kind": "h5ad", "signatures": "a"})
    assert not problems({"replicates": "auto", "level": 4})


def recovered(pbmc):
    """Return pbmc68k_reduced with counts, which its log-normalised values still hold.

    Of a cell they are multiples of the smallest, which is one count.
    """
    values = np.expm1(pbmc.raw.X.toarray().astype(float))
    smallest = np.where(values > 0, values, np.inf).min(1, keepdims=True)
    return ad.AnnData(np.rint(values / smallest), obs=pbmc.obs, var=pbmc.raw.var)


def test_real_cells_are_refused_where_they_hold_no_counts(tmp_path):
    sc = pytest.importorskip("scanpy")
    sc.datasets.pbmc68k_reduced().write_h5ad(tmp_path / "pbmc.h5ad")
    with pytest.raises(SvqvaeError) as error:
        make(tmp_path / "pbmc.h5ad", control="bulk_labels=CD19+ B")
    assert "X holds scaled values (some are negative); raw/X holds log" in str(error.value)


def test_markers_of_real_cells(tmp_path):
    """T, NK and B cells and monocytes for perturbations: their known markers come first."""
    sc = pytest.importorskip("scanpy")
    recovered(sc.datasets.pbmc68k_reduced()).write_h5ad(tmp_path / "pbmc.h5ad")
    made = make(tmp_path / "pbmc.h5ad", control="bulk_labels=Dendritic")
    found = pd.DataFrame(np.array(made.x), made.obs.index, made.var.index)
    first = {cell: set(found.loc[cell].nlargest(14).index) for cell in found.index}
    assert {"NKG7", "CST7", "CTSW"} <= first["CD56+ NK"]
    assert {"CD79B", "CD37"} <= first["CD19+ B"]
    assert {"LST1", "TYROBP", "FCER1G"} <= first["CD14+ Monocyte"]
    assert {"CD3D", "CD3E"} <= first["CD4+/CD25 T Reg"]
    # Eight of nine: of one there are 8 cells.
    assert "CD4+/CD45RA+/CD25- Naive T" in " ".join(made.notes)


def test_raw_of_an_old_file(tmp_path):
    """The file that scanpy ships is of anndata before 0.7."""
    sc = pytest.importorskip("scanpy")
    path = Path(sc.__file__).parent / "datasets" / "10x_pbmc68k_reduced.h5ad"
    with pytest.raises(SvqvaeError, match="raw.X holds log or normalised values"):
        make(path, control="bulk_labels=CD19+ B")
