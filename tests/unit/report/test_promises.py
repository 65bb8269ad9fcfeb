"""docs/report.md says which tests hold what the page promises: they are there."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[2]
TEXT = (TESTS.parent / "docs" / "report.md").read_text(encoding="utf-8")


def test_each_test_that_is_named_is_there():
    code = "\n".join(path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))
    files = {path.name for path in TESTS.rglob("test_*.py")}
    rows = TEXT.partition("## What holds it")[2]
    named = re.findall(r"`(?:[\w/]+/)?(test_\w+(?:\.py|\.\.\.)?)`", rows)
    assert len(named) > 15
    for name in named:
        if name.endswith(".py"):
            assert name in files, name
        else:
            assert re.search(rf"\bdef {name.rstrip('.')}", code), name


def test_each_promise_has_a_number_and_a_test():
    promised = TEXT.partition("## What holds it")[2]
    rows = re.findall(r"^\| (\d+) \|.*\|(.*)\|$", promised, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 12))
    assert all("test_" in tests for _, tests in rows)
