"""Tables: identifiers stay text, nulls are missing, nothing slips into another column."""

import bz2
import gzip
import lzma

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from io_cases import PROPERTY, TEXT, raises_naming

from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.atomic import write_table
from svqvae.io.tables import index_by, read_result, read_table, require_columns, tidy


def put(path, text):
    raw = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path


@PROPERTY
@given(
    st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5), st.sampled_from(["a.txt", "a.txt.gz"])
)
def test_text_round_trip_is_exact(tmp_path, rows, name):
    table = pd.DataFrame(rows, columns=["sig_id", "cell_id"])
    write_table(table, tmp_path / "a.txt")
    path = put(tmp_path / name, (tmp_path / "a.txt").read_bytes())
    got = read_table(path)
    assert list(got.columns) == ["sig_id", "cell_id"]
    assert got.to_numpy().tolist() == [list(row) for row in rows]


def test_values_stay_text_and_words_for_a_missing_value_are_missing(tmp_path):
    path = put(tmp_path / "a.txt", "id\tdose\tnote\n0001\t-666\tNA\n1e3\t-666.5\t\n")
    table = read_table(path)
    assert table["id"].to_list() == ["0001", "1e3"]
    assert table.isna().to_numpy().tolist() == [[False, True, True], [False, False, True]]
    assert table["dose"].iloc[1] == "-666.5"


@pytest.mark.parametrize(
    "word", ["NA", "NaN", "nan", "#N/A", "null", "None", "<NA>", " na ", "-666.0"]
)
def test_each_word_for_a_missing_value(tmp_path, word):
    table = read_table(put(tmp_path / "a.tsv", f"id\tmoa\np1\tnaloxone\np2\t{word}\n"))
    assert table["moa"].isna().to_list() == [False, True]


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path, encoding, end):
    text = end.join(["pert_id\tdose", "p1\t10 µM", "p2\tna\u00efve"]) + end
    table = read_table(put(tmp_path / "a.txt", text.encode(encoding)))
    assert table.to_dict("list") == {"pert_id": ["p1", "p2"], "dose": ["10 µM", "na\u00efve"]}


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
@pytest.mark.parametrize("name", ["a.txt", "a.tsv", "a.csv"])
def test_the_separator_is_told_from_the_file(tmp_path, separator, name):
    rows = [["pert_id", "moa", "target"], ["p1", "a, b; c", "X|Y"], ["p2", "", "Z"]]
    text = "".join(separator.join(f'"{v}"' for v in row) + "\n" for row in rows)
    table = read_table(put(tmp_path / name, text))
    assert table.iloc[0].to_list() == rows[1]
    assert list(table.columns) == rows[0]


def test_a_table_of_one_column(tmp_path):
    assert read_table(put(tmp_path / "a.csv", "pert_id\np1\np2\n"))["pert_id"].to_list() == [
        "p1",
        "p2",
    ]


@pytest.mark.parametrize(
    "head", ["!Release\n!License, see terms\n", "# by x, y\n\n", "!a\r\n!b\r\n", "sep=\t\n"]
)
def test_lines_before_the_header(tmp_path, head):
    table = read_table(put(tmp_path / "a.txt", head + "pert_iname\tmoa\nvorinostat\tHDAC\n"))
    assert table.to_dict("list") == {"pert_iname": ["vorinostat"], "moa": ["HDAC"]}


def test_a_header_behind_a_hash_is_a_header(tmp_path):
    table = read_table(put(tmp_path / "a.txt", "#pert_id\tmoa\np1\tHDAC\n"))
    assert table.to_dict("list") == {"pert_id": ["p1"], "moa": ["HDAC"]}


