"""Gene sets are read as they are published; every bad line is named at once."""

import bz2
import gzip

import pytest

from svqvae.errors import SvqvaeError
from svqvae.io.gmt import read_gene_sets

TEXT = "one set\thttp://x\tTP53\tMDM2\t\tTP53\n\nother\t\t7157\n"


def test_sets_are_read_plain_and_packed(tmp_path):
    expected = {"one set": ["TP53", "MDM2"], "other": ["7157"]}
    (tmp_path / "a.gmt").write_text(TEXT)
    (tmp_path / "a.gmt.gz").write_bytes(gzip.compress(TEXT.replace("\n", "\r\n").encode()))
    assert read_gene_sets(tmp_path / "a.gmt") == expected
    assert read_gene_sets(tmp_path / "a.gmt.gz") == expected


def test_every_bad_line_is_named(tmp_path):
    (tmp_path / "a.gmt").write_text(TEXT + "spaces not tabs\nother\tx\tA\n")
    with pytest.raises(SvqvaeError) as caught:
        read_gene_sets(tmp_path / "a.gmt")
    assert len(caught.value.problems) == 2
    assert "line 4: found 1 fields" in caught.value.problems[0]
    assert "line 5: set 'other' is in line 3 too" in caught.value.problems[1]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00"])
def test_no_sets_are_an_error(tmp_path, content):
    (tmp_path / "a.gmt").write_bytes(content)
    with pytest.raises(SvqvaeError, match=r"a\.gmt"):
        read_gene_sets(tmp_path / "a.gmt")


def test_a_missing_or_broken_file_is_named(tmp_path):
    with pytest.raises(SvqvaeError, match="no such file"):
        read_gene_sets(tmp_path / "none.gmt")
    (tmp_path / "a.gmt.gz").write_bytes(gzip.compress(TEXT.encode())[:20])
    with pytest.raises(SvqvaeError, match="not a GMT file"):
        read_gene_sets(tmp_path / "a.gmt.gz")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_end(tmp_path, encoding, end):
    lines = ["# made by µ", "", "one µ\tx\tTP53\tMDM2", "other\t\t7157\t"]
    text = "".join(line + end for line in lines)
    (tmp_path / "a.gmt").write_bytes(bz2.compress(text.encode(encoding)))
    assert read_gene_sets(tmp_path / "a.gmt") == {"one µ": ["TP53", "MDM2"], "other": ["7157"]}


def test_the_other_separator_is_named_and_the_list_of_lines_is_short(tmp_path):
    (tmp_path / "a.gmt").write_text("one,x,TP53\n" * 999)
    with pytest.raises(SvqvaeError, match="its fields stand between commas") as caught:
        read_gene_sets(tmp_path / "a.gmt")
    assert "and 989 lines more" in str(caught.value)
    assert len(str(caught.value)) < 3000
