"""Digests follow the code, not its comments."""

import hashlib

from svqvae import provenance

SOURCE = '''"""Doc."""


def f(x):
    """Doc of f."""
    return x + 1  # why
'''


def digest(tmp_path, text):
    path = tmp_path / "m.py"
    path.write_text(text)
    return provenance.code_digest([path])


def test_comments_docstrings_and_layout_do_not_count(tmp_path):
    one = digest(tmp_path, SOURCE)
    edited = SOURCE.replace("# why", "# because").replace("Doc of f.", "Other.") + "\n\n"
    assert digest(tmp_path, edited) == one


def test_code_counts(tmp_path):
    assert digest(tmp_path, SOURCE) != digest(tmp_path, SOURCE.replace("+ 1", "+ 2"))


def test_a_page_counts_byte_by_byte(tmp_path):
    (tmp_path / "page.html").write_text("<p>a</p>")
    one = provenance.code_digest([tmp_path / "page.html"])
    (tmp_path / "page.html").write_text("<p>b</p>")
    assert provenance.code_digest([tmp_path / "page.html"]) != one


def test_every_stage_has_sources():
    empty = provenance.code_digest([])
    digests = provenance.stage_digests()
    assert set(digests) == set(provenance.STAGES)
    assert empty not in digests.values()


def test_file_checksum_and_versions(tmp_path):
    (tmp_path / "f").write_bytes(b"abc" * 1000)
    expected = hashlib.sha256(b"abc" * 1000).hexdigest()
    assert provenance.file_sha256(tmp_path / "f") == expected
    assert "torch" in provenance.versions()