@pytest.mark.parametrize("opener", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_under_any_name(tmp_path, opener):
    table = read_table(put(tmp_path / "a.tsv", opener(b"pert_id\tmoa\np1\tHDAC\n")))
    assert table.to_dict("list") == {"pert_id": ["p1"], "moa": ["HDAC"]}


def test_row_names_of_r_do_not_shift_columns(tmp_path):
    text = '"pert_id"\t"moa"\t"target"\n"1"\t"p1"\t"HDAC"\t"H1"\n"2"\t"p2"\t"mTOR"\t\n'
    table = read_table(put(tmp_path / "a.txt", text))
    assert table["pert_id"].to_list() == ["p1", "p2"]
    assert table["moa"].to_list() == ["HDAC", "mTOR"]
    assert table["target"].isna().to_list() == [False, True]


def test_row_names_or_a_separator_at_each_end_is_asked(tmp_path):
    path = put(tmp_path / "a.txt", "pert_id\tmoa\n1\tp1\t\n2\tp2\t\n")
    with raises_naming(path, "row name", "always empty"):
        read_table(path)


def test_a_row_cut_short_is_named(tmp_path):
    with raises_naming("a.txt", "1 rows", "first row 2", "with 2"):
        read_table(put(tmp_path / "a.txt", "a\tb\tc\n1\t2\t3\n4\t5\n"))


def test_twin_columns(tmp_path):
    same = read_table(put(tmp_path / "a.txt", "id\tmoa\tmoa\np\tx\tx\n"))
    assert list(same.columns) == ["id", "moa"]
    with raises_naming("b.txt", "two columns are called 'moa'"):
        read_table(put(tmp_path / "b.txt", "id\tmoa\tmoa\np\tx\ty\n"))


def test_what_is_no_text_is_named(tmp_path):
    with raises_naming("a.tsv", "HDF5"):
        read_table(put(tmp_path / "a.tsv", b"\x89HDF\r\n\x1a\n" + bytes(100)))
    with raises_naming("b.tsv", "zip"):
        read_table(put(tmp_path / "b.tsv", b"PK\x03\x04" + bytes(100)))
    with raises_naming("c.tsv", "not text"):
        read_table(put(tmp_path / "c.tsv", b"ab\tc\n\x00\x01d\te\n"))


def test_latin_1_bytes(tmp_path):
    path = put(tmp_path / "a.txt", b"id\tdose\ns\t10 \xb5M\n\xe9\t\xb0\n")
    assert read_table(path).to_numpy().tolist() == [["s", "10 µM"], ["é", "°"]]


def test_tab_at_line_ends_does_not_shift_columns(tmp_path):
    table = read_table(put(tmp_path / "a.txt", "cell\tid\nA375\ts1\t\nA375\ts2\t\n"))
    assert table.to_dict("list") == {"cell": ["A375", "A375"], "id": ["s1", "s2"]}


def test_real_table_equals_a_parse_by_hand(shared_data):
    path = shared_data / "l1000_consensus/consensus_sig_info.txt"
    header, *rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    table = read_table(path)
    assert list(table.columns) == header
    want = [[None if v in ("-666", "") else v for v in row] for row in rows]
    assert table.astype(object).where(table.notna(), None).to_numpy().tolist() == want
    assert len(index_by(table, "sig_id", path)) == 965


def test_missing_file(tmp_path):
    with raises_naming(tmp_path / "no.txt", "no such file"):
        read_table(tmp_path / "no.txt")


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "a\tb\n1\t2\n3\t4\t5\t6\n", "a\tb\n1\t2\t3\t4\n", 'a\tb\n"x\t1\n'],
    ids=["empty", "blank", "one long row", "long rows", "open quote"],
)
def test_not_a_table(tmp_path, text):
    path = put(tmp_path / "a.txt", text)
    with raises_naming(path, "not a t"):
        read_table(path)


@pytest.mark.parametrize("harm", ["cut", "scrambled"])
def test_bad_gzip(tmp_path, harm):
    path = put(tmp_path / "a.txt.gz", "a\tb\n" + "".join(f"{i}\t{i * i}\n" for i in range(99)))
    raw = path.read_bytes()
    harmed = {
        "cut": raw[:-9],
        "scrambled": raw[:12] + b"\xff" * 20 + raw[32:],
    }
    path.write_bytes(harmed[harm])
    with raises_naming(path, "not a table", "damaged"):
        read_table(path)


def test_index_by_takes_the_column_out(tmp_path):
    table = index_by(pd.DataFrame({"id": ["b", "a"], "dose": ["1", "2"]}), "id", "t.txt")
    assert table["dose"].to_dict() == {"b": "1", "a": "2"}
    assert list(table.columns) == ["dose"]


def test_duplicate_ids():
    table = pd.DataFrame({"sig_id": ["a", "b", "c", "b", "c", "b"]})
    with raises_naming("t.txt", "2 duplicate sig_id", "first 'b'"):
        index_by(table, "sig_id", "t.txt")


def test_row_without_id_is_named_by_its_line(tmp_path):
    path = put(tmp_path / "a.txt", "id\tdose\na\t1\n-666\t2\nb\t3\n")
    with raises_naming(path, "line 3 has no id"):
        index_by(read_table(path), "id", path)


def test_missing_column_gets_the_nearest_name():
    with raises_naming("t.txt", "no column 'pert_id'", "did you mean 'pert_ids'?"):
        index_by(pd.DataFrame(columns=["sig_id", "pert_ids"]), "pert_id", "t.txt")


