"""h5ad of any age: the same signatures; what is not needed and cannot be read is left out."""

import warnings

import anndata as ad
import h5py
import numpy as np
import pytest
from fuzz_hdf5 import attempt
from h5ad_ages import (
    AGES,
    CELLS,
    GENES,
    SIGS,
    WANT,
    X,
    add_column,
    encoded,
    nullable,
    text,
    today,
    tomorrow,
    write_x,
)
from io_cases import raises_naming

from svqvae.data.matrix import SignatureMatrix
from svqvae.errors import SvqvaeError
from svqvae.io import read, read_metadata
from svqvae.io.convert import convert


def assert_cells(column):
    assert column.isna().to_list() == [c is None for c in CELLS]
    assert column.dropna().to_list() == [c for c in CELLS if c is not None]


@pytest.mark.parametrize("age", AGES)
def test_every_age_gives_the_same_signatures(tmp_path, age):
    path = AGES[age](tmp_path / "a.h5ad")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        adata = read(path)
    np.testing.assert_array_equal(adata.X, WANT)
    assert (list(adata.obs_names), list(adata.var_names)) == (SIGS, GENES)
    assert_cells(adata.obs["cell_id"])
    assert "cell_id_categories" not in adata.uns
    part = read(path, rows=["s4", "s1"], genes=["5720", "16"])
    np.testing.assert_array_equal(part.X, X[[3, 0]][:, [2, 0]])


@pytest.mark.parametrize("target", ["b.h5ad", "b.gctx", "b.gct", "b.tsv"])
@pytest.mark.parametrize("age", AGES)
def test_every_age_is_converted_to_every_kind(tmp_path, age, target):
    path = AGES[age](tmp_path / "a.h5ad")
    assert convert(path, tmp_path / target) == (4, 3)
    adata = read(tmp_path / target)
    np.testing.assert_array_equal(adata.X, WANT)
    assert (list(adata.obs_names), list(adata.var_names)) == (SIGS, GENES)
    assert_cells(adata.obs["cell_id"])


@pytest.mark.parametrize("age", AGES)
def test_every_age_is_mapped_and_its_nulls_are_refused(tmp_path, age):
    path = AGES[age](tmp_path / "a.h5ad")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        backed = ad.read_h5ad(path, backed="r")
    with raises_naming("1 values in 1 signatures", "signature 's2:x', gene '23'"):
        SignatureMatrix.of(backed, ["16", "23"], clip=10)
    matrix = SignatureMatrix.of(backed, ["5720", "16"], clip=5)
    np.testing.assert_array_equal(matrix[:], np.clip(X[:, [2, 0]], -5, 5))


def test_numbers_that_are_null_in_tables(tmp_path):
    def change(file):
        obs = file["obs"]
        obs["dose"], obs["batch"] = np.array([1.5, -666, 3, np.nan]), np.array([1, -666, 3, 4])
        text(obs, "name", ["-666", "NA", "x", "y"])
        nullable(obs, "plate", np.array([1, -666, 3, 0]), [False, False, False, True], "integer")
        for name in ("dose", "batch", "name", "plate"):
            add_column(obs, name)

    path = today(tmp_path / "a.h5ad", change)
    for obs in (read(path).obs, read_metadata(path)[0]):
        assert obs["dose"].isna().to_list() == [False, True, False, True]
        assert obs["batch"].isna().to_list() == [False, True, False, False]
        assert obs["plate"].isna().to_list() == [False, True, False, True]
        assert obs["name"].isna().to_list() == [True, True, False, False]
        assert obs["name"].dropna().to_list() == ["x", "y"]


@pytest.mark.parametrize("kind", ["dense", "csr", "csc"])
def test_nulls_in_layers_are_missing(tmp_path, kind):
    path = today(tmp_path / "a.h5ad", lambda file: write_x(file, "layers/raw", kind))
    np.testing.assert_array_equal(read(path).layers["raw"], WANT)


