"""Signatures that hypothesis draws, and how their tables compare."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from svqvae.errors import SvqvaeError
from svqvae.io import open_signatures
from svqvae.io.ids import choose
from svqvae.io.missing import is_missing_word

#: Every example of one test may write over the same file of ``tmp_path``.
PROPERTY = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

#: Any Unicode text that is no word for a missing value, holds no control character and no outer
#: blanks.
TEXT = (
    st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=8)
    .map(str.strip)
    .filter(lambda text: not is_missing_word(text))
)
NUMBER = st.floats(allow_nan=False).filter(lambda number: number != -666)
#: -666 in a matrix is a missing value.
VALUE = st.floats(width=32).filter(lambda number: number != -666)
WHOLE = st.integers(-(2**53), 2**53).filter(lambda number: number != -666)


def _columns(n):
    def column(elements, dtype):
        return st.lists(elements, min_size=n, max_size=n).map(lambda v: pd.Series(v, dtype=dtype))

    return st.one_of(
        column(TEXT, object),
        column(st.none() | TEXT, object),
        column(NUMBER, float),
        column(st.none() | NUMBER, float),
        column(WHOLE, int),
        column(st.none() | WHOLE, "Int64"),
        column(st.booleans(), bool),
    )


@st.composite
def tables(draw, n, names=TEXT):
    """Draw metadata of ``n`` rows: text, numbers, booleans, any of them missing."""
    index = draw(st.lists(TEXT, min_size=n, max_size=n, unique=True))
    columns = draw(st.lists(names, max_size=4, unique=True))
    table = {name: draw(_columns(n)).to_numpy() for name in columns}
    return pd.DataFrame(table, index=pd.Index(index, dtype=object))


@st.composite
def signatures(draw, names=TEXT):
    """Draw float32 values with NaN and infinities, and the metadata of both sides."""
    n_sigs, n_genes = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    x = draw(arrays(np.float32, (n_sigs, n_genes), elements=VALUE))
    return x, draw(tables(n_sigs, names)), draw(tables(n_genes, names))


@st.composite
def subsets(draw, ids):
    """Draw some of ``ids`` in any order, or None for all of them."""
    some = st.lists(st.sampled_from(list(ids)), min_size=1, unique=True)
    return draw(st.none() | some)


def pick(x, ids, rows, genes):
    """Take rows and genes (None for all) of ``x`` with NumPy alone."""
    at = [
        np.array([list(have).index(w) for w in (have if want is None else want)])
        for have, want in zip(ids, (rows, genes), strict=True)
    ]
    return x[np.ix_(*at)]


def assert_same_table(got, want):
    """Compare ids, column names and values; numbers may have become exact text."""
    assert list(got.index) == list(want.index)
    assert sorted(got.columns) == sorted(want.columns)
    for name in want:
        for g, w in zip(got[name], want[name], strict=True):
            if pd.isna(w):
                assert pd.isna(g), (name, g)
            elif isinstance(w, str):
                assert g == w, name
            else:
                value = {"True": 1.0, "False": 0.0}.get(g, g)
                assert float(value) == float(w), name


def raises_naming(path, *culprits):
    """Expect an SvqvaeError whose message has the file and, after it, each culprit."""
    words = "".join(f"(?=[\\s\\S]*{re.escape(str(c))})" for c in culprits)
    return pytest.raises(SvqvaeError, match=f"{re.escape(str(path))}{words}")


def read_matrix(path, *, rows=None, genes=None):
    """Read with the file's own metadata, not yet typed: X, obs, var."""
    with open_signatures(path) as file:
        row_at = choose(rows, file.obs, "signature", path)
        gene_at = choose(genes, file.var, "gene", path)
        return file.read(row_at, gene_at), file.obs.iloc[row_at], file.var.iloc[gene_at]
