"""What signatures and genes are called: positions by id, mask, slice or query."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean, is_number
from svqvae.io.id_kinds import other_kind
from svqvae.io.query import find_by_query
from svqvae.io.tables import tidy
from svqvae.io.text import brief

#: How rows or genes are chosen: ids, positions, a mask, a slice, a metadata query, or all.
Choice = str | slice | Iterable[str] | Iterable[int] | np.ndarray | int | None

#: Ids compared for a near match: the neighbours in alphabetical order.
_NEIGHBOURS = 2000


def positions(
    wanted: Iterable[str] | None, ids: pd.Index, what: str, path: str | Path
) -> np.ndarray:
    """Return where each wanted id lies; duplicated and missing ids are an error."""
    if ids.has_duplicates:
        repeated = ids[ids.duplicated()].unique()
        raise SvqvaeError(
            f"{path}: {len(repeated)} duplicate {what} ids, first '{repeated[0]}'; "
            "each must occur once"
        )
    if wanted is None:
        return np.arange(len(ids))
    names = pd.Index(wanted, dtype=object)
    found = ids.get_indexer(names)
    lost = names[found < 0]
    if len(lost):
        if what == "gene" and (kinds := other_kind(lost, len(names), ids)):
            raise SvqvaeError(
                f"{path}: {len(lost)} of {len(names)} gene ids are not in the file: {kinds}"
            )
        raise SvqvaeError(
            f"{path}: {len(lost)} of {len(names)} {what} ids are not in the file, first "
            f"{brief(str(lost[0]), 80)}{_nearest(str(lost[0]), ids)}"
        )
    return found


def _nearest(name: str, ids: pd.Index) -> str:
    if is_number(name):  # no number is a misspelt other one
        return ""
    ordered = ids.astype(str).sort_values()
    at = int(ordered.searchsorted(name))
    return did_you_mean(name, ordered[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS])


def choose(wanted: Choice, table: pd.DataFrame, what: str, path: str | Path) -> np.ndarray:
    """Return the positions of the chosen rows of a metadata table.

    Parameters
    ----------
    wanted
        - None is everything.
        - Text is a pandas query over the metadata, in which ``sig_id`` (of signatures) or ``id``
          (of genes) is the id: ``"cell_id == 'MCF7' and pert_itime == '24 h'"``.
        - A slice holds positions.
        - True and False: a mask of the table's length. A Series that is indexed by the ids may
          have them in any order.
        - Text in a list, array, Series, set ...: ids.
        - Whole numbers: **ids, if the file has ids of these numbers** (Entrez ids), all of them.
          Positions (negative ones count from the end), if none of them is an id. Where some are
          ids and some are not, or none is though the file's ids are numbers, that is an error.
    what
        "signature" or "gene", for errors.

    Raises
    ------
    SvqvaeError
        If ids are duplicated or missing, a position is out of range, numbers can be ids or
        positions, or the query cannot be answered or matches nothing.
    """
    return choose_named(wanted, table, what, path)[0]


def choose_named(
    wanted: Choice, table: pd.DataFrame, what: str, path: str | Path
) -> tuple[np.ndarray, list[str] | None]:
    """Return positions as :func:`choose`, and the ids as text where ids were asked for."""
    n = len(table)
    if isinstance(wanted, str):
        positions(None, table.index, what, path)  # refuses duplicates
        return find_by_query(wanted, table, what, path), None
    if isinstance(wanted, slice):
        edges = (wanted.start, wanted.stop, wanted.step)
        if not all(edge is None or _is_whole(edge) for edge in edges) or wanted.step == 0:
            raise SvqvaeError(f"{path}: {wanted} of {what}s: a slice takes positions, not ids")
        return np.arange(n)[wanted], None
    if wanted is None:
        return positions(None, table.index, what, path), None
    values = _listed(wanted, what, path)
    if not len(values):
        return np.array([], dtype=int), None
    if all(isinstance(v, bool | np.bool_) for v in values):
        return np.flatnonzero(_mask(values, wanted, table.index, what, path)), None
    numbers = [v for v in values if not isinstance(v, str)]
    strange = [v for v in numbers if not _is_whole(v)]
    if strange:
        raise SvqvaeError(
            f"{path}: {brief(strange[0])} is no {what}; give ids as text, positions as whole "
            "numbers, or a mask without missing values"
        )
    names = [str(v) if isinstance(v, str) else str(int(v)) for v in values]
    ids = _ids_meant(names, table)
    if len(numbers) == len(names):
        at = _positions_meant([int(v) for v in numbers], names, ids, what, path)
        if at is not None:
            return at, None
    return positions(names, ids, what, path), names


def _is_whole(value: object) -> bool:
    if isinstance(value, bool | np.bool_):
        return False
    if isinstance(value, float | np.floating):
        return bool(np.isfinite(value)) and float(value).is_integer()
    return isinstance(value, int | np.integer)


def _listed(wanted: object, what: str, path: str | Path) -> list[Any]:
    """Return what was asked for as a list; of a Series its values, of a set in sorted order."""
    if isinstance(wanted, set | frozenset):
        return sorted(wanted, key=str)
    if isinstance(wanted, pd.DataFrame | dict) or getattr(wanted, "ndim", 1) > 1:
        raise SvqvaeError(f"{path}: {what}s are chosen by one list of ids, not by a table")
    if isinstance(wanted, bytes):
        wanted = [wanted]
    if isinstance(wanted, Iterable) and getattr(wanted, "ndim", 1) == 1:
        values = list(wanted)
    else:
        values = [wanted.item() if isinstance(wanted, np.ndarray) else wanted]
    return [v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in values]


def _mask(
    values: list[object], wanted: object, ids: pd.Index, what: str, path: str | Path
) -> np.ndarray:
    if len(values) != len(ids):
        raise SvqvaeError(f"{path}: the mask of {what}s has {len(values)} values, not {len(ids)}")
    mask = np.array(values, dtype=bool)
    if isinstance(wanted, pd.Series) and not wanted.index.has_duplicates:
        at = pd.Index(wanted.index.astype(str)).get_indexer(ids.astype(str))
        if (at >= 0).all() and not pd.api.types.is_integer_dtype(wanted.index):
            return mask[at]
    return mask


def _positions_meant(
    numbers: list[int], names: list[str], ids: pd.Index, what: str, path: str | Path
) -> np.ndarray | None:
    """Return positions, or None if the numbers are ids."""
    known = np.isin(np.array(names, dtype=object), ids[ids.isin(names)].to_numpy())
    if known.all():
        return None
    how = (
        f"give ids as text ([{brief(names[0])}, ...]), positions as a slice or a mask "
        f"(numpy.isin(numpy.arange({len(ids)}), positions))"
    )
    if known.any():
        raise SvqvaeError(
            f"{path}: numbers can be ids or positions of {what}s: {known.sum()} of {len(names)} "
            f"are ids of the file, such as {names[int(known.argmax())]}, "
            f"{names[int((~known).argmax())]} is none; {how}"
        )
    numbered = len(ids) > 0 and ids.astype(str).str.fullmatch(r"\d+").mean() > 0.5
    # No Entrez id is below 1.
    if numbered and min(numbers) > 0:
        raise SvqvaeError(
            f"{path}: numbers can be ids or positions of {what}s: ids of the file are numbers such "
            f"as {ids[0]}, and none is {brief(numbers[0])}; {how}"
        )
    outside = [v for v in numbers if not -len(ids) <= v < len(ids)]
    if outside:
        raise SvqvaeError(
            f"{path}: no {what} at position {brief(outside[0])}; there are {len(ids)}, and no id "
            "of these numbers"
        )
    at = np.array(numbers, dtype=int)
    return np.where(at < 0, at + len(ids), at)


def _ids_meant(names: list[str], table: pd.DataFrame) -> pd.Index:
    """Return the index, or where none of the names is in it the column of Entrez ids.

    Old files name genes by probe and keep the Entrez id, by which models know genes, beside.
    """
    if keys.GENE_ID in table and not table.index.isin(names).any():
        entrez = pd.Index(tidy(table[[keys.GENE_ID]])[keys.GENE_ID], dtype=object)
        if entrez.is_unique and entrez.isin(names).any():
            return entrez
    return table.index