def of_tomorrow(file):
    for name in ("uns/deep/x", "obsm/x", "obsp/x"):
        encoded(file.create_dataset(name, data=1), "of-tomorrow", "0.9")


def jhdf5(file):
    file.create_group("uns/__DATA_TYPES__")["Enum_Boolean"] = np.dtype("i1")


def nothing(file):
    for name in ("layers/spliced", "obsm/x"):
        encoded(file.create_dataset(name, data=h5py.Empty("f4")), "null", "0.1.0")


def of_another_shape(file):
    write_x(file, "layers/x", x=X[:2])
    encoded(file.create_dataset("obsm/x", data=X[:2]), "array")


def bad_pairs(file):
    pairs = write_x(file, "obsp/x", "csr", np.eye(4))
    pairs["indices"][...] = 4000


def too_large(file):
    write_x(file, "layers/raw", "csr", x=np.full((4, 3), 1e300))


def nullable_text_of_no_text(file):
    nullable(file["obs"], "note", [""] * 4, [False] * 4, "string-array")
    del file["obs/note/values"]
    file["obs/note/values"] = np.ones(4, dtype=bool)
    add_column(file["obs"], "note")


def uns_is_no_group(file):
    del file["uns"]
    file["uns"] = np.arange(3)


UNREADABLE = [
    (of_tomorrow, ["uns/deep/x (its encoding 'of-tomorrow' 0.9 is not known)", "obsm/x", "obsp/x"]),
    (jhdf5, ["uns/__DATA_TYPES__/Enum_Boolean"]),
    (nothing, ["layers/spliced"]),
    (of_another_shape, ["layers/x", "obsm/x"]),
    (bad_pairs, ["obsp/x"]),
    (too_large, ["layers/raw (a number beyond the range of float32 (3.4e38))"]),
    (
        nullable_text_of_no_text,
        ["obs/note (its encoding is 'nullable-string-array', and it holds bool)"],
    ),
    (uns_is_no_group, ["uns (not a group)"]),
]


@pytest.mark.parametrize(("change", "named"), UNREADABLE)
def test_what_is_not_needed_and_unreadable_is_left_out(tmp_path, caplog, change, named):
    def with_more(file):
        encoded(file.create_dataset("uns/kept", data="yes"), "string")
        change(file)

    path = today(tmp_path / "a.h5ad", with_more)
    assert convert(path, tmp_path / "b.h5ad") == (4, 3)
    for name in named:
        assert name in caplog.text
    assert len(caplog.text) < 2000
    np.testing.assert_array_equal(read(tmp_path / "b.h5ad").X, WANT)
    if change is not uns_is_no_group:
        assert read(path).uns["kept"] == "yes"


def test_booleans_that_r_wrote_as_bytes(tmp_path):
    def change(file):
        values, mask = np.array([0, 0, 1, 1], "i1"), np.array([1, 0, 0, 0], "i1")
        nullable(file["obs"], "is_gold", values, mask, "boolean")
        add_column(file["obs"], "is_gold")

    gold = read(today(tmp_path / "a.h5ad", change)).obs["is_gold"]
    assert gold.isna().to_list() == [True, False, False, False]
    assert gold[1:].to_list() == [False, True, True]


@pytest.mark.parametrize("value", [np.ones(4, complex), np.ones(3), h5py.Empty("f4"), "group"])
def test_a_column_that_cannot_be_read_is_named_and_left_out(tmp_path, caplog, value):
    def change(file):
        if isinstance(value, str):
            encoded(file["obs"].create_group("bad"), "of-tomorrow")
        else:
            file["obs"]["bad"] = value
        add_column(file["obs"], "bad")
        add_column(file["obs"], "absent")

    adata = read(today(tmp_path / "a.h5ad", change))
    assert list(adata.obs) == ["cell_id"]
    assert "obs/bad" in caplog.text
    assert "obs/absent" in caplog.text


