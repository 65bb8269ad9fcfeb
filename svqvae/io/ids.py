"""What files, signatures and genes are called: kinds by name, positions by id or query."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean, is_number
from svqvae.io.id_kinds import other_kind
from svqvae.io.tables import tidy

#: How rows or genes are chosen: ids, positions, a mask, a slice, a metadata query, or all.
Choice = str | slice | Sequence[str] | Sequence[int] | np.ndarray | None

#: File kinds by the end of their name, before that of how they are packed.
SUFFIXES = {
    ".gctx": "gctx",
    ".gct": "gct",
    ".h5ad": "h5ad",
    ".tsv": "table",
    ".tab": "table",
    ".txt": "table",
    ".csv": "table",
    ".parquet": "table",
}
#: Ends of the names of packed files.
_PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
#: Kinds of files of signatures that are told by a suffix.
KINDS = frozenset(SUFFIXES.values())
#: IDX files are named by their shape: train-images-idx3-ubyte.gz.
_IDX = re.compile(r"[.-]idx\d-ubyte$|\.idx$")
#: Ids compared for a near match: the neighbours in alphabetical order.
_NEIGHBOURS = 2000


def kind_of(path: str | Path) -> str:
    """Return gctx, gct, h5ad, table or idx, by the end of the file's name."""
    name = Path(path).name.lower()
    while name.endswith(_PACKED):
        name = name.rpartition(".")[0]
    for suffix, kind in SUFFIXES.items():
        if name.endswith(suffix):
            return kind
    if _IDX.search(name):
        return "idx"
    raise SvqvaeError(
        f"{path}: unknown kind; expected a name in {', '.join(SUFFIXES)} or -idx3-ubyte (and .gz "
        "and the like after it)"
    )


def positions(
    wanted: Sequence[str] | None, ids: pd.Index, what: str, path: str | Path
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
    found = ids.get_indexer(pd.Index(wanted, dtype=object))
    if (found < 0).any():
        lost = [w for w, at in zip(wanted, found, strict=True) if at < 0]
        if what == "gene" and (kinds := other_kind(lost, len(wanted), ids)):
            raise SvqvaeError(
                f"{path}: {len(lost)} of {len(wanted)} gene ids are not in the file: {kinds}"
            )
        raise SvqvaeError(
            f"{path}: {len(lost)} of {len(wanted)} {what} ids are not in the file, first "
            f"'{lost[0]}'{_nearest(str(lost[0]), ids)}"
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
        Ids; or positions (negative ones count from the end); or a mask of the table's length;
        or a slice of positions; or text, a pandas query over the metadata, in which ``sig_id``
        (of signatures) or ``id`` is the id: ``"cell_id == 'MCF7' and pert_itime == '24 h'"``.
        None is everything.
    what
        "signature" or "gene", for errors.

    Raises
    ------
    SvqvaeError
        If ids are duplicated or missing, a position is out of range, or the query cannot be
        answered or matches nothing.
    """
    n = len(table)
    if isinstance(wanted, str):
        return _query(wanted, table, what, path)
    if isinstance(wanted, slice):
        if not all(isinstance(edge, int | None) for edge in (wanted.start, wanted.stop)):
            raise SvqvaeError(f"{path}: {wanted} of {what}s: a slice takes positions, not ids")
        return np.arange(n)[wanted]
    if wanted is None:
        return positions(None, table.index, what, path)
    values = np.asarray(wanted)
    if not len(values):
        return np.array([], dtype=int)
    if values.dtype == bool:
        if len(values) != n:
            raise SvqvaeError(f"{path}: the mask of {what}s has {len(values)} values, not {n}")
        return np.flatnonzero(values)
    if values.dtype.kind in "iu":
        outside = values[(values < -n) | (values >= n)]
        if len(outside):
            raise SvqvaeError(f"{path}: no {what} at position {outside[0]}; there are {n}")
        return np.where(values < 0, values + n, values)
    names = [str(w) for w in wanted]
    return positions(names, _ids_meant(names, table), what, path)


def _ids_meant(names: list[str], table: pd.DataFrame) -> pd.Index:
    """Return the index, or where none of the names is in it the column of Entrez ids.

    Old files name genes by probe and keep the Entrez id, by which models know genes, beside.
    """
    if keys.GENE_ID in table and not table.index.isin(names).any():
        entrez = pd.Index(tidy(table[[keys.GENE_ID]])[keys.GENE_ID], dtype=object)
        if entrez.is_unique and entrez.isin(names).any():
            return entrez
    return table.index


def _query(query: str, table: pd.DataFrame, what: str, path: str | Path) -> np.ndarray:
    positions(None, table.index, what, path)  # refuses duplicates
    id_name = keys.SIG_ID if what == "signature" else "id"
    # Only the columns that are spoken of: a table may be wide and long.
    named = tidy(table[[c for c in table.columns if str(c) in query and str(c) != id_name]])
    plain = named.apply(lambda c: c.astype(object) if c.dtype == "category" else c)
    plain[id_name] = table.index
    try:
        answer = plain.reset_index(drop=True).eval(query, engine="python")
    except pd.errors.UndefinedVariableError as error:
        unknown = str(error).split("'")[1]
        hint = did_you_mean(unknown, [*table.columns, id_name])
        raise SvqvaeError(f"{path}: {what} query: no column '{unknown}'{hint}") from error
    except (SyntaxError, TypeError, ValueError, KeyError, AttributeError, NotImplementedError) as e:
        raise SvqvaeError(f"{path}: {what} query '{query}' cannot be read: {e}") from e
    if not isinstance(answer, pd.Series) or answer.dtype != bool:
        raise SvqvaeError(
            f"{path}: {what} query '{query}' is no yes-or-no question; compare with "
            'something, as in "cell_id == \'MCF7\'" or "pr_is_lm == 1"'
        )
    found = np.flatnonzero(answer)
    if not len(found):
        raise SvqvaeError(f"{path}: no {what} of {len(table)} matches the query '{query}'")
    return found
