"""A configuration is read strictly, and gives its report a name."""

import pytest

from svqvae.errors import SvqvaeError
from svqvae.run.config_file import (
    check_files,
    note_report,
    read_config,
    report_name,
    require_own_report,
)

BROKEN = {
    "a key twice": (
        b"models:\n  paper: {preset: paper}\n  lda: {preset: lda}\n  paper: {preset: vae}\n",
        "line 4: the key 'paper' is there already, in line 2",
    ),
    "a tab": (b"datasets:\n\td: 1\n", r"line 2, column 1: not YAML.*indent with spaces, not tabs"),
    "an open bracket": (b"models: {a: 1\n", "line 2, column 1: not YAML"),
    "empty": (b"", "is empty"),
    "comments only": (b"# nothing\n", "is empty"),
    "a list": (b"[1, 2]", "expected a mapping"),
    "text": (b"datasets", "expected a mapping"),
    "UTF-16": ("datasets: {}".encode("utf-16"), "is UTF-16, expected UTF-8"),
    "Latin-1": ("a: 1\ntitle: café".encode("latin-1"), "line 2: byte 0xe9 is not UTF-8"),
    "two documents": (b"a: 1\n---\nb: 2\n", "not YAML"),
    "an alias of nothing": (b"a: *b\n", "not YAML"),
    "code": (b"a: !!python/object:os.system {}\n", "not YAML"),
    "a number of 5000 digits": (b"a: " + b"9" * 5000, "not YAML"),
    "a list as a key": (b"? [a]\n: 1\n", "not YAML"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_a_sentence_with_its_line(tmp_path, name):
    content, message = BROKEN[name]
    path = tmp_path / "c.yaml"
    path.write_bytes(content)
    with pytest.raises(SvqvaeError, match=message) as caught:
        read_config(path)
    assert str(caught.value).startswith(str(path))
    assert len(str(caught.value)) < 1000


def test_a_missing_file_or_a_folder_is_named(tmp_path):
    with pytest.raises(SvqvaeError, match=r"no\.yaml: No such file"):
        read_config(tmp_path / "no.yaml")
    with pytest.raises(SvqvaeError, match="directory"):
        read_config(tmp_path)


def test_all_keys_that_are_there_twice_are_named_and_many_counted(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("a: 1\n" * 300)
    with pytest.raises(SvqvaeError) as caught:
        read_config(path)
    assert len(caught.value.problems) == 11
    assert "289 more keys" in caught.value.problems[-1]


def test_marks_merges_and_json_are_read(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_bytes(b"\xef\xbb\xbfbase: &b {x: 1, y: 2}\nown:\n  <<: *b\n  x: 3\n")
    assert read_config(path)["own"] == {"x": 3, "y": 2}
    path.write_text('{"a": {"b": 1}}')
    assert read_config(path) == {"a": {"b": 1}}


def test_files_of_another_workflow_are_not_the_configurations(tmp_path):
    mine, other = tmp_path / "mine.yaml", tmp_path / "other.yaml"
    mine.write_text("datasets: {d: 1}\nmodels: {m: 1}\n")
    other.write_text("samples: [1]\nsamples: [2]\n")
    config = {"datasets": {"d": 1}, "models": {"m": 1}}
    assert check_files([other, mine], config) == [mine]


def test_each_configuration_has_its_own_report(tmp_path):
    default = tmp_path / "config" / "config.yaml"
    assert report_name([], [default]) == "report.html"
    assert report_name([default], [default]) == "report.html"
    assert report_name(["x/my settings.yaml"], [default]) == "report-my-settings.html"
    assert report_name([default, "config/mnist.yaml"], [default]) == "report-mnist.html"


def test_the_default_configuration_by_another_path_has_the_report_of_the_default(tmp_path):
    default = tmp_path / "config/config.yaml"
    default.parent.mkdir()
    default.touch()
    (tmp_path / "link").symlink_to(default.parent)
    for path in ("link/config.yaml", "config/../config/config.yaml"):
        assert report_name([tmp_path / path], [default]) == "report.html"


@pytest.mark.parametrize(("one", "other"), [("a/x.yaml", "b/x.yaml"), ("my x.yaml", "my-x.yaml")])
def test_the_report_of_another_file_is_not_replaced(tmp_path, one, other):
    files = [tmp_path / one, tmp_path / other]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.touch()
    report = tmp_path / "results" / report_name(files[:1])
    assert report_name(files[1:]) == report.name
    require_own_report(report, files[:1])
    note_report(report, files[:1])  # of a run that failed: there is none
    require_own_report(report, files[1:])
    report.parent.mkdir()
    report.touch()
    note_report(report, files[:1])
    require_own_report(report, files[:1])
    with pytest.raises(SvqvaeError, match="rename one") as caught:
        require_own_report(report, files[1:])
    assert str(files[0]) in str(caught.value)
    files[0].unlink()  # it was moved
    require_own_report(report, files[1:])