@pytest.mark.parametrize("age", [today, tomorrow])
def test_an_id_that_is_missing(tmp_path, age):
    def change(file):
        del file["obs/_index"]
        nullable(file["obs"], "_index", SIGS, [False, True, False, False], "string-array")

    with raises_naming(today(tmp_path / "a.h5ad", change), "row 2 of obs has no id"):
        read(tmp_path / "a.h5ad")


def spoiled(part, values):
    def change(file):
        del file["X"]
        group = write_x(file, kind="csr")
        del group[part]
        group[part] = values

    return change


def without_array(part, put):
    """A sparse matrix in which a group, or nothing, takes the place of an array."""

    def change(file):
        del file["X"]
        group = write_x(file, kind="csr")
        del group[part]
        if put:
            group.create_group(part)

    return change


def null_x(file):
    del file["X"]
    encoded(file.create_dataset("X", data=h5py.Empty("f4")), "null", "0.1.0")


def null_group(file):
    del file["X"]
    encoded(file.create_group("X"), "null", "0.1.0")


def of_type(values):
    def change(file):
        del file["X"]
        file["X"] = values

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (null_x, "has no X"),
        (null_group, "has no X"),
        (of_type(X.astype(complex)), "X holds complex128, not numbers"),
        (of_type(X.astype("S4")), "not numbers"),
        (of_type(np.zeros((4, 3), [("a", "f4")])), "not numbers"),
        (of_type(X[0]), "X is (3,) but obs and var are (4, 3)"),
        (spoiled("indices", np.full(8, 4000)), "an index lies outside"),
        (spoiled("indices", np.full(8, -1)), "an index lies outside"),
        (spoiled("indptr", np.array([0, 8, 2, 3, 8])), "do not fit together"),
        (spoiled("indptr", np.array([0, 8])), "do not fit together"),
        (spoiled("data", np.ones(3)), "do not fit together"),
        (spoiled("data", np.full(8, b"x")), "not numbers"),
        (without_array("data", put=True), "its data are missing, or no array"),
        (without_array("indices", put=True), "its indices are missing, or no array"),
        (without_array("indptr", put=False), "its indptr are missing, or no array"),
    ],
)
def test_an_x_that_is_no_matrix_of_numbers(tmp_path, change, message):
    path = today(tmp_path / "a.h5ad", change)
    with raises_naming(path, message):
        read(path)


def test_an_h5ad_without_signatures_or_genes(tmp_path):
    for shape in ((0, 3), (3, 0), (0, 0)):
        path = tmp_path / f"{shape}.h5ad"
        ad.AnnData(np.zeros(shape, np.float32)).write_h5ad(path)
        assert read(path).shape == shape
        with raises_naming(path, "nothing to write"):
            convert(path, tmp_path / "b.gctx")


def test_an_unknown_gene_of_a_backed_file_is_named(tmp_path):
    backed = ad.read_h5ad(today(tmp_path / "a.h5ad"), backed="r")
    with pytest.raises(SvqvaeError, match="1 of 1 gene ids"):
        SignatureMatrix.of(backed, ["9126"])


def test_column_names_that_are_bytes_or_absent(tmp_path):
    def change(file):
        del file["obs"].attrs["column-order"]
        file["obs"]["dose"] = np.arange(4.0)

    assert sorted(read(today(tmp_path / "a.h5ad", change)).obs) == ["cell_id", "dose"]

    def as_bytes(file):
        file["obs"].attrs["column-order"] = np.array([b"cell_id"])
        file["obs"].attrs["_index"] = np.bytes_("_index")

    assert list(read(today(tmp_path / "b.h5ad", as_bytes)).obs) == ["cell_id"]


@pytest.mark.parametrize("seed", [31567, 32065, 35546, 36996, 22668, 28436])
def test_a_column_or_layer_that_cannot_be_read_refuses_nothing_else(tmp_path, seed):
    """Inputs of tests/fuzz/fuzz_hdf5.py that were refused whole."""
    assert attempt(seed, tmp_path).endswith(": read")
