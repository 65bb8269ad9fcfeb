"""Fixtures of the tests of downloads."""

import pytest
from loopback import Loopback

from svqvae.io import download


@pytest.fixture
def server():
    with Loopback() as running:
        yield running


@pytest.fixture
def naps(monkeypatch):
    """Pauses between attempts, which are not slept."""
    slept = []
    monkeypatch.setattr(download.time, "sleep", slept.append)
    return slept
