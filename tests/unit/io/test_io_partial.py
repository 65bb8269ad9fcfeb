"""Unfinished downloads: whose they are, who may go on, and processes that are killed."""

import hashlib
import random
import subprocess
import sys
import threading
import time

import pytest
from download_cases import BODY, PACKED, PARTIAL, SHA512, assert_only, files, get
from loopback import Fault, kill_after

from svqvae.io import download
from svqvae.io.partial import hold


def test_a_partial_file_of_unknown_origin_is_not_continued(server, tmp_path):
    (tmp_path / ".a.bin.part").write_bytes(b"x" * 1000)
    (tmp_path / ".a.bin.part.json").write_text('{"url": "htt')
    get(server.serve("a.bin", BODY), tmp_path / "a.bin")
    assert_only(tmp_path / "a.bin")
    assert server.requests[0].range is None


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
    kept = kill_after(process, tmp_path / ".a.bin.part", 500_000)
    assert files(tmp_path) == sorted(PARTIAL)
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
