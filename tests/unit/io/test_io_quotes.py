"""Fields of several lines between quotes, and quotes that swallow lines."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from io_cases import PROPERTY, raises_naming

from svqvae.io import read
from svqvae.io.tables import read_table

TEXT = st.text(st.sampled_from('ab"\n\t,; x'), max_size=12)


@PROPERTY
@given(
    rows=st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=6),
    separator=st.sampled_from("\t,;"),
)
def test_what_csv_writes_is_read_or_refused(tmp_path, rows, separator):
    """Never read as anything else; and read wherever no field looks like rows of the table."""
    out = io.StringIO()
    rows = [(f"r{i}", *row) for i, row in enumerate(rows)]
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerows([("id", "x", "y", "z"), *rows])
    path = tmp_path / "a.tsv"
    path.write_text(out.getvalue(), encoding="utf-8")
    several = [v for row in rows for v in row if "\n" in v]
    if any(v.count(separator) == 3 * v.count("\n") for v in several):
        with raises_naming(path, "stray"):
            read_table(path)
        return
    found = read_table(path)
    words = [["" if v.strip() == "" else v for v in row] for row in rows]
    assert found.fillna("").to_numpy().tolist() == words


def test_descriptions_of_several_lines_as_drugbank_has_them(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text(
        'id\tname\ttext\r\n1\tone\t"first line\r\nsecond ""line"", of\rone"\r\n'
        '2\tt 5"\tplain\r\n3\t"a\nb"\t"c\nd"\r\n',
        encoding="utf-8",
        newline="",
    )
    found = read_table(path)
    assert found["name"].tolist() == ["one", 't 5"', "a\nb"]
    assert found["text"].tolist() == ['first line\nsecond "line", of\none', "plain", "c\nd"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('id\tx\n1\t"open\n2\tb\n', 2),  # never closed
        ('id\tx\n1\ta\n2\t"b\n3\tc\n4\td"\n', 3),  # closed in the same column
        ('id\tx\ty\n1\t"a\tb\n2\t"c"\td\n', 2),  # the next quote opens a field
        ('id\tx\ty\n1\t"a\tb\n2\tc"c\td\n', 2),  # the next quote stands within a field
    ],
)
def test_a_stray_quote_is_named_by_its_line(tmp_path, text, line):
    (tmp_path / "a.tsv").write_text(text, encoding="utf-8")
    with raises_naming(tmp_path / "a.tsv", "not a table", f"in line {line} a quote"):
        read_table(tmp_path / "a.tsv")


def test_a_quote_that_is_closed_in_another_column_leaves_a_row_of_another_length(tmp_path):
    text = 'id\tx\ty\n1\t"a\tb\n2\tc\td"\n3\te\tf\n'
    (tmp_path / "a.tsv").write_text(text, encoding="utf-8")
    with raises_naming(tmp_path / "a.tsv", "1 rows have not the 3 fields"):
        read_table(tmp_path / "a.tsv")


def test_a_matrix_has_no_fields_of_several_lines(tmp_path):
    (tmp_path / "a.tsv").write_text('sig_id\t780\tMetadata_x\n1\t0.5\t"a\nb"\n', encoding="utf-8")
    with raises_naming(tmp_path / "a.tsv", "runs over several lines"):
        read(tmp_path / "a.tsv")


def test_blocks_may_end_anywhere(tmp_path, monkeypatch):
    monkeypatch.setattr("svqvae.io.text._BLOCK", 3)
    path = tmp_path / "a.tsv"
    path.write_text('id\tx\n1\t"a ""b""\nc"\n2\td\n', encoding="utf-8")
    assert read_table(path)["x"].tolist() == ['a "b"\nc', "d"]
    path.write_text('id\tx\n1\t"a\n2\tb\n3\tc"\n', encoding="utf-8")
    with raises_naming(path, "in line 2 a quote"):
        read_table(path)
