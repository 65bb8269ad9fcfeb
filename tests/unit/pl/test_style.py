"""How figures are saved: kinds of file, dots, and what is said below them."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from svqvae.pl import style
from svqvae.pl.style import house_style, note, save

TABLE = pd.DataFrame({"a": [1]})


@pytest.fixture
def figure():
    with house_style():
        figure, ax = plt.subplots(figsize=(2, 1))
        ax.set(xticks=[], yticks=[], xlabel="below")
    yield figure
    plt.close(figure)


def test_a_png_has_300_dots_an_inch(figure, tmp_path, monkeypatch):
    monkeypatch.setitem(style._RC, "savefig.dpi", 300)
    save(figure, TABLE, tmp_path / "a")
    with Image.open(tmp_path / "a.png") as image:
        assert np.round(image.info["dpi"]).tolist() == [300, 300]
        assert image.width > 400
        assert image.mode == "RGB"


def test_kinds_that_are_made_anyway_may_be_asked_for(figure, tmp_path):
    save(figure, TABLE, tmp_path / "a", kinds=("svg", "pdf"))
    assert {p.suffix for p in tmp_path.iterdir()} == {".svg", ".png", ".tsv", ".pdf"}


def test_a_note_stands_below_all_else_each_below_the_last(figure):
    for text in ("one", "two"):
        note(figure, text)
    figure.canvas.draw()
    boxes = [t.get_window_extent() for t in [figure.axes[0].xaxis.label, *figure.texts]]
    assert all(lower.y1 < upper.y0 for upper, lower in pairwise(boxes))
