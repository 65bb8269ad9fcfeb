"""config/README.md has a row for every key, preset and setting, as they are."""

import importlib.util
import re

import pytest

from svqvae.models import presets


@pytest.fixture(scope="module")
def tables(repository):
    path = repository / "docs" / "config_tables.py"
    spec = importlib.util.spec_from_file_location("config_tables", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def text(repository):
    return (repository / "config" / "README.md").read_text(encoding="utf-8")


def test_the_tables_are_those_of_the_schema_and_the_presets(tables, text):
    assert set(re.findall(r"<!-- table: (\S+) -->", text)) == set(tables.TABLES)
    assert tables.filled(text) == text, "run `python docs/config_tables.py`"


def test_every_key_of_the_schema_has_a_row(tables, text):
    schema = tables.yaml.safe_load(tables.SCHEMA.read_text(encoding="utf-8"))
    sections = [schema, schema["properties"]["analysis"]]
    sections += [d for d in schema["$defs"].values() if "properties" in d]
    names = {name for node in sections for name in node["properties"]}
    rows = re.findall(r"^\| `([\w.]+)` \|", text, re.M)
    # What is opened has rows of its own keys instead.
    opened = {"source", "labels", "filters", "split", "analysis", "figures"}
    assert names - opened <= {row.rsplit(".", 1)[-1] for row in rows}


def test_every_preset_and_setting_is_explained(text):
    explained = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`[^|]*)\|", text, re.M))))
    images = {preset for preset in presets.known() if preset.endswith("_image")}
    assert set(presets.known()) - images <= explained
    settings = {name for values in presets.known().values() for name in values} - {"kind"}
    assert settings <= explained


def test_a_default_in_words_stands_in_its_column(tables):
    assert tables._split_default("Lines to keep. Default: all.") == ("Lines to keep.", "all")
    assert tables._split_default("Lines to keep.") == ("Lines to keep.", "")
