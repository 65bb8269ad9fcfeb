"""Every figure at any number of classes: no text over another, none cut, no two names the same."""

from collections import Counter

import matplotlib.pyplot as plt
import numpy as np
import pytest
from many_classes import names_of, tables_of
from matplotlib.axes import Axes
from matplotlib.text import Text

from svqvae.pl.style import house_style
from svqvae.results import FIGURES

OF_MODELS = [
    *("mechanism_correlations", "mechanism_network", "nearest_network", "class_profiles"),
    *("latent_map", "confusion", "training"),
]
REST = [name for name in FIGURES if name not in OF_MODELS]
#: Points by which letters of one line may reach into the space of another's: boxes hold room for
#: accents and tails that most letters have not.
SLACK = 0.6


def drawn(name, n):
    """Return a figure of tables of n classes."""
    row, tables = FIGURES[name], tables_of(n)
    if isinstance(row.table, str):
        table = tables[row.table]
    else:
        table = tables[name] if name in tables else row.table(tables)
    return row.draw(tables, table)


class Drawn:
    """A text as it was when it was drawn: ticks are used again for others."""

    def __init__(self, text, renderer):
        self.text, self.size = text.get_text(), text.get_fontsize()
        scale = 72 / text.figure.dpi
        self.box = np.array(text.get_window_extent(renderer).extents) * scale
        clip = text.get_clip_box() if text.get_clip_on() else None
        self.clip = None if clip is None else np.array(clip.extents) * scale


def texts(figure, monkeypatch):
    """Return the texts that are drawn, and the box that is saved."""
    found, draw = {}, Text.draw

    def noted(self, renderer):
        draw(self, renderer)
        if self.get_visible() and self.get_text().strip():
            found[self] = Drawn(self, renderer)

    with house_style():
        if figure.get_layout_engine() is not None:
            # It comes to rest at the second drawing.
            figure.canvas.draw()
        box = figure.get_tightbbox().extents * 72
        monkeypatch.setattr(Text, "draw", noted)
        figure.canvas.draw()
    monkeypatch.undo()
    return list(found.values()), box


def overlapping(found):
    boxes = np.array([one.box for one in found])
    low, high = boxes[:, :2] + SLACK / 2, boxes[:, 2:] - SLACK / 2
    over = ((low[:, None] < high) & (high[:, None] > low)).all(2)
    pairs = zip(*np.nonzero(np.triu(over, 1)), strict=True)
    return [(found[i].text, found[j].text) for i, j in pairs]


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


@pytest.mark.parametrize(
    ("name", "n"),
    [*((name, n) for n in (18, 75, 300) for name in OF_MODELS), *((name, 18) for name in REST)],
)
def test_text_is_not_covered_cut_or_ambiguous(name, n, monkeypatch):
    figure = drawn(name, n)
    found, saved = texts(figure, monkeypatch)
    assert overlapping(found) == []
    for one in found:
        for box in (saved, one.clip):
            if box is not None:
                assert (one.box[:2] >= box[:2] - 0.5).all(), one.text
                assert (one.box[2:] <= box[2:] + 0.5).all(), one.text
    # Of axes: the names along one side, or within a drawing.
    for ax in figure.axes:
        for shown in names_in(ax):
            assert max(Counter(shown).values(), default=1) == 1
    assert min(one.size for one in found) >= 4.2


def names_in(ax: Axes):
    within = [t.get_text() for t in ax.texts if len(t.get_text()) > 4]
    yield within
    for axis in (ax.xaxis, ax.yaxis):
        yield [t.get_text() for t in axis.get_ticklabels() if t.get_text()]


@pytest.mark.parametrize("n", [18, 75])
@pytest.mark.parametrize("name", ["mechanism_correlations", "class_profiles", "confusion"])
def test_up_to_a_hundred_classes_each_has_its_name(name, n, monkeypatch):
    rows = [t.get_text() for t in drawn(name, n).axes[0].get_yticklabels()]
    assert len(set(rows)) == n
    begins = {name[:8] for name in names_of(n)}
    assert {row[:8] for row in rows} == begins


@pytest.mark.parametrize("name", ["mechanism_correlations", "class_profiles", "confusion"])
def test_of_more_classes_clusters_are_named_and_the_figure_says_so(name):
    figure = drawn(name, 300)
    assert [t for t in figure.axes[0].get_yticklabels() if t.get_text()] == []
    clusters = tables_of(300)["class_clusters"]["cluster"]
    told = {t.get_text() for t in figure.axes[0].texts}
    size = Counter(clusters)
    assert told == {f"cluster {k}: {n} class{'es' if n > 1 else ''}" for k, n in size.items()}
    (said,) = [t.get_text() for t in figure.texts]
    assert said.startswith(f"300 classes in {clusters.nunique()} clusters")


def test_of_very_many_clusters_the_largest_are_named():
    tables = tables_of(300, clusters=150)
    row = FIGURES["mechanism_correlations"]
    figure = row.draw(tables, tables["mechanism_correlations"])
    named = len(figure.axes[0].texts)
    assert 40 < named < 150
    assert f"the {named} largest are named" in figure.texts[0].get_text()


def test_colours_and_shapes_that_come_again_are_said():
    tables = tables_of(300, clusters=150)
    figure = FIGURES["latent_map"].draw(tables, tables["latent_map"])
    assert "From cluster 41 on" in figure.texts[0].get_text()
