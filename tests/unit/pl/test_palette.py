"""One colour and shape a cluster, told apart by the colour-blind, the same on the page."""

import json
import re

import numpy as np
import pytest
from pages import make_results

from svqvae.pl import palette
from svqvae.pl.palette import PALETTES, colour_of, colours_of, distinct, ink_on, shape_of, use
from svqvae.report import browser
from svqvae.report.page import write_report

#: Of Machado et al. (2009), full severity: what is seen of linear RGB.
BLIND = {
    "nobody": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def lab(colour, seen):
    """Return a colour as it is seen, in CIE L*a*b*."""
    rgb = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.asarray(BLIND[seen]) @ linear, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ linear / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("seen", BLIND)
def test_clusters_of_one_shape_differ_in_colour_whoever_looks(seen):
    n = distinct()
    colours = np.array([lab(colour_of(k), seen) for k in range(1, n + 1)])
    shapes = np.array([shape_of(k) for k in range(1, n + 1)])
    distance = np.linalg.norm(colours[:, None] - colours, axis=2)
    same = (shapes[:, None] == shapes) & ~np.eye(n, dtype=bool)
    # 2.3 is just noticeable side by side; a chart needs several times that.
    assert distance[same].min() > 8


@pytest.mark.parametrize("name", PALETTES)
def test_colours_and_shapes_together_are_distinct_and_begin_with_colours(name):
    with use(name):
        looks = [(colour_of(k), shape_of(k)) for k in range(1, distinct() + 1)]
        assert len(set(looks)) == distinct() == 5 * len(PALETTES[name])
        assert [c for c, _ in looks[: len(PALETTES[name])]] == list(PALETTES[name])
        assert (colour_of(1), shape_of(1)) == (colour_of(distinct() + 1), looks[0][1])


@pytest.mark.parametrize("n", [2, 5, 10])
def test_lists_whose_length_shares_a_factor_with_the_shapes_are_distinct_too(n):
    with use([f"#0000{k:02x}" for k in range(n)]):
        assert len({(colour_of(k), shape_of(k)) for k in range(1, 5 * n + 1)}) == 5 * n


def test_a_palette_holds_while_it_is_used():
    before = colour_of(1)
    with use(["#ABCDEF", "#000000"]):
        assert colour_of(1) == colour_of(3) == "#abcdef"
    assert colour_of(1) == before


@pytest.mark.parametrize("name", PALETTES)
def test_numbers_are_read_on_every_colour(name):
    def light(colour):
        rgb = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
        return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [
            *(0.2126, 0.7152, 0.0722),
        ]

    for colour in PALETTES[name]:
        ink = 1.0 if ink_on(colour) == "white" else 0.0
        high, low = max(light(colour), ink), min(light(colour), ink)
        assert (high + 0.05) / (low + 0.05) > 3.5


def told(path):
    import base64
    import gzip

    block = re.search(r'id="block">([^<]*)<', path.read_text(encoding="utf-8"))[1]
    whole = gzip.decompress(base64.b64decode(block))
    return json.loads(whole[4 : 4 + int.from_bytes(whole[:4], "little")])


def test_the_page_is_told_the_colours_and_has_the_same_shapes(tmp_path):
    made = make_results(tmp_path / "r", classes=3, models=1)
    assert told(made.write(tmp_path / "a.html"))["palette"] == list(colours_of(palette.DEFAULT))
    config = {"datasets": {made.dataset: {}}, "models": made.models}
    config["analysis"] = {"figures": {"palette": ["#111111", "#EEEEEE"]}}
    names = dict.fromkeys(("reference", "subject"), next(iter(made.models)))
    write_report(tmp_path / "b.html", results=made.folder, made=made.paths, config=config, **names)
    assert told(tmp_path / "b.html")["palette"] == ["#111111", "#eeeeee"]
    shapes = re.search(r"const SHAPES = (\[.*?\])", browser.script())[1]
    assert tuple(json.loads(shapes)) == palette.SHAPES
