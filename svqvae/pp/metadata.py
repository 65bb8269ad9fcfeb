"""Join metadata tables to the ids of a matrix, each in whatever dialect it came."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.tables import index_by, read_table, require_columns
from svqvae.pp.columns import missing_columns, take_columns
from svqvae.pp.vocabulary import What, broad_stem, rename_columns

log = logging.getLogger("svqvae")

#: Of a perturbagen's several rows the first value counts: these name it, they do not describe it.
_ONE_VALUE = (keys.PERT_NAME, keys.INCHI_KEY, keys.SMILES, keys.PERT_TYPE)


#: Names of ids of signatures, of which a perturbagen may have several.
_OF_SIGNATURES = re.compile(
    r"(row|sample|sig|signature|profile|well|observation|obs|cell|barcode|index|_?index|idx)s?"
    r"([_. ]?(id|name|no|nr|number)s?)?|unnamed.*",
    re.IGNORECASE,
)


class Metadata(NamedTuple):
    """Tables of a source, in one vocabulary."""

    #: Signatures that are in the matrix and in ``sig_info`` (where there is one), by sig_id.
    obs: pd.DataFrame
    #: Genes, by the id that the matrix has.
    var: pd.DataFrame
    #: Signatures of the matrix, where a ``sig_info`` may lack some; else None.
    in_matrix: int | None


class Info(NamedTuple):
    """A table of metadata, and what its columns are called.

    ``columns`` maps our names to the table's; where it has any, they alone are taken. ``key`` is
    the configuration key of the table.
    """

    path: Path
    key: str
    columns: Mapping[str, str]

    def read(self, what: What) -> pd.DataFrame:
        """Return the table in our vocabulary.

        Raises
        ------
        SvqvaeError
            If it is no table, or :meth:`problems` has any.
        """
        table = read_table(self.path)
        if self.columns:
            if problems := self.problems(table.columns):
                raise SvqvaeError(problems)
            table = take_columns(table, self.columns)[list(self.columns)]
        return rename_columns(table, what=what)

    def problems(self, names: Iterable[str]) -> list[str]:
        """Return a sentence for each of ``columns`` that is not among the table's ``names``."""
        return missing_columns(names, self.columns, self.path, key=f"{self.key}.columns")


def join_info(
    table: pd.DataFrame, info: Info | None, *, key: str, what: What, matrix: Path
) -> pd.DataFrame:
    """Join a signature or gene table to the ids of a matrix; ids that it lacks are left out.

    Parameters
    ----------
    table
        The metadata inside ``matrix``, indexed by id; columns of ``info`` win over its own.
    info
        Table with one row per id, or None.
    key
        Its id column, in GEO names.

    Raises
    ------
    SvqvaeError
        If the table has no such column, an id twice, or no id of the matrix.
    """
    table = rename_columns(table, what=what)
    if info is None:
        return table
    rows = _read_by(info, key, what, table.index, matrix)
    known = table.index[table.index.isin(rows.index)]
    own = table.loc[known, [c for c in table.columns if c not in rows.columns]]
    return own.join(rows)


def join_metrics(obs: pd.DataFrame, info: Info | None, *, matrix: Path) -> pd.DataFrame:
    """Add the columns of a second signature table (GEO's sig_metrics), by sig_id.

    Signatures that it lacks stay, with missing values; the columns of ``obs`` win, and are
    filled where they are missing.

    Raises
    ------
    SvqvaeError
        As :func:`join_info`; and if the two tables give a signature different pert_ids.
    """
    if info is None:
        return obs
    path, rows = info.path, _read_by(info, keys.SIG_ID, "signatures", obs.index, matrix)
    log.info("%s: %d of %d signatures are not in it", path, len(obs) - len(rows), len(obs))
    if keys.PERT_ID in rows and keys.PERT_ID in obs:
        pair = rows[[keys.PERT_ID]].join(obs[keys.PERT_ID].rename("here")).dropna().astype(str)
        odd = pair[pair[keys.PERT_ID] != pair["here"]]
        if len(odd):
            raise SvqvaeError(
                f"{path}: {len(odd)} signatures have another pert_id than in the signature table, "
                f"first '{odd.index[0]}': '{odd[keys.PERT_ID].iloc[0]}' here, "
                f"'{odd['here'].iloc[0]}' there"
            )
    return _fill(obs, rows, rows.index.get_indexer(obs.index))


