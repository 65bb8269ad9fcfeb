"""One entry point: the same signatures from every kind of file."""

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from io_cases import PROPERTY, pick, raises_naming, subsets
from scipy import sparse

from svqvae.io import read, read_metadata
from svqvae.io.convert import write
from svqvae.io.formats import kind_of

IDS = ([f"s{i}" for i in range(9)], [f"g{i}" for i in range(6)])
FILES = ["a.gctx", "a.gct", "a.gct.gz", "dense.h5ad", "csr.h5ad", "csc.h5ad"]


@pytest.fixture(scope="module")
def example():
    x = np.random.default_rng(3).normal(size=(9, 6)).astype(np.float32)
    x[x < 0] = 0
    obs = pd.DataFrame(
        {
            "pert_id": [f"{i:04d}" for i in range(9)],
            "dose": [0.5 * i for i in range(8)] + [np.nan],
            "cell_id": ["A375", "MCF7", None] * 3,
        },
        index=IDS[0],
    )
    return ad.AnnData(x, obs=obs, var=pd.DataFrame({"pr_is_lm": range(6)}, index=IDS[1]))


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr("svqvae.io.h5ad_sparse.BLOCK", 4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, example):
    folder = tmp_path_factory.mktemp("reader")
    for name in FILES:
        adata = example.copy()
        if name.startswith("cs"):
            adata.X = sparse.csr_matrix(adata.X).asformat(name[:3])
        write(adata, folder / name)
    return folder


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.gctx", "gctx"),
        ("A.GCTX", "gctx"),
        ("a.b.gct", "gct"),
        ("a.Gct.Gz", "gct"),
        ("a.h5ad", "h5ad"),
    ],
)
def test_kind_follows_from_the_name(name, kind):
    assert kind_of(f"folder.gct/{name}") == kind


@pytest.mark.parametrize("name", ["a.doc", "a.xlsx.gz", "gct", "a.h5"])
def test_unknown_kind(tmp_path, name):
    for function in (read, read_metadata):
        with raises_naming(tmp_path / name, "unknown kind", ".gctx, .gct, .h5ad"):
            function(tmp_path / name)


@pytest.mark.parametrize("name", FILES)
def test_missing_file(tmp_path, name):
    for function in (read, read_metadata):
        with raises_naming(tmp_path / name, "no such file"):
            function(tmp_path / name)


@pytest.mark.parametrize("name", FILES)
def test_every_kind_gives_the_same_signatures(folder, example, name):
    adata = read(folder / name)
    assert isinstance(adata.X, np.ndarray)
    assert adata.X.dtype == np.float32
    np.testing.assert_array_equal(adata.X, example.X)
    assert (list(adata.obs_names), list(adata.var_names)) == IDS
    assert adata.obs["pert_id"].to_list() == [f"{i:04d}" for i in range(9)]
    assert pd.api.types.is_float_dtype(adata.obs["dose"])
    np.testing.assert_array_equal(adata.obs["dose"], example.obs["dose"])
    assert adata.obs["cell_id"].isna().to_list() == [False, False, True] * 3
    assert adata.obs["cell_id"].dropna().to_list() == ["A375", "MCF7"] * 3
    assert adata.var["pr_is_lm"].to_list() == list(range(6))


@PROPERTY
@given(st.sampled_from(FILES), subsets(IDS[0]), subsets(IDS[1]))
def test_any_subset_equals_numpy_indexing(folder, example, name, rows, genes):
    adata = read(folder / name, rows=rows, genes=genes)
    np.testing.assert_array_equal(adata.X, pick(example.X, IDS, rows, genes))
    assert (list(adata.obs_names), list(adata.var_names)) == (rows or IDS[0], genes or IDS[1])
    assert adata.obs["pert_id"].to_list() == [f"{IDS[0].index(r):04d}" for r in rows or IDS[0]]


