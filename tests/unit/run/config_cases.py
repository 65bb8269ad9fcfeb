"""Configurations that are changed, and the problems that are found in them."""

import pytest
import yaml

from svqvae.errors import SvqvaeError
from svqvae.run.config import check, restore_on


def problems(config, schema, root="."):
    with pytest.raises(SvqvaeError) as error:
        check(config, schema, root=root)
    return error.value.problems


def small(**parts):
    """A valid configuration of no files, changed at the top level."""
    return {
        "datasets": {"d": {"source": {"kind": "simulated"}, "labels": {"key": "moa"}}},
        "models": {"m": {"preset": "class_mean"}},
        **parts,
    }


def problems_of(text, schema, root="."):
    """Return the problems of :func:`small`, changed by YAML."""
    config = small(**yaml.safe_load(text))
    restore_on(config)
    return problems(config, schema, root)
