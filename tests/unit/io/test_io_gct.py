"""GCT: text that loses nothing, read by its own rules rather than by a table reader's."""

import gzip
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from io_cases import (
    PROPERTY,
    assert_same_table,
    pick,
    raises_naming,
    read_matrix,
    signatures,
    subsets,
)

from svqvae.io import read
from svqvae.io.gct import write_gct

REAL = "l1000_plates/level5_s2n_n5x978.gct"
V12 = "#1.2\n2\t2\nNAME\tDescription\tA\tB\ng1\tfirst\t1.5\t-2\ng2\tsecond\t0\t1e3\n"


def put(path, text):
    raw = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path


@PROPERTY
@given(signatures(), st.sampled_from(["a.gct", "a.gct.gz", "A.GCT.GZ"]))
def test_round_trip_is_exact(tmp_path, drawn, name):
    x, obs, var = drawn
    path = tmp_path / name
    write_gct(path, x, obs, var)
    assert (path.read_bytes()[:2] == b"\x1f\x8b") == name.lower().endswith(".gz")
    got, got_obs, got_var = read_matrix(path)
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, x)
    for table, want in zip((got_obs, got_var), (obs, var), strict=True):
        assert list(table.columns) == list(want.columns)
        assert_same_table(table, want)


@PROPERTY
@given(st.data())
def test_any_subset_equals_numpy_indexing(tmp_path, data):
    x = np.random.default_rng(data.draw(st.integers(0, 99))).normal(size=(5, 7))
    x = x.astype(np.float32)
    ids = ([f"s{i}" for i in range(5)], [f"g{i}" for i in range(7)])
    path = tmp_path / "a.gct"
    write_gct(path, x, *(pd.DataFrame({"self": i}, index=i) for i in ids))
    rows, genes = data.draw(subsets(ids[0])), data.draw(subsets(ids[1]))
    adata = read(path, rows=rows, genes=genes)
    np.testing.assert_array_equal(adata.X, pick(x, ids, rows, genes))
    assert list(adata.obs_names) == list(adata.obs["self"]) == (rows or ids[0])
    assert list(adata.var_names) == list(adata.var["self"]) == (genes or ids[1])


def test_real_file_equals_a_parse_by_hand(shared_data):
    lines = (shared_data / REAL).read_text(encoding="utf-8").splitlines()
    n_genes, n_sigs, n_rhd, n_chd = map(int, lines[1].split("\t"))
    fields = [line.split("\t") for line in lines[2:]]
    header, head, body = fields[0], fields[1 : 1 + n_chd], fields[1 + n_chd :]
    x, obs, var = read_matrix(shared_data / REAL)
    assert x.shape == (n_sigs, n_genes) == (5, 978)
    for gene, line in enumerate(body):
        for sig in range(n_sigs):
            assert x[sig, gene] == np.float32(float(line[1 + n_rhd + sig]))
    assert list(obs.index) == header[1 + n_rhd :]
    assert list(var.index) == [line[0] for line in body]
    assert list(obs.columns) == [line[0] for line in head]
    assert list(var.columns) == header[1 : 1 + n_rhd]
    for table, want in (
        (obs, [[line[1 + n_rhd + s] for line in head] for s in range(n_sigs)]),
        (var, [line[1 : 1 + n_rhd] for line in body]),
    ):
        want = [[None if v == "-666" else v for v in row] for row in want]
        assert table.astype(object).where(table.notna(), None).to_numpy().tolist() == want


def test_version_1_2(tmp_path):
    x, obs, var = read_matrix(put(tmp_path / "a.gct", V12))
    assert x.tolist() == [[1.5, 0], [-2, 1000]]
    assert (list(obs.index), list(obs.columns)) == (["A", "B"], [])
    assert var["Description"].to_dict() == {"g1": "first", "g2": "second"}


def test_windows_line_ends_and_blank_lines(tmp_path):
    path = put(tmp_path / "a.gct", V12.replace("\n", "\r\n") + "\r\n")
    assert read_matrix(path)[0].tolist() == [[1.5, 0], [-2, 1000]]


@pytest.mark.parametrize("null", ["", "NA", "na", "NaN", "nan", "null", " NA "])
def test_null_values_are_nan(tmp_path, null):
    x, _, _ = read_matrix(put(tmp_path / "a.gct", V12.replace("1e3", null)))
    assert math.isnan(x[1, 1])
    assert np.isnan(x).sum() == 1


def test_latin_1_metadata_is_kept_beside_utf_8(tmp_path):
    raw = V12.encode().replace(b"first", b"10 \xb5M").replace(b"second", "β".encode())
    assert read_matrix(put(tmp_path / "a.gct", raw))[2]["Description"].to_list() == ["10 µM", "β"]


