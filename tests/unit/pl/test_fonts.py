"""SVGs bring the letters that their text uses."""

import base64
import io
import re
import xml.etree.ElementTree as ElementTree

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from fontTools.ttLib import TTFont

from svqvae.pl.style import house_style, save

FACE = re.compile(r"font-weight:(\d+);src:url\(data:font/woff;base64,([^)]*)\)")


@pytest.fixture
def svg(tmp_path):
    with house_style():
        figure, ax = plt.subplots()
        ax.set_title("Bold & <only>")
        ax.set(xticks=[], yticks=[], xlabel="κB (0.5)")
    save(figure, pd.DataFrame({"a": [1]}), tmp_path / "one")
    save(figure, pd.DataFrame({"a": [1]}), tmp_path / "two")
    plt.close(figure)
    text = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert text == (tmp_path / "two.svg").read_text(encoding="utf-8")
    return text


def fonts(svg):
    return {
        int(weight): TTFont(io.BytesIO(base64.b64decode(font)))
        for weight, font in FACE.findall(svg)
    }


def test_each_weight_has_the_letters_of_its_text_and_few_more(svg):
    found = fonts(svg)
    assert set(found) == {400, 700}
    assert set(map(ord, "Bold & <only>")) == set(found[700].getBestCmap())
    assert set(map(ord, "κB (0.5)")) == set(found[400].getBestCmap())
    assert len(svg) < 25_000


def test_text_stays_text_of_that_font(svg):
    texts = [
        (node.get("style"), "".join(node.itertext()))
        for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert {text for _, text in texts} == {"Bold & <only>", "κB (0.5)"}
    assert all("DejaVu Sans" in style for style, _ in texts)
    assert svg.count("font-family:'DejaVu Sans'") == 2


def test_nothing_is_fetched(svg):
    outside = [url for url in re.findall(r"url\(([^)]{1,30})", svg) if not url.startswith("#")]
    assert all(url.startswith("data:font/woff") for url in outside)
