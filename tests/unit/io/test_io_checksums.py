"""Published lists of checksums."""

import gzip

import pytest
from download_cases import PACKED, SHA256, SHA512, Refused, assert_only, get
from loopback import Fault

from svqvae.io.checksums import listed_digest


@pytest.mark.parametrize("packed", [True, False])
def test_a_published_list_of_sums_is_used(server, tmp_path, packed):
    text = f"{'0' * 128}  other.gz\n\n{SHA512} *folder/a.bin.gz\n# comment\n".encode()
    sums = server.serve("S.txt" + ".gz" * packed, gzip.compress(text) if packed else text)
    url = server.serve("a.bin.gz", PACKED, Fault("corrupt", 20))
    get(url, tmp_path / "a.bin", checksums=sums)
    assert_only(tmp_path / "a.bin")
    assert len(server.asked("a.bin.gz")) == 2


def test_a_file_that_the_list_lacks_is_an_error_before_it_is_fetched(server, tmp_path):
    sums = server.serve("SUMS.txt", f"{SHA512}  a.bim.gz\n".encode())
    url = server.serve("a.bin.gz", PACKED)
    with Refused(tmp_path, sums, "no file 'a.bin.gz'; did you mean 'a.bim.gz'?"):
        get(url, tmp_path / "a.bin", checksums=sums)
    assert server.asked("a.bin.gz") == []
    server.serve("SUMS.txt", b"<html></html>")
    with Refused(tmp_path, sums, "no SHA-256 or SHA-512 sums"):
        get(url, tmp_path / "a.bin", checksums=sums)
    with Refused(tmp_path, f"{server.root}/none.txt", "404"):
        get(url, tmp_path / "a.bin", checksums=f"{server.root}/none.txt")


def test_the_algorithm_is_told_by_length():
    text = f"{SHA256.upper()}  a\n{SHA512}  b with spaces\n"
    found = [listed_digest(text, name, "list") for name in ("a", "b with spaces")]
    assert [(f.algorithm, f.hexadecimal) for f in found] == [("sha256", SHA256), ("sha512", SHA512)]