def test_names_may_repeat_between_metadata_and_signatures(tmp_path):
    path = put(tmp_path / "a.gct", "#1.3\n1\t2\t1\t0\nid\tid\tA\tid.1\ng\tx\t1\t2\n")
    x, obs, var = read_matrix(path)
    assert (list(obs.index), var["id"].to_list()) == (["A", "id.1"], ["x"])
    assert x.tolist() == [[1], [2]]


def test_quotes_and_tabs_survive(tmp_path):
    ids = ['"a', "b\tc", 'd"e"']
    obs, var = pd.DataFrame({"n\tq": ids}, index=ids), pd.DataFrame({'"': ['"x']}, index=['"g'])
    write_gct(tmp_path / "a.gct", np.arange(3.0)[:, None], obs, var)
    x, got_obs, got_var = read_matrix(tmp_path / "a.gct")
    assert x.ravel().tolist() == [0, 1, 2]
    assert_same_table(got_obs, obs)
    assert_same_table(got_var, var)


def test_missing_file(tmp_path):
    with raises_naming(tmp_path / "no.gct", "no such file"):
        read_matrix(tmp_path / "no.gct")


@pytest.mark.parametrize("version", ["#1.1", "#1.4", "1.3", "", "NAME"])
def test_wrong_version(tmp_path, version):
    path = put(tmp_path / "a.gct", V12.replace("#1.2", version, 1))
    with raises_naming(path, f"first line is '{version}'", "#1.2 or #1.3"):
        read_matrix(path)


@pytest.mark.parametrize("sizes", ["2", "", "2\tx", "2\t-2", "2.0\t2"])
def test_unreadable_sizes(tmp_path, sizes):
    path = put(tmp_path / "a.gct", V12.replace("2\t2", sizes, 1))
    with raises_naming(path, f"second line is {sizes.split()}", "2 whole numbers"):
        read_matrix(path)


@pytest.mark.parametrize(
    ("sizes", "promised"),
    [("3\t2", "3 x 4"), ("1\t2", "1 x 4"), ("2\t3", "2 x 5"), ("2\t1", "2 x 3")],
)
def test_another_size_than_promised(tmp_path, sizes, promised):
    path = put(tmp_path / "a.gct", V12.replace("2\t2", sizes, 1))
    with raises_naming(path, "2 rows x 4 columns", promised):
        read_matrix(path)


def test_cut_between_rows(tmp_path):
    path = put(tmp_path / "a.gct", V12[: V12.index("g2")])
    with raises_naming(path, "1 rows x 4 columns", "2 x 4"):
        read_matrix(path)


def test_cut_within_a_row_is_not_read_as_missing(tmp_path):
    path = put(tmp_path / "a.gct", V12[: V12.index("\t1e3")])
    with raises_naming(path, "row 'g2'", "3 fields"):
        read_matrix(path)


def test_tab_at_line_ends_does_not_shift_values(tmp_path):
    head, body = V12.split("B\n")
    path = put(tmp_path / "a.gct", head + "B\n" + body.replace("\n", "\t\n"))
    with raises_naming(path, "row 'g1'", "5 fields"):
        read_matrix(path)


def test_nothing_after_the_sizes(tmp_path):
    with raises_naming(put(tmp_path / "a.gct", "#1.2\n2\t2\n"), "not a whole GCT"):
        read_matrix(tmp_path / "a.gct")


@pytest.mark.parametrize("text", ["high", "1,5", "1_0", "0x10", "--1"])
def test_text_where_a_number_belongs(tmp_path, text):
    path = put(tmp_path / "a.gct", V12.replace("1e3", text))
    with raises_naming(path, "1 values are not numbers", f"'{text}'", "gene 'g2'", "signature 'B'"):
        read_matrix(path)


@pytest.mark.parametrize(("old", "new"), [("\tB", "\tA"), ("\ng2", "\ng1")])
def test_duplicate_ids(tmp_path, old, new):
    path = put(tmp_path / "a.gct", V12.replace(old, new))
    with raises_naming(path, "1 duplicate", f"first '{new.strip()}'"):
        read(path)


def test_unknown_id_gets_the_nearest_name(tmp_path):
    path = put(tmp_path / "a.gct", V12.replace("A\tB", "TRAMETINIB\tGOSERELIN"))
    with raises_naming(path, "'TRAMETINB'", "did you mean 'TRAMETINIB'?"):
        read(path, rows=["TRAMETINB"])


@pytest.mark.parametrize("harm", ["cut", "scrambled"])
def test_bad_gzip(tmp_path, harm):
    path = put(tmp_path / "a.gct.gz", V12.replace("first", "first" * 999))
    raw = path.read_bytes()
    harmed = {"cut": raw[:-9], "scrambled": raw[:12] + b"\xff" * 20 + raw[32:]}
    path.write_bytes(harmed[harm])
    with raises_naming(path, "not a whole GCT"):
        read_matrix(path)
