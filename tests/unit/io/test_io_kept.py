"""Results that a run deleted and did not make come back, and are made anew by the next run."""

import os

from svqvae.io import kept


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_what_was_deleted_and_not_made_comes_back_as_old(tmp_path):
    for name in ("d/model.json", "d/m/classes.h5ad", "report.html", "d/simulated/truth.h5ad"):
        write(tmp_path / name, f"old {name}")
    write(tmp_path / "d/.part", "hidden")
    write(tmp_path / "other/x", "not of this run")
    kept.keep(tmp_path, ["d", "report.html", "missing"])
    for name in ("d/model.json", "d/m/classes.h5ad", "report.html", "d/simulated/truth.h5ad"):
        (tmp_path / name).unlink()
    (tmp_path / "other/x").unlink()
    write(tmp_path / "report.html", "new")
    back = kept.put_back(tmp_path)
    assert sorted(str(p.relative_to(tmp_path)) for p in back) == [
        "d/m/classes.h5ad",
        "d/model.json",
    ]
    assert (tmp_path / "d/model.json").read_text() == "old d/model.json"
    assert (tmp_path / "d/model.json").stat().st_mtime == 1
    assert (tmp_path / "report.html").read_text() == "new"
    assert not (tmp_path / kept.FOLDER).exists()
    assert not (tmp_path / "other/x").exists()


def test_what_a_killed_run_deleted_is_kept_through_the_next(tmp_path):
    write(tmp_path / "d/a", "old")
    kept.keep(tmp_path, ["d"])
    (tmp_path / "d/a").unlink()
    # Killed here; the next run starts, and fails too.
    kept.keep(tmp_path, ["d"])
    assert [p.read_text() for p in kept.put_back(tmp_path)] == ["old"]


def test_a_file_system_without_links_gets_copies(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError("no links")

    write(tmp_path / "d/a", "old")
    monkeypatch.setattr(os, "link", refuse)
    kept.keep(tmp_path, ["d"])
    (tmp_path / "d/a").unlink()
    assert len(kept.put_back(tmp_path)) == 1


def test_nothing_kept_is_nothing_to_put_back(tmp_path):
    assert kept.put_back(tmp_path / "none") == []
