"""Downloads from a server that misbehaves: the right file in place, or an error and none."""

import gzip
import hashlib
import logging
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest
from loopback import Fault, Loopback

from svqvae.errors import SvqvaeError
from svqvae.io import download
from svqvae.io.checksums import listed_digest
from svqvae.io.download import fetch
from svqvae.io.partial import hold

BODY = random.Random(0).randbytes(400_000)
PACKED = gzip.compress(BODY, mtime=0)
SHA256 = hashlib.sha256(BODY).hexdigest()
SHA512 = hashlib.sha512(PACKED).hexdigest()
HALF = 150_000


@pytest.fixture
def server():
    with Loopback() as running:
        yield running


@pytest.fixture
def naps(monkeypatch):
    """Pauses between attempts, which are not slept."""
    slept = []
    monkeypatch.setattr(download.time, "sleep", slept.append)
    return slept


def get(url, path, **options):
    options.setdefault("timeout", 5)
    return fetch(url, path, backoff=options.pop("backoff", 0.001), **options)


def files(folder):
    return sorted(p.name for p in folder.iterdir())


def assert_only(path, content=BODY):
    """The whole file is there, and nothing else."""
    assert path.read_bytes() == content
    assert files(path.parent) == [path.name]


class Refused:
    """``with Refused(folder, *words, left=...)``: a SvqvaeError, and these files left."""

    def __init__(self, folder, *words, left=()):
        self.folder, self.words, self.left = folder, words, left

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        assert kind is not None, "no error was raised"
        assert issubclass(kind, SvqvaeError), error
        self.message = str(error)
        for word in self.words:
            assert word in self.message, self.message
        assert files(self.folder) == sorted(self.left)
        return True


#: Another version: as long, so that only its validator tells.
OLD = random.Random(9).randbytes(len(BODY))
PARTIAL = (".a.bin.part", ".a.bin.part.json")


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


def test_an_early_end_is_resumed_and_only_the_rest_is_asked_for(server, tmp_path, naps):
    target = tmp_path / "a.bin"
    get(server.serve("a.bin", BODY, Fault("close", HALF)), target, sha256=SHA256)
    assert_only(target)
    first, second = server.requests
    assert (first.range, first.sent) == (None, HALF)
    assert (second.range, second.status, second.sent) == (
        f"bytes={HALF}-",
        206,
        len(BODY) - HALF,
    )


def test_a_server_that_ignores_ranges_starts_afresh(server, tmp_path, naps):
    target = tmp_path / "a.bin"
    url = server.serve("a.bin", BODY, Fault("close", HALF), ranges=False)
    get(url, target, sha256=SHA256)
    assert_only(target)
    assert [(r.status, r.sent) for r in server.requests] == [(200, HALF), (200, len(BODY))]


def test_it_gives_up_when_nothing_new_comes(server, tmp_path, naps):
    url = server.serve("a.bin", BODY, *[Fault("close", HALF)] * 9, ranges=False)
    with Refused(tmp_path, url, "3 attempts", "closed after 150000 of 400000", left=PARTIAL) as e:
        get(url, tmp_path / "a.bin", attempts=3)
    assert "150 kB of 400 kB are kept; run again: it resumes" in e.message
    assert len(server.requests) == 3


def test_progress_does_not_count_against_the_attempts(server, tmp_path, naps):
    target = tmp_path / "a.bin"
    get(server.serve("a.bin", BODY, *[Fault("close", 50_000)] * 6), target, attempts=2)
    assert_only(target)
    assert len(server.requests) == 7


def test_the_next_call_resumes(server, tmp_path, naps):
    url = server.serve("a.bin", BODY, Fault("close", HALF))
    with Refused(tmp_path, left=PARTIAL):
        get(url, tmp_path / "a.bin", sha256=SHA256, attempts=1)
    get(url, tmp_path / "a.bin", sha256=SHA256)
    assert_only(tmp_path / "a.bin")
    assert server.requests[-1].sent == len(BODY) - HALF


