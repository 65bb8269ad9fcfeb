"""What `import svqvae` gives, and what it costs."""

import subprocess
import sys

import pytest

import svqvae

NAMES = ["SVQVAE", "io", "load_model", "make_model", "models", "pl", "pp", "read", "tl"]


def test_every_name_is_shown_and_can_be_had():
    assert sorted(svqvae.__all__) == NAMES
    assert set(NAMES) <= set(dir(svqvae))
    for name in NAMES:
        assert getattr(svqvae, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = svqvae.nothing


def test_the_import_is_cheap():
    heavy = {"torch", "anndata", "scanpy", "matplotlib", "pandas", "numpy"}
    code = f"import sys, svqvae; dir(svqvae); sys.exit(len({heavy!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_package_is_the_command_line():
    run = subprocess.run(
        [sys.executable, "-m", "svqvae", "--help"], capture_output=True, text=True, check=True
    )
    for command in ("predict", "embed", "simulate", "convert"):
        assert command in run.stdout
