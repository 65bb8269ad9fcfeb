"""The examples of docstrings and of docs/quickstart.md run as they are written."""

import doctest
import importlib
import pkgutil
import re
import types

import numpy as np
import pandas as pd
import pytest

import svqvae

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def modules():
    """Return the names of the modules whose text has examples."""
    found = pkgutil.walk_packages(svqvae.__path__, "svqvae.", onerror=None)
    names = ["svqvae", *(m.name for m in found if not m.name.endswith("__main__"))]
    specs = ((name, importlib.util.find_spec(name)) for name in names)
    return [n for n, spec in specs if ">>>" in open(spec.origin, encoding="utf-8").read()]


def run(test, runner=None):
    runner = runner or doctest.DocTestRunner(optionflags=FLAGS)
    out = []
    runner.run(test, out=out.append)
    assert not runner.summarize(verbose=False).failed, "".join(out)


@pytest.mark.parametrize("name", modules())
def test_docstrings(name, simulated, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    given = {"svqvae": svqvae, "np": np, "pd": pd}
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, extraglobs=given):
        if test.examples:
            # No example sees what another has done to it.
            test.globs["adata"] = simulated.copy()
            run(test)


def test_the_quick_start(repository, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (repository / "docs" / "quickstart.md").read_text(encoding="utf-8")
    test = doctest.DocTestParser().get_doctest(text, {}, "quickstart.md", "quickstart.md", 0)
    assert len(test.examples) > 15
    run(test)


def test_what_most_people_call_first_has_examples(repository):
    for name in ("io.reader.read", "tl.relations.relations.relation_table", "errors.did_you_mean"):
        path, _, function = name.rpartition(".")
        found = getattr(importlib.import_module(f"svqvae.{path}"), function)
        assert isinstance(found, types.FunctionType)
        assert ">>>" in found.__doc__, name
    quick = (repository / "docs" / "quickstart.md").read_text(encoding="utf-8")
    for call in ("make_model(", ".train(", ".predict(", ".simulate(", ".save(", "load_model("):
        assert re.search(rf"^>>> .*{re.escape(call)}", quick, re.M), call