@pytest.mark.parametrize("honest", [True, False])
def test_a_file_that_changed_between_attempts_is_fetched_afresh(server, tmp_path, naps, honest):
    """Whether the server minds If-Range or not."""
    url = server.serve("a.bin", OLD, Fault("close", HALF))
    with Refused(tmp_path, left=PARTIAL):
        get(url, tmp_path / "a.bin", attempts=1)
    server.serve("a.bin", BODY, etag='"v2"')
    if not honest:
        server.files["/a.bin"].last_modified = '"v1"'  # so that If-Range matches
    get(url, tmp_path / "a.bin")
    assert_only(tmp_path / "a.bin")
    assert [r.status for r in server.requests[1:]] == ([200] if honest else [206, 200])


def test_the_date_tells_versions_where_there_is_no_etag(server, tmp_path, naps):
    url = server.serve("a.bin", OLD, Fault("close", HALF), etag='W/"weak"')
    with Refused(tmp_path, left=PARTIAL):
        get(url, tmp_path / "a.bin", attempts=1)
    server.serve("a.bin", BODY, etag='W/"weak"', last_modified="Thu, 17 Dec 2020 00:00:00 GMT")
    get(url, tmp_path / "a.bin")
    assert_only(tmp_path / "a.bin")


def test_without_validator_or_checksum_nothing_is_continued(server, tmp_path, naps):
    settings = {"etag": None, "last_modified": None}
    url = server.serve("a.bin", OLD, Fault("close", HALF), **settings)
    with Refused(tmp_path, left=PARTIAL):
        get(url, tmp_path / "a.bin", attempts=1)
    server.serve("a.bin", BODY, **settings)
    get(url, tmp_path / "a.bin")
    assert_only(tmp_path / "a.bin")
    assert server.requests[-1].range is None


def test_another_url_does_not_continue(server, tmp_path, naps):
    """Although both say that they are version v1."""
    url = server.serve("b.bin", OLD, Fault("close", HALF))
    with Refused(tmp_path, left=PARTIAL):
        get(url, tmp_path / "a.bin", attempts=1)
    get(server.serve("a.bin", BODY), tmp_path / "a.bin")
    assert_only(tmp_path / "a.bin")


def test_a_file_that_shrank_is_fetched_afresh(server, tmp_path, naps):
    url = server.serve("a.bin", BODY, Fault("close", HALF))
    with Refused(tmp_path, left=PARTIAL):
        get(url, tmp_path / "a.bin", attempts=1)
    server.serve("a.bin", OLD[:1000])
    get(url, tmp_path / "a.bin")
    assert_only(tmp_path / "a.bin", OLD[:1000])
    assert [r.status for r in server.requests] == [200, 416, 200]


def test_a_wrong_content_range_is_not_believed(server, tmp_path, naps):
    url = server.serve("a.bin", BODY, Fault("close", HALF), Fault("range"))
    get(url, tmp_path / "a.bin")
    assert_only(tmp_path / "a.bin")
    assert [r.status for r in server.requests] == [200, 206, 200]


def test_a_partial_file_of_unknown_origin_is_not_continued(server, tmp_path):
    (tmp_path / ".a.bin.part").write_bytes(b"x" * 1000)
    (tmp_path / ".a.bin.part.json").write_text('{"url": "htt')
    get(server.serve("a.bin", BODY), tmp_path / "a.bin")
    assert_only(tmp_path / "a.bin")
    assert server.requests[0].range is None


def test_a_stalled_connection_is_given_up_and_resumed(server, tmp_path, naps):
    target = tmp_path / "a.bin"
    url = server.serve("a.bin", BODY, Fault("stall", HALF))
    get(url, target, timeout=0.3)
    assert_only(target)
    assert server.requests[-1].sent == len(BODY) - HALF


def test_refused_connections_are_tried_again_with_growing_pauses(tmp_path, naps):
    with Loopback() as gone:
        url = gone.serve("a.bin", BODY)
    with Refused(tmp_path, url, "4 attempts", "refused", "Check the address"):
        get(url, tmp_path / "a.bin", attempts=4, backoff=1)
    assert [n / 2**k for k, n in enumerate(naps)] == pytest.approx([1, 1, 1], abs=0.5)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_passing_troubles_are_tried_again(server, tmp_path, naps, status):
    busy = Fault("status", status=status, headers={"Retry-After": "7"})
    get(server.serve("a.bin", BODY, busy, busy), tmp_path / "a.bin")
    assert_only(tmp_path / "a.bin")
    assert naps == [7, 7]


