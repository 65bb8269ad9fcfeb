"""Words for a missing value are missing in each column, whatever the columns are called."""

import pandas as pd
import pytest

from svqvae.io.missing import without_missing_words
from svqvae.io.tables import tidy


@pytest.mark.parametrize("clean", [without_missing_words, tidy])
def test_two_columns_of_one_name_stay_two(clean):
    table = pd.DataFrame([["1", "NA"], ["-666", "x"]], columns=["a", "a"], index=["r", "s"])
    got = clean(table)
    assert list(got.columns) == ["a", "a"]
    assert got.isna().to_numpy().tolist() == [[False, True], [True, False]]
    assert str(got.iloc[0, 0]).removesuffix(".0") == "1"
    assert got.iloc[1, 1] == "x"


def test_a_table_without_columns_keeps_its_rows():
    assert tidy(pd.DataFrame(index=[1, 2])).index.to_list() == ["1", "2"]
