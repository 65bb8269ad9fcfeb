"""What goes into the block comes out of it, digit by digit, and like is held once."""

import base64
import gzip
import json

import numpy as np
import pandas as pd
import pytest

from svqvae.report.block import Block, rounded

NUMBERS = {
    "ranks": [1, 2, 300],
    "counts": [0, 70_000, 5],
    "below zero": [-1, 0, 3],
    "shares": [0.125, np.nan, 1.0],
    "q-values": [9.68841e-17, 0.0452313, np.nan],
    "very small": [1e-300, 0.5, 1.0],
    "missing": [np.nan, np.nan, np.nan],
    "a share and a half": [0.0005, 0.25, 40.0],
}


def unpacked(text):
    whole = gzip.decompress(base64.b64decode(text))
    length = int.from_bytes(whole[:4], "little")
    return json.loads(whole[4 : 4 + length]), whole[4 + length :]


def column(spec, data):
    """Read a column as browser/block.js does."""
    size = int(spec["type"][1])
    planes = np.frombuffer(data, np.uint8, spec["n"] * size, spec["at"])
    values = planes.reshape(size, spec["n"]).T.copy().view(f"<{spec['type']}").ravel()
    if "scale" in spec:
        return [np.nan if v == -32768 else v / spec["scale"] for v in values]
    if spec["type"] == "f4":
        return [float(f"{v:.6g}") for v in values]
    return values.tolist()


@pytest.mark.parametrize("values", NUMBERS.values(), ids=NUMBERS)
def test_numbers_come_back_with_all_their_digits(values):
    block = Block()
    told = block.table(pd.DataFrame({"x": values}))
    _, data = unpacked(block.packed({}))
    assert column(told["columns"][0], data) == pytest.approx(values, abs=0, rel=0, nan_ok=True)


def test_names_come_back_and_are_held_once():
    names = ["</script>", "é", "", None, "é", "💊"]
    block = Block()
    told = block.table(pd.DataFrame({"a": names, "b": names[::-1]}))
    page, data = unpacked(block.packed({"title": "x"}))
    wanted = ["" if n is None else n for n in names]
    for spec, expected in zip(told["columns"], (wanted, wanted[::-1]), strict=True):
        assert [page["strings"][i] for i in column(spec, data)] == expected
    assert len(page["strings"]) == len(set(page["strings"]))
    assert page["title"] == "x"


def test_yes_and_no_stay_words():
    block = Block()
    told = block.table(pd.DataFrame({"hub": [True, False]}))
    page, data = unpacked(block.packed({}))
    found = [page["strings"][i] for i in column(told["columns"][0], data)]
    assert found == ["True", "False"]


def test_drawn_matrices_are_close():
    values = np.random.default_rng(0).normal(size=(5, 7))
    block = Block()
    told = block.matrix(values)
    _, data = unpacked(block.packed({}))
    found = told["low"] + told["step"] * np.array(column(told, data)).reshape(5, 7)
    assert np.abs(found - values).max() < np.ptp(values) / 60_000
    assert told["columns"] == 7


def test_the_same_tables_give_the_same_bytes():
    def packed():
        block = Block()
        told = block.table(pd.DataFrame({"a": ["x", "y"], "q": [0.1, 0.2]}))
        return block.packed({"t": told})

    assert packed() == packed()


def test_what_the_page_computes_has_as_many_digits_as_a_table():
    found = rounded(pd.DataFrame({"a": ["x"], "value": [1 / 3]}))
    assert found["value"].tolist() == [0.333333]
    assert found["a"].tolist() == ["x"]
