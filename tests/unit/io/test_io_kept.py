"""Results that a run deleted and did not make come back, and are made anew by the next run."""

import os

from svqvae.io import kept


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def never(name):
    return False


def always(name):
    return True


RUN = {"run": "machine pid:[1]/7/99", "ended": never}


def test_what_was_deleted_and_not_made_comes_back_as_old(tmp_path):
    for name in ("d/model.json", "d/m/classes.h5ad", "report.html", "d/simulated/truth.h5ad"):
        write(tmp_path / name, f"old {name}")
    write(tmp_path / "d/.part", "hidden")
    write(tmp_path / "other/x", "not of this run")
    kept.keep(tmp_path, ["d", "report.html", "missing"], **RUN)
    for name in ("d/model.json", "d/m/classes.h5ad", "report.html", "d/simulated/truth.h5ad"):
        (tmp_path / name).unlink()
    (tmp_path / "other/x").unlink()
    write(tmp_path / "report.html", "new")
    back = kept.put_back(tmp_path, **RUN)
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
    kept.keep(tmp_path, ["d"], **RUN)
    (tmp_path / "d/a").unlink()
    # Killed here; the next run starts, and fails too.
    after = {"run": "machine/8/1", "ended": lambda name: name == RUN["run"]}
    kept.keep(tmp_path, ["d"], **after)
    assert [p.read_text() for p in kept.put_back(tmp_path, **after)] == ["old"]
    assert not (tmp_path / kept.FOLDER).exists()


def test_runs_of_two_configurations_leave_each_other_s_files(tmp_path):
    write(tmp_path / "a/x", "of a")
    write(tmp_path / "b/y", "of b")
    a, b = ({"run": name, "ended": never} for name in ("m/1/1", "m/2/2"))
    kept.keep(tmp_path, ["a"], **a)
    kept.keep(tmp_path, ["b"], **b)
    (tmp_path / "a/x").unlink()  # before its job starts
    (tmp_path / "b/y").unlink()
    assert kept.put_back(tmp_path, **b) == [tmp_path / "b/y"]
    assert not (tmp_path / "a/x").exists()
    assert kept.put_back(tmp_path, **a) == [tmp_path / "a/x"]
    assert not (tmp_path / kept.FOLDER).exists()


def test_what_another_run_keeps_too_is_left_to_it(tmp_path):
    write(tmp_path / "d/x", "old")
    a, b = ({"run": name, "ended": never} for name in ("m/1/1", "m/2/2"))
    kept.keep(tmp_path, ["d"], **a)
    kept.keep(tmp_path, ["d"], **b)
    (tmp_path / "d/x").unlink()  # by a, whose job makes it
    assert kept.put_back(tmp_path, **b) == []
    assert kept.put_back(tmp_path, **a) == [tmp_path / "d/x"]


def test_what_an_ended_run_made_is_not_older_again(tmp_path):
    write(tmp_path / "d/x", "old")
    kept.keep(tmp_path, ["d"], **RUN)
    (tmp_path / "d/x").unlink()
    write(tmp_path / "d/x", "new")
    after = {"run": "m/8/1", "ended": always}
    kept.keep(tmp_path, ["d"], **after)
    (tmp_path / "d/x").unlink()
    assert kept.put_back(tmp_path, **after)[0].read_text() == "new"


def test_a_file_system_without_links_gets_copies(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError("no links")

    write(tmp_path / "d/a", "old")
    monkeypatch.setattr(os, "link", refuse)
    kept.keep(tmp_path, ["d"], **RUN)
    (tmp_path / "d/a").unlink()
    assert len(kept.put_back(tmp_path, **RUN)) == 1


def test_nothing_kept_is_nothing_to_put_back(tmp_path):
    assert kept.put_back(tmp_path / "none", **RUN) == []
