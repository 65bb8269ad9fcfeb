"""The tables of an h5ad (obs, var), as every anndata and R wrote them, column by column.

Since 0.8 each column says how it is encoded. In 0.7 categories lie in ``__categories``; before,
a table is one data set of records and the categories lie in ``uns``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError
from svqvae.io.hdf5_file import (
    BEYOND_FLOAT32,
    Damaged,
    damage,
    decoded,
    group_of,
    plain,
    whole,
)
from svqvae.io.missing import without_missing_words

#: What an index without a name is called.
_NAMELESS = ("_index", "index")
#: What was left out and why, by its path in the file.
LeftOut = dict[str, str]


@contextmanager
def noting(left_out: LeftOut, name: str, path: Path) -> Iterator[None]:
    """Leave out what is read within where it cannot be read, and note why."""
    try:
        with damage():
            yield
    except FloatingPointError:
        left_out[name] = f"a number {BEYOND_FLOAT32}"
    except (SvqvaeError, Damaged, MemoryError) as error:
        left_out[name] = plain(error).removeprefix(f"{path}: ").removeprefix(f"{name}: ")


def read_ids(file: h5py.File, name: str, path: Path) -> pd.Index:
    """Return the ids of obs or var, and nothing else of it.

    Raises
    ------
    SvqvaeError
        If it is no table, or an id is missing.
    """
    stored = file.get(name)
    key: str | None = None
    if isinstance(stored, h5py.Dataset) and stored.dtype.names:
        key = stored.dtype.names[0]
        values = _record_field(whole(stored, f"{path}: {name}"), key)
    elif isinstance(stored, h5py.Group) and (key := _index_key(stored)) is not None:
        values = np.asarray(_column(stored[key], f"{path}: {name}"), dtype=object)
    else:
        found = "missing" if stored is None else stored.attrs.get("encoding-type", "a data set")
        raise SvqvaeError(f"{path}: its {name} is {found}, expected a dataframe")
    if values.ndim != 1:
        raise SvqvaeError(f"{path}: the ids of {name} have the shape {values.shape}")
    gone = pd.isna(values)
    if gone.any():
        raise SvqvaeError(f"{path}: row {int(gone.argmax()) + 1} of {name} has no id")
    return pd.Index(_as_text(values), dtype=object, name=None if key in _NAMELESS else key)


def read_table(
    file: h5py.File, name: str, ids: pd.Index, path: Path
) -> tuple[pd.DataFrame, LeftOut]:
    """Return obs or var, -666 as missing, and the columns that cannot be read."""
    stored = file[name]
    columns: dict[str, Any] = {}
    left_out: LeftOut = {}
    if isinstance(stored, h5py.Dataset):
        records = whole(stored, f"{path}: {name}")
        for key in stored.dtype.names[1:]:
            with noting(left_out, f"{name}/{key}", path):
                values = _with_categories(_record_field(records, key), file, key)
                columns[key] = _of_length(values, len(ids))
        return _tidied(columns, ids), left_out
    for key in _column_names(stored):
        with noting(left_out, f"{name}/{key}", path):
            values = _column(stored[key], f"{path}: {name}/{key}")
            columns[key] = _of_length(values, len(ids))
    return _tidied(columns, ids), left_out


def old_categories(file: h5py.File) -> set[str]:
    """Return the keys of uns that hold categories of old tables."""
    tables = (file[name] for name in ("obs", "var"))
    fields = {f for t in tables if isinstance(t, h5py.Dataset) for f in t.dtype.names or ()}
    return {f"{field}_categories" for field in fields} & set(group_of(file, "uns") or ())


# -- tables since 0.7 --------------------------------------------------------------------------
def _index_key(group: h5py.Group) -> str | None:
    key = group.attrs.get("_index", "_index")
    key = key.decode() if isinstance(key, bytes) else str(key)
    return key if key in group else None


def _column_names(group: h5py.Group) -> list[str]:
    order = group.attrs.get("column-order")
    if order is None or isinstance(order, h5py.Empty):
        hidden = {_index_key(group), "__categories"}
        return [name for name in group if name not in hidden]
    return [n.decode() if isinstance(n, bytes) else str(n) for n in np.atleast_1d(order)]


def _column(stored: h5py.Dataset | h5py.Group, what: str) -> Any:
    """Return the values of a column; nullable text as objects, NaN where it is missing."""
    if isinstance(stored, h5py.Dataset):
        values = _values(stored, what)
        if "categories" not in stored.attrs:
            return values
        categories = stored.file[stored.attrs["categories"]]
        ordered = bool(categories.attrs.get("ordered", False))
        return _categorical(values, _values(categories, what), ordered=ordered)
    if not isinstance(stored, h5py.Group):
        raise Damaged("neither a data set nor a group")
    if "codes" in stored:
        categories = np.asarray(_column(stored["categories"], what))
        ordered = bool(stored.attrs.get("ordered", False))
        return _categorical(_values(stored["codes"], what), categories, ordered=ordered)
    encoding = stored.attrs.get("encoding-type", "")
    if not str(encoding).startswith("nullable-"):
        raise Damaged(f"its encoding is '{encoding}'")
    values = _values(stored["values"], what)
    mask = _values(stored["mask"], what).astype(bool) if "mask" in stored else None
    mask = np.zeros(len(values), dtype=bool) if mask is None else mask
    if encoding == "nullable-boolean":  # R writes bytes
        return pd.arrays.BooleanArray(values.astype(bool), mask)
    if encoding == "nullable-integer":
        return pd.arrays.IntegerArray(values, mask)
    if values.dtype != object:
        raise Damaged(f"its encoding is '{encoding}', and it holds {values.dtype}")
    return np.where(mask, np.nan, values)


def _values(stored: h5py.Dataset, what: str) -> np.ndarray:
    if not isinstance(stored, h5py.Dataset) or stored.shape is None:
        raise Damaged("holds no values")
    is_text = h5py.check_string_dtype(stored.dtype) is not None
    if not is_text and stored.dtype.kind not in "fiub":
        raise Damaged(f"holds {stored.dtype}")
    values = whole(stored, what)
    return _text(values) if is_text else values


def _categorical(codes: np.ndarray, categories: np.ndarray, *, ordered: bool) -> pd.Categorical:
    gone = pd.isna(categories)
    if gone.any():  # a missing category is none
        if len(codes) and (codes.max() >= len(categories) or codes.min() < -1):
            raise Damaged("codes beyond the categories")
        codes = np.append(np.where(gone, -1, np.cumsum(~gone) - 1), -1)[codes]
        categories = categories[~gone]
    return pd.Categorical.from_codes(codes, categories, ordered=ordered)


# -- records, before 0.7 -----------------------------------------------------------------------
def _record_field(records: np.ndarray, name: str) -> np.ndarray:
    values = records[name]
    if values.dtype.kind in "SO":
        return _text(values)
    if values.ndim != 1 or values.dtype.kind not in "fiub":
        raise Damaged(f"holds {records.dtype[name]}")
    return values


def _with_categories(codes: np.ndarray, file: h5py.File, name: str) -> Any:
    stored = (group_of(file, "uns") or {}).get(f"{name}_categories")
    if stored is None or codes.dtype.kind not in "iu":
        return codes
    categories = np.atleast_1d(_values(stored, name))
    # Only one of obs and var that share a name kept its categories.
    if len(codes) and codes.max() >= len(categories):
        return codes
    return _categorical(codes, categories, ordered=False)


# -- values ------------------------------------------------------------------------------------
def _text(values: np.ndarray) -> np.ndarray:
    """Decode text of any shape, each distinct value once."""
    codes, distinct = pd.factorize(values.ravel().astype(object), use_na_sentinel=False)
    names = np.array(decoded([bytes(v) for v in distinct]), dtype=object)
    return names[codes].reshape(values.shape) if len(names) else values.astype(object)


def _as_text(ids: np.ndarray) -> list[str]:
    whole_numbers = all(isinstance(v, float) and v.is_integer() for v in ids)
    return [str(int(v)) if whole_numbers else str(v) for v in ids]


def _of_length(values: Any, n: int) -> Any:
    if np.shape(values) != (n,):
        raise Damaged(f"has the shape {np.shape(values)}, expected {n} values")
    return values


def _tidied(columns: dict[str, Any], ids: pd.Index) -> pd.DataFrame:
    """Return a table in which words for a missing value are missing, as AnnData can write it."""
    table = without_missing_words(pd.DataFrame(columns, index=ids))
    for name, column in table.items():
        if column.dtype == object and (gone := column.isna()).any():
            # AnnData writes text with gaps as categories alone.
            table[name] = np.nan if gone.all() else pd.Categorical(column)
    return table
