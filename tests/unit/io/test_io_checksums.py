"""Published lists of checksums, and git's ids of files."""

import gzip
import hashlib
import subprocess

import pytest
from download_cases import BODY, HALF, PACKED, PARTIAL, SHA256, SHA512, Refused, assert_only, get
from loopback import Fault

from svqvae.io.checksums import file_digest, listed_digest


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


def blob(body):
    return hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()


@pytest.mark.parametrize("body", [b"", b"what is up, doc?", BODY])
def test_the_id_of_a_blob_is_that_of_git(tmp_path, body):
    (tmp_path / "a").write_bytes(body)
    run = ["git", "hash-object", "--no-filters", "a"]
    git = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert file_digest(tmp_path / "a", "git_blob") == git.stdout.strip() == blob(body)


@pytest.mark.parametrize("length", [True, False])
def test_a_file_is_held_against_the_id_of_its_blob(server, tmp_path, naps, length):
    """With and without a size beforehand; packed bytes, before they are unpacked; resumed ones."""
    url = server.serve("a.bin.gz", PACKED, Fault("close", HALF), length=length)
    if length:
        with Refused(tmp_path, left=PARTIAL):
            get(url, tmp_path / "a.bin", git_blob=blob(PACKED), attempts=1)
    get(url, tmp_path / "a.bin", git_blob=blob(PACKED).upper())
    assert_only(tmp_path / "a.bin")
    assert server.requests[-1].sent == len(PACKED) - HALF * length


def test_another_blob_is_refused_and_nothing_is_kept(server, tmp_path):
    url = server.serve("a.bin", BODY[:-1] + b"x")
    words = f"git blob is {blob(BODY[:-1] + b'x')}, expected {blob(BODY)}"
    with Refused(tmp_path, url, words, "nothing was kept"):
        get(url, tmp_path / "a.bin", git_blob=blob(BODY))
    assert len(server.requests) == 2
    with Refused(tmp_path, "give one of"):
        get(url, tmp_path / "a.bin", git_blob=blob(BODY), sha256=SHA256)
