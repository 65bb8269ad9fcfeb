import os
import time

from svqvae.run.clock import date_now


def test_what_lies_in_the_future_is_dated_now(tmp_path):
    folder, fetched = tmp_path / "results", tmp_path / "signatures.gctx"
    late, early, elsewhere = folder / "a/late.tsv", folder / "early.tsv", tmp_path / "mine.tsv"
    late.parent.mkdir(parents=True)
    now = time.time()
    for path, at in ((late, 3600), (early, -60), (fetched, 7200), (elsewhere, 3600)):
        path.write_text(path.name)
        os.utime(path, (now + at, now + at))
    assert date_now([folder, fetched, tmp_path / "none"]) == [late, fetched]
    assert late.stat().st_mtime <= time.time()
    assert fetched.stat().st_mtime <= time.time()
    assert early.stat().st_mtime == now - 60
    # What is none of the run's stays as it is.
    assert elsewhere.stat().st_mtime == now + 3600
    assert date_now([folder, fetched]) == []


def test_links_are_left_alone(tmp_path):
    target, link = tmp_path / "target", tmp_path / "results" / "link"
    target.touch()
    link.parent.mkdir()
    link.symlink_to(target)
    ahead = time.time() + 3600
    os.utime(target, (ahead, ahead))
    assert date_now([link.parent]) == []
    assert target.stat().st_mtime == ahead