def test_all_missing_columns_are_listed_at_once():
    table = pd.DataFrame(columns=["sig_id", "cell"])
    with pytest.raises(SvqvaeError) as caught:
        require_columns(table, ["sig_id", "cell_id", "zzz"], "t.txt")
    assert len(caught.value.problems) == 2
    assert "2 problems" in str(caught.value)
    assert "did you mean 'cell'?" in caught.value.problems[0]
    assert caught.value.problems[1] == "t.txt: no column 'zzz'; valid: cell, sig_id"
    require_columns(table, ["sig_id", "cell"], "t.txt")


def test_valid_names_are_cut_at_twelve():
    text = did_you_mean("zzz", [f"name{i:02d}" for i in range(20)])
    assert text.endswith("name11 ...")
    assert text.count("name") == 12


def test_tidy_types():
    table = pd.DataFrame(
        {
            "dose": ["1.5", None, "2"],
            "count": ["1", "2", "3"],
            "cell": ["A", "A", "B"],
            "well": ["A01", "A02", "A03"],
            "mixed": ["1", "x", None],
            "pert_id": ["1", "2", "3"],
            "pr_gene_id": [780.0, np.nan, 5720.0],
            "class": [0.5, 1.0, 2.0],
            7: [1, 2, 3],
        },
        index=pd.Index([1, 2, 3], name="old"),
    )
    got = tidy(table)
    assert list(got.index) == ["1", "2", "3"]
    assert got.index.name is None
    assert list(got.columns) == [str(c) for c in table.columns]
    np.testing.assert_array_equal(got["dose"], [1.5, np.nan, 2.0])
    assert pd.api.types.is_integer_dtype(got["count"])
    assert isinstance(got["cell"].dtype, pd.CategoricalDtype)
    assert got["well"].dtype == object
    assert got["mixed"].iloc[:2].to_list() == ["1", "x"]
    assert got["mixed"].isna().to_list() == [False, False, True]
    assert got["pert_id"].to_list() == ["1", "2", "3"]
    assert got["pr_gene_id"].iloc[[0, 2]].to_list() == ["780", "5720"]
    assert pd.isna(got["pr_gene_id"].iloc[1])
    assert got["class"].to_list() == ["0.5", "1.0", "2.0"]


@PROPERTY
@given(st.lists(st.none() | TEXT, min_size=1, max_size=6))
def test_tidy_keeps_every_value(values):
    column = pd.Series(values, dtype=object)
    got = tidy(pd.DataFrame({"sig_id": column, "note": column}))
    assert got["sig_id"].isna().to_list() == [v is None for v in values]
    assert got["sig_id"].dropna().to_list() == [v for v in values if v is not None]
    assert got["note"].isna().to_list() == [v is None for v in values]


def test_result_tables_keep_names_that_look_like_other_things(tmp_path):
    names = ["7", "NA", "None", "null", "a\tb", 'quoted "x"', "é", "007"]
    table = pd.DataFrame({"class": names, "correlation": [0.5] * 7 + [None], "fold": ["0"] * 8})
    write_table(table, tmp_path / "held_out_scores.tsv")
    again = read_result(tmp_path / "held_out_scores.tsv")
    assert again["class"].tolist() == names
    assert again["fold"].tolist() == ["0"] * 8
    assert again["correlation"].isna().tolist() == [False] * 7 + [True]


def test_a_table_that_is_no_run_s_is_refused(tmp_path):
    with raises_naming("held_out_score.tsv", "did you mean 'held_out_scores.tsv'?"):
        read_result(tmp_path / "held_out_score.tsv")


def test_a_stray_quote_is_found_where_it_swallows_lines(tmp_path):
    text = 'pert_id\tmoa\na\tX\nb\t"Y\nc\tZ\nd\tW"\n'
    with raises_naming("t.tsv", "not a table", "line 3"):
        read_table(put(tmp_path / "t.tsv", text))


def test_flags_with_gaps_and_dates_become_text():
    table = pd.DataFrame(
        {
            "flag": pd.array([True, None], dtype="boolean"),
            "day": pd.to_datetime(["2020-01-02", None]),
        }
    )
    found = tidy(table)
    assert found["flag"].astype(object).iloc[0] == "True"
    assert found["flag"].isna().tolist() == [False, True]
    assert found["day"].astype(str).iloc[0].startswith("2020-01-02")


def test_a_doubled_line_does_not_shift_columns(tmp_path):
    """Row names with an empty last column, and a line twice: found by tests/fuzz, seed 7."""
    text = 'pert_id;moa\n"row0";"BRD-0";""\n"row1";"BRD-1";""\n"row1";"BRD-1";""\n'
    with raises_naming("t.csv", "row name", "'row0'"):
        read_table(put(tmp_path / "t.csv", text))
