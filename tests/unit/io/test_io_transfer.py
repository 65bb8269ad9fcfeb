"""Attempts that end early, stall or are refused: resumed, made again, or given up."""

import pytest
from download_cases import BODY, HALF, OLD, PARTIAL, SHA256, Refused, assert_only, get
from loopback import Fault, Loopback


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
