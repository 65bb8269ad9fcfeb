"""Figures of tests are saved with few dots: what is drawn is the same, in a tenth of the time."""

import pytest

from svqvae.pl import style


@pytest.fixture(autouse=True)
def _few_dots(monkeypatch):
    monkeypatch.setitem(style._RC, "savefig.dpi", 50)
