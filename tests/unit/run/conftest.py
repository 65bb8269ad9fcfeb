"""Fixtures of the tests of configurations."""

import pytest
import yaml

from svqvae.run.config import read_schema


@pytest.fixture(scope="module")
def schema(repository):
    return read_schema(repository / "workflow" / "schemas" / "config.schema.yaml")


@pytest.fixture
def config(repository):
    return yaml.safe_load((repository / "config" / "config.yaml").read_text())