def take_ids_for_perturbagens(obs: pd.DataFrame, called: object, matrix: Path) -> pd.DataFrame:
    """Give signatures that name no perturbagen their own ids as ``pert_id``.

    For tables of one signature per perturbagen (a consensus), whose column of ids says so.

    Parameters
    ----------
    obs
        Signature table, indexed by id.
    called
        What ``matrix`` calls its ids; None, ``sig_id`` and names such as ``sample`` promise
        nothing of perturbagens: they are left without.
    """
    if (
        keys.PERT_ID in obs
        or called in (None, keys.SIG_ID)
        or _OF_SIGNATURES.fullmatch(str(called))
    ):
        return obs
    log.info("%s: its ids, '%s', are taken for %s too", matrix, called, keys.PERT_ID)
    return obs.drop(columns=str(called), errors="ignore").assign(**{keys.PERT_ID: obs.index})


def join_perturbagens(obs: pd.DataFrame, info: Info | None) -> pd.DataFrame:
    """Add what a table of perturbagens knows (InChIKey, structure, name, mechanism).

    It may have several rows per pert_id, one for each mechanism or target, as
    compoundinfo_beta of LINCS 2020 has: distinct values are joined with ``|``; of names, keys
    and structures the first is taken. ``pert_id`` is compared without salt and batch.

    Raises
    ------
    SvqvaeError
        If either side has no pert_id, or no pert_id of the signatures is in the table.
    """
    if info is None:
        return obs
    path, rows = info.path, info.read("perturbagens")
    problems = []
    if keys.PERT_ID not in obs:
        problems.append(
            f"source.pert_info: the signatures have no column '{keys.PERT_ID}' to join {path} by"
            + did_you_mean(keys.PERT_ID, obs.columns)
        )
    if keys.PERT_ID not in rows:
        problems.append(
            f"{path}: no column '{keys.PERT_ID}'{did_you_mean(keys.PERT_ID, rows.columns)}"
        )
    if problems:
        raise SvqvaeError(problems)
    wanted, stems = broad_stem(obs[keys.PERT_ID]), broad_stem(rows[keys.PERT_ID])
    mine = rows[stems.isin(wanted.unique()).to_numpy()]
    if mine.empty:
        raise SvqvaeError(
            f"{path}: none of its {stems.nunique()} pert_id occurs in the signatures; first here "
            f"'{stems.iloc[0] if len(stems) else None}', first there '{wanted.iloc[0]}'"
        )
    one = _collapse(mine.drop(columns=[keys.PERT_ID]), stems[mine.index])
    lost = wanted[~wanted.isin(one.index)].nunique()
    log.info("%s: %d of %d pert_id are not in it", path, lost, wanted.nunique())
    return _fill(obs, one, one.index.get_indexer(pd.Index(wanted)))


def _read_by(info: Info, key: str, what: What, ids: pd.Index, matrix: Path) -> pd.DataFrame:
    """Read a table of which only the rows of ``ids`` are kept, indexed by ``key``."""
    path, rows = info.path, info.read(what)
    require_columns(rows, [key], path)
    index_by(rows[[key]], key, path)  # refuses ids that are missing or occur twice
    here = rows[key].isin(ids).to_numpy()
    if not here.any():
        raise SvqvaeError(
            f"{path}: none of its {len(rows)} {key} values occurs in {matrix} "
            f"({len(ids)} ids); first here '{rows[key].iloc[0]}', first there '{ids[0]}'"
        )
    if not here.all():
        log.info("%s: %d of its %d %s are not in %s", path, (~here).sum(), len(here), key, matrix)
    # Many more rows than the matrix has would otherwise live as long as the join.
    return rows[here].set_index(key)


def _collapse(info: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
    """Return one row per value of ``by``."""
    one = info.groupby(by, sort=False).first()  # the first that is not missing
    repeated = by[by.duplicated(keep=False)]
    for column in info.columns.difference([*_ONE_VALUE], sort=False):
        pairs = pd.DataFrame({"by": repeated, "value": info.loc[repeated.index, column]})
        pairs = pairs.dropna().drop_duplicates()
        several = pairs[pairs["by"].duplicated(keep=False)]
        if len(several):
            joined = several.groupby("by", sort=False)["value"].agg(keys.SEPARATOR.join)
            one.loc[joined.index, column] = joined
    odd = {
        c: int(info[c].groupby(by).nunique().gt(1).sum()) for c in _ONE_VALUE if c in info.columns
    }
    for column, count in odd.items():
        if count:
            log.info("%d pert_id have several %s: the first is taken", count, column)
    return one


def _fill(obs: pd.DataFrame, extra: pd.DataFrame, at: np.ndarray) -> pd.DataFrame:
    """Add the columns of ``extra`` at positions ``at`` (-1 for none) where ``obs`` says nothing."""
    new: dict[str, object] = {}
    for column in extra:
        values = np.append(extra[column].astype(object).to_numpy(), np.nan)[at]
        if column not in obs:
            new[str(column)] = values
        elif obs[column].isna().any():
            known = obs[column].astype(object)
            new[str(column)] = known.where(known.notna(), pd.Series(values, index=obs.index))
    return obs.assign(**new)