@pytest.mark.parametrize("name", FILES)
def test_metadata_alone(folder, name):
    obs, var = read_metadata(folder / name)
    assert (list(obs.index), list(var.index)) == IDS
    assert sorted(obs.columns) == ["cell_id", "dose", "pert_id"]
    assert obs["dose"].iloc[:8].astype(float).to_list() == [0.5 * i for i in range(8)]
    assert pd.isna(obs["dose"].iloc[8])


@pytest.mark.parametrize("name", FILES)
def test_unknown_id_gets_the_nearest_name(tmp_path, name):
    ids = ["BRD-K1_MCF7_6H", "BRD-K9_MCF7_24H"], ["TP53", "ATP1B1"]
    tables = [pd.DataFrame(index=i) for i in ids]
    write(ad.AnnData(np.ones((2, 2), np.float32), *tables), tmp_path / name)
    with raises_naming(tmp_path / name, "1 of 1 signature", "did you mean 'BRD-K9_MCF7_24H'?"):
        read(tmp_path / name, rows=["BRD-K9_MCF7_24"])
    with raises_naming(tmp_path / name, "1 of 2 gene", "'ATP1B'; did you mean 'ATP1B1'?"):
        read(tmp_path / name, genes=["TP53", "ATP1B"])


def test_duplicate_ids_in_h5ad(tmp_path):
    path = tmp_path / "a.h5ad"
    with pytest.warns(UserWarning, match="not unique"):
        ad.AnnData(np.ones((2, 1), np.float32), pd.DataFrame(index=["a", "a"])).write_h5ad(path)
    with raises_naming(path, "1 duplicate signature ids", "'a'"):
        read(path)


@pytest.mark.parametrize("content", ["text", "half", "other hdf5"])
def test_bad_h5ad(tmp_path, folder, content):
    path = tmp_path / "a.h5ad"
    raw = {"text": b"sig_id\n", "half": (folder / "dense.h5ad").read_bytes()[:3000]}
    if content in raw:
        path.write_bytes(raw[content])
    else:
        with h5py.File(path, "w") as file:
            file["0/DATA/0/matrix"] = np.ones((2, 2))
    for function in (read, read_metadata):
        with raises_naming(path, "not an h5ad"):
            function(path)


def test_h5ad_without_x(tmp_path):
    path = tmp_path / "a.h5ad"
    ad.AnnData(obs=pd.DataFrame(index=["a"]), var=pd.DataFrame(index=["g"])).write_h5ad(path)
    with raises_naming(path, "no X"):
        read(path)


def test_real_gene_ids_are_whole_numbers_in_text(shared_data):
    plates = shared_data / "l1000_plates"
    for name in ("CPC006_A375_6H_level4_n371x978", "LJP005_A375_24H_level4_n377x978"):
        with h5py.File(plates / f"{name}.gctx") as file:
            want = [str(int(v)) for v in file["0/META/ROW/pr_gene_id"][...]]
        assert read(plates / f"{name}.gctx").var["pr_gene_id"].to_list() == want


def test_real_gct_has_typed_columns(shared_data):
    path = shared_data / "l1000_plates/level5_s2n_n5x978.gct"
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    at = lines[2].index("pr_gene_id")
    adata = read(path)
    assert adata.var["pr_gene_id"].to_list() == [line[at] for line in lines[10:]]
    assert adata.obs["num_a"].to_list() == [2] * 5
    assert pd.api.types.is_integer_dtype(adata.obs["num_a"])
    assert adata.var["pr_model_id"].isna().all()


def test_genes_by_entrez_id_where_the_file_names_probes(shared_data):
    path = shared_data / "l1000_plates/modz_level5_n272x978.gctx"
    whole = read(path)
    assert whole.var_names[0].endswith("_at")
    entrez = whole.var["pr_gene_id"].astype(str).to_list()
    part = read(path, genes=[entrez[5], entrez[0]])
    assert list(part.var_names) == [entrez[5], entrez[0]]
    np.testing.assert_array_equal(part.X, whole.X[:, [5, 0]])
