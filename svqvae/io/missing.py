"""Which values mean that there is none: decided here, for every file that is read."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from svqvae import keys

#: Words for a missing value, in lower case: of LINCS, R, pandas, SQL and spreadsheets.
WORDS = frozenset(
    [
        *("", "na", "n/a", "nan", "-nan", "<na>", "null", "(null)", "none"),
        *("#n/a", "#na", "#value!", "#ref!", "#name?", "#div/0!", "#num!", "#null!"),
    ]
)
#: Null of LINCS as a number.
LINCS_NULL = float(keys.LINCS_NULL)
_LINCS_TEXT = re.compile(r"-666(\.0*)?")


def is_missing_word(word: str) -> bool:
    """Return whether a word, in any case and among blanks, means that there is no value."""
    word = word.strip().lower()
    return word in WORDS or _LINCS_TEXT.fullmatch(word) is not None


def is_missing_text(text: pd.Series) -> pd.Series:
    """Return which values of text mean that there is none; missing ones do too."""
    codes, distinct = pd.factorize(text, use_na_sentinel=True)
    absent = [is_missing_word(str(word)) for word in distinct]
    # The sentinel -1 takes the last value.
    return pd.Series(np.array([*absent, True])[codes], index=text.index)


def without_missing_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return a metadata table whose words for a missing value are missing (NaN).

    Columns of numbers lose -666; those that hold neither text nor numbers stay as they are.
    """
    # By position: two columns may have one name.
    columns: dict[int, object] = {}
    for at, (_, column) in enumerate(table.items()):
        if isinstance(column.dtype, pd.CategoricalDtype):
            gone = is_missing_text(column.cat.categories.to_series())
            dropped = list(column.cat.categories[gone.to_numpy()])
            columns[at] = column.cat.remove_categories(dropped) if dropped else column
        elif pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column):
            text = column.astype(object)
            columns[at] = text.mask(is_missing_text(text), np.nan)
        elif pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            gone = (column == LINCS_NULL).fillna(False).astype(bool)
            columns[at] = column.mask(gone) if gone.any() else column
        else:
            columns[at] = column
    return pd.DataFrame(columns, index=table.index).set_axis(table.columns, axis=1)
