"""The worked examples of CONTRIBUTING.md, applied to a copy of the checkout, pass their checks."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PARTS = ("svqvae", "workflow", "config", "docs", "tests", "pyproject.toml")
TEXT = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## Adding (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.M | re.DOTALL))
_BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.M | re.DOTALL)


def replaced(text: str, diff: str) -> str:
    """Return text with each hunk's lines, which stand in it once, exchanged; nothing is counted."""
    for hunk in re.split(r"^@@.*\n", diff, flags=re.M):
        lines = hunk.splitlines()
        old, new = ("".join(f"{x[1:]}\n" for x in lines if x[:1] in (" ", s)) for s in "-+")
        assert text.count(old) == 1, f"these lines stand {text.count(old)} times, not once:\n{old}"
        text = text.replace(old, new)
    return text


@pytest.mark.slow
@pytest.mark.parametrize("name", SECTIONS)
def test_example(repository, tmp_path, name):
    for part in PARTS:
        source, ignore = repository / part, shutil.ignore_patterns("__pycache__", "_build", "api")
        if source.is_dir():
            shutil.copytree(source, tmp_path / part, ignore=ignore)
        else:
            shutil.copy(source, tmp_path / part)
    blocks = _BLOCK.findall(SECTIONS[name])
    for kind, file, text in blocks:
        if kind == "diff":
            path = tmp_path / file
            path.write_text(replaced(path.read_text(encoding="utf-8"), text), encoding="utf-8")
        elif file:
            assert not (tmp_path / file).exists(), file
            (tmp_path / file).write_text(text, encoding="utf-8")
    table = "".join(re.findall(r"^\|.*\n", _BLOCK.sub("", SECTIONS[name]), re.M))
    named = set(re.findall(r"`([\w./]+)`", table))
    touched = {file for _, file, _ in blocks if file and not file.startswith("tests/")}
    # The table of a section names every file that its example touches, new ones by NAME.
    for file in touched:
        assert file in named or str(Path(file).with_name("NAME.py")) in named, file
    written = [f for f in touched | {f for _, f, _ in blocks if f} if f.endswith(".py")]
    for check in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *check, *written]
        run = subprocess.run(ruff, cwd=tmp_path, capture_output=True, text=True)
        assert not written or run.returncode == 0, run.stdout
    commands = [c for kind, _, text in blocks if kind == "console" for c in text.splitlines()]
    assert commands, "an example without a check"
    for command in commands:
        words = shlex.split(command.removeprefix("$ "))
        assert words[0] == "python", command
        run = subprocess.run(
            [sys.executable, *words[1:]],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, f"{command}\n{run.stdout}{run.stderr}"


def test_hunks_that_do_not_fit_are_errors():
    assert replaced("a\nb\nc\n", " a\n-b\n+x\n") == "a\nx\nc\n"
    assert replaced("a\nb\nc\n", " a\n+x\n@@\n-c\n") == "a\nx\nb\n"
    with pytest.raises(AssertionError, match="stand 2 times"):
        replaced("a\na\n", "-a\n")
