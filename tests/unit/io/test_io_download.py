"""What is in place after a download: the right file, verified and unpacked, or none."""

import hashlib
import logging
import shutil

import pytest
from download_cases import BODY, HALF, PACKED, PARTIAL, SHA256, SHA512, Refused, assert_only, get
from loopback import Fault

from svqvae.errors import SvqvaeError


def test_a_good_server_is_asked_once(server, tmp_path):
    target = tmp_path / "new" / "a.bin"
    url = server.serve("a.bin", BODY)
    assert get(url, target, size=len(BODY), sha256=SHA256.upper()) == target
    assert_only(target)
    assert [(r.status, r.sent) for r in server.requests] == [(200, len(BODY))]


def test_an_existing_file_is_left_as_it_is(server, tmp_path):
    target = tmp_path / "a.bin"
    target.write_text("mine")
    get(server.serve("a.bin", BODY), target)
    assert_only(target, b"mine")
    assert server.requests == []


@pytest.mark.parametrize("named", ["sha512", "checksums"])
def test_gz_is_verified_packed_and_unpacked(server, tmp_path, named):
    target = tmp_path / "a.bin"
    url = server.serve("a.bin.gz", PACKED)
    sums = server.serve("SUMS.txt", f"{SHA512}  a.bin.gz\n".encode())
    get(url, target, size=len(PACKED), **{named: SHA512 if named == "sha512" else sums})
    assert_only(target)


def test_gz_stays_packed_where_the_path_says_so(server, tmp_path):
    target = tmp_path / "a.bin.gz"
    get(server.serve("a.bin.gz", PACKED), target, sha512=SHA512)
    assert_only(target, PACKED)


@pytest.mark.parametrize("name", ["a.bin", "a.bin.gz"])
def test_a_corrupt_file_is_fetched_once_more(server, tmp_path, name):
    body = PACKED if name.endswith("gz") else BODY
    url = server.serve(name, body, Fault("corrupt", HALF))
    get(url, tmp_path / "a.bin", sha512=hashlib.sha512(body).hexdigest())
    assert_only(tmp_path / "a.bin")
    assert [r.sent for r in server.requests] == [len(body)] * 2


def test_a_file_that_stays_corrupt_is_an_error_and_nothing_is_kept(server, tmp_path):
    url = server.serve("a.bin", BODY, Fault("corrupt", 5), Fault("corrupt", 5))
    found = hashlib.sha256(BODY[:5] + bytes([BODY[5] ^ 1]) + BODY[6:]).hexdigest()
    with Refused(tmp_path, url, f"sha256 is {found}, expected {SHA256}", "nothing was kept"):
        get(url, tmp_path / "a.bin", sha256=SHA256)
    assert len(server.requests) == 2


def test_resumed_bytes_are_part_of_the_checksum(server, tmp_path, naps):
    url = server.serve("a.bin", BODY, Fault("close", HALF))
    with Refused(tmp_path, left=PARTIAL):
        get(url, tmp_path / "a.bin", sha256=SHA256, attempts=1)
    damaged = bytearray((tmp_path / ".a.bin.part").read_bytes())
    damaged[7] ^= 1
    (tmp_path / ".a.bin.part").write_bytes(damaged)
    get(url, tmp_path / "a.bin", sha256=SHA256)
    assert_only(tmp_path / "a.bin")
    assert [r.sent for r in server.requests][1:] == [len(BODY) - HALF, len(BODY)]


def test_another_size_than_expected_is_an_error_at_once(server, tmp_path):
    url = server.serve("a.bin", BODY)
    with Refused(tmp_path, "offers 400000 bytes, expected 399999"):
        get(url, tmp_path / "a.bin", size=399_999)


def test_a_size_that_the_server_does_not_announce_is_checked_too(server, tmp_path, naps):
    url = server.serve("a.bin", BODY, Fault("close", HALF), length=False)
    get(url, tmp_path / "a.bin", size=len(BODY))
    assert_only(tmp_path / "a.bin")
    url = server.serve("b.bin", BODY, Fault("close", 5), Fault("close", 5), length=False)
    with Refused(tmp_path, "has 5 bytes, expected 400000", left=["a.bin"]):
        get(url, tmp_path / "b.bin", size=len(BODY))


@pytest.mark.parametrize(
    "body",
    [PACKED[:-2000], PACKED[:-8] + bytes(8), b"<html>not found</html>", b"\x1f\x8b\x08"],
    ids=["truncated", "CRC", "HTML", "header"],
)
def test_damaged_gzip_is_an_error_and_nothing_is_kept(server, tmp_path, body):
    url = server.serve("a.bin.gz", body)
    with Refused(tmp_path, url, "damaged gzip"):
        get(url, tmp_path / "a.bin")
    assert len(server.requests) == 2


@pytest.mark.parametrize(("packed", "free"), [(False, 399_999), (True, 2 * len(PACKED) - 1)])
def test_a_full_disk_is_told_before_it_is_full(server, tmp_path, monkeypatch, packed, free):
    name = "a.bin" + ".gz" * packed
    url = server.serve(name, PACKED if packed else BODY)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=free))
    with Refused(tmp_path, str(tmp_path), "are needed"):
        get(url, tmp_path / "a.bin")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=free + 1))
    get(url, tmp_path / "a.bin")
    assert_only(tmp_path / "a.bin")


@pytest.mark.parametrize("url", ["s3://bucket/a", "file:///etc/passwd", "a.bin"])
def test_other_schemes_are_refused(tmp_path, url):
    with Refused(tmp_path, url, "supported: http, https"):
        get(url, tmp_path / "a.bin")


def test_two_sums_are_one_too_many(tmp_path):
    with Refused(tmp_path, "give one of"):
        get("http://localhost/a", tmp_path / "a", sha256=SHA256, sha512=SHA512)


def test_the_log_tells_where_from_and_what_went_wrong(server, tmp_path, naps, caplog):
    caplog.set_level(logging.INFO, logger="svqvae")
    url = server.serve("a.bin", BODY, Fault("close", HALF))
    get(url, tmp_path / "a.bin")
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0] == f"fetching {url}, 400 kB"
    assert lines[1].startswith(f"{url}: the connection closed after 150000 of 400000 bytes; trying")
    assert lines[2] == f"fetching {url}, 400 kB, from byte 150000 on"
    assert "in place" in lines[3]


def test_a_body_that_may_be_cut_short_unnoticed_is_refused(server, tmp_path, naps):
    url = server.serve("a.bin", BODY, Fault("close", after=HALF), length=False)
    with Refused(tmp_path, url, "does not say how long the file is", "give size, sha256"):
        get(url, tmp_path / "a.bin")
    get(server.serve("a.bin", BODY, length=False), tmp_path / "a.bin", size=len(BODY))
    assert_only(tmp_path / "a.bin")


def test_nothing_is_no_gzip(server, tmp_path, naps):
    url = server.serve("a.bin.gz", b"")
    with Refused(tmp_path, url, "is empty, not gzip"):
        get(url, tmp_path / "a.bin")


def test_places_where_no_file_can_lie(server, tmp_path):
    url = server.serve("a.bin", BODY)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    with pytest.raises(SvqvaeError, match="is a folder; give the path of a file"):
        get(url, tmp_path / "folder")
    with pytest.raises(SvqvaeError, match="cannot be made"):
        get(url, tmp_path / "file" / "a.bin")
    assert not server.requests