@pytest.mark.parametrize(
    ("status", "words"), [(404, "no such file"), (410, "no such file"), (403, "login")]
)
def test_final_answers_are_final(server, tmp_path, naps, status, words):
    url = server.serve("a.bin", BODY, Fault("status", status=status))
    with Refused(tmp_path, url, str(status), words):
        get(url, tmp_path / "a.bin")
    assert naps == []
    assert len(server.requests) == 1


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


def test_several_processes_fetch_it_once(server, tmp_path):
    """Threads have file handles of their own, so the lock holds between them as well."""
    url = server.serve("a.bin.gz", PACKED, Fault("slow"))
    threads = [threading.Thread(target=get, args=(url, tmp_path / "a.bin")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_only(tmp_path / "a.bin")
    assert len(server.requests) == 1


def test_whoever_waits_goes_on_when_the_other_gave_up(server, tmp_path):
    """The file that it waited for is gone; it must not write into nothing."""
    url = server.serve("a.bin", BODY)
    with hold(tmp_path / "a.bin") as partial:
        waiting = threading.Thread(target=get, args=(url, tmp_path / "a.bin"))
        waiting.start()
        time.sleep(0.1)
        assert waiting.is_alive()
        partial.remove()
    waiting.join()
    assert_only(tmp_path / "a.bin")


def test_the_log_tells_where_from_and_what_went_wrong(server, tmp_path, naps, caplog):
    caplog.set_level(logging.INFO, logger="svqvae")
    url = server.serve("a.bin", BODY, Fault("close", HALF))
    get(url, tmp_path / "a.bin")
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0] == f"fetching {url}, 400 kB"
    assert lines[1].startswith(f"{url}: the connection closed after 150000 of 400000 bytes; trying")
    assert lines[2] == f"fetching {url}, 400 kB, from byte 150000 on"
    assert "in place" in lines[3]


KILLED = """
import sys
from svqvae.io.download import fetch
from svqvae.io.partial import hold
fetch(sys.argv[1], sys.argv[2], sha512=sys.argv[3])
"""


def test_a_killed_process_is_resumed(server, tmp_path, repository):
    body = random.Random(1).randbytes(4_000_000)
    digest = hashlib.sha512(body).hexdigest()
    url = server.serve("a.bin", body, Fault("slow"))
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, url, str(tmp_path / "a.bin"), digest], cwd=repository
    )
    partial = tmp_path / ".a.bin.part"
    deadline = time.monotonic() + 60
    while not (partial.exists() and partial.stat().st_size > 500_000):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert files(tmp_path) == sorted(PARTIAL)
    kept = partial.stat().st_size
    assert 500_000 < kept < len(body)
    get(url, tmp_path / "a.bin", sha512=digest)
    assert_only(tmp_path / "a.bin", body)
    assert (server.requests[-1].range, server.requests[-1].sent) == (
        f"bytes={kept}-",
        len(body) - kept,
    )


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("moment", ["before unpacking", "before tidying"])
def test_a_process_killed_at_the_end_leaves_nothing_to_fetch(
    server, tmp_path, moment, announced, monkeypatch
):
    """All bytes are there: none is asked for again; what is left over is tidied up."""

    class Killed(BaseException):
        pass

    def die(*_, **__):
        raise Killed

    url = server.serve("a.bin.gz", PACKED, length=announced)
    with monkeypatch.context() as patch:
        if moment == "before unpacking":
            patch.setattr(download.gzip, "open", die)
        else:
            patch.setattr(download.Partial, "remove", die)
        with pytest.raises(Killed):
            get(url, tmp_path / "a.bin", sha512=SHA512)
    assert (tmp_path / ".a.bin.part").exists()
    get(url, tmp_path / "a.bin", sha512=SHA512)
    assert_only(tmp_path / "a.bin")
    # Only the server knows whether bytes are missing whose number it did not announce.
    asked = [] if announced or moment == "before tidying" else [416]
    assert [r.status for r in server.requests] == [200, *asked]
