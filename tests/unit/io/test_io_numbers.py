"""What a number is in text, the same in a table and in GCT."""

import gzip

import numpy as np
import pytest
from io_cases import raises_naming

from svqvae.io import read

INF, NAN = np.inf, np.nan
NUMBERS = {
    "1e400": INF, "1e39": INF, "inf": INF, "-Inf": -INF, "Infinity": INF,
    "+1": 1, " 7 ": 7, "1.": 1, "-.5": -0.5, "1E-3": 0.001, "16777217": 16777216,
    "-666": NAN, "-666.0": NAN, "NA": NAN, "": NAN, "NaN": NAN, "#N/A": NAN, "N/A": NAN,
    "#VALUE!": NAN, "None": NAN, " NA ": NAN, "#DIV/0!": NAN, "null": NAN, "-nan": NAN,
}  # fmt: skip
NONE = [
    "1_000",
    "0x10",
    "\uff11",
    "1 000",
    "1\u00a0000",
    "TRUE",
    "nan(1)",
    "1,5",
    "-",
    "1.2.3",
    "∞",
    "2d3",
]


def files(folder, text):
    """Write the text as a value in a table and in a GCT."""
    (folder / "a.tsv").write_text(f"sig_id\tg1\tg2\nA\t{text}\t2\n", encoding="utf-8")
    gct = f"#1.2\n2\t1\nNAME\tDescription\tA\ng1\tx\t{text}\ng2\tx\t2\n"
    (folder / "a.gct").write_text(gct, encoding="utf-8")
    (folder / "b.gct").write_bytes(gzip.compress(gct.encode("utf-16")))
    return [folder / name for name in ("a.tsv", "a.gct", "b.gct")]


@pytest.mark.parametrize(("text", "value"), NUMBERS.items())
def test_numbers_and_words_for_none(tmp_path, text, value):
    for path in files(tmp_path, text):
        np.testing.assert_array_equal(read(path).X, np.array([[value, 2]], np.float32))


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number_is_named_with_its_place(tmp_path, text):
    for path in files(tmp_path, text):
        with raises_naming(path, "1 values are not numbers", repr(text), "'g1'", "signature 'A'"):
            read(path)
