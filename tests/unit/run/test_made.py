"""Tables that are not what their job wrote are refused by the next job."""

import pytest

from svqvae.errors import SvqvaeError
from svqvae.run.made import Made


@pytest.fixture
def made(tmp_path):
    path = tmp_path / "results" / "mine" / "benchmark.tsv"
    path.parent.mkdir(parents=True)
    path.write_text("model\tvalue\na\t0.5\n")
    log = tmp_path / "results" / "logs" / "mine" / "job.log"
    sums = Made.beside(log, [path])
    sums.note([path])
    return sums, path


@pytest.mark.parametrize("content", ["model\tvalue\na\t0.7\n", "model\tvalue\n", ""])
def test_damage_is_refused(made, content):
    sums, path = made
    sums.require([path])
    path.write_text(content)
    with pytest.raises(SvqvaeError, match=r"benchmark.tsv: damaged or edited: it is not what"):
        sums.require([path])


def test_what_is_made_anew_is_not_held_against_the_old(made):
    sums, path = made
    sums.forget([path])
    path.write_text("other")
    sums.require([path])
    sums.note([path])
    sums.require([path])


def test_no_file_is_called_like_a_result(made, tmp_path):
    assert len(list(tmp_path.rglob("*.tsv"))) == 1
    assert [p.name for p in (tmp_path / "results").iterdir() if p.name != "mine"] == ["logs"]


def test_what_lies_elsewhere_has_no_sums(tmp_path):
    fetched = tmp_path / "resources" / "a.tsv"
    sums = Made.beside(tmp_path / "results" / "logs" / "download.log", [fetched])
    sums.note([fetched])
    sums.require([fetched, tmp_path / "missing.tsv"])
    assert not list(tmp_path.rglob(".sums"))
