"""One vocabulary for the dialects of L1000 metadata: the names of the GEO series.

LINCS 2020 renamed most columns, older files have names of their own, the Repurposing Hub writes
``broad_id`` and ``InChIKey``, and other tables of genes ``entrez_gene_id`` and ``symbol``.
Everything after this module sees one name per thing.

Names that look alike and are not are left alone: ``ss_ngene`` (2020, a count of genes) is no
``distil_ss`` (GEO, a strength), ``pr_is_inf`` of old gene tables is 1 for landmark genes too and
so no BING flag.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Literal

import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.pp.units import dose_um, time_h

log = logging.getLogger("svqvae")

What = Literal["signatures", "genes", "perturbagens"]

_PERTURBAGENS = {
    "cmap_name": keys.PERT_NAME,
    "inchikey": keys.INCHI_KEY,
    "pert_inchi_key": keys.INCHI_KEY,
    "pert_desc": keys.PERT_NAME,  # the name, in the oldest files
}
#: Other names of canonical columns, in lower case; the first that a table has is taken.
ALIASES: dict[str, dict[str, str]] = {
    "signatures": _PERTURBAGENS
    | {
        "cell_iname": keys.CELL_ID,
        "cc_q75": keys.CC_Q75,
        "nsample": keys.N_SAMPLE,
        "is_exemplar_sig": keys.IS_EXEMPLAR,
        "exp_pert_dose": keys.DOSE,
        "exp_pert_dose_unit": keys.DOSE_UNIT,
        "exp_pert_time": keys.TIME,
        "exp_pert_time_unit": keys.TIME_UNIT,
    },
    "genes": {
        **dict.fromkeys(("gene_id", "entrez_gene_id", "entrez_id", "entrez"), keys.GENE_ID),
        **dict.fromkeys(("gene_symbol", "symbol", "hgnc_symbol"), keys.GENE_SYMBOL),
        **dict.fromkeys(("gene_title", "description"), keys.GENE_TITLE),
        "pr_is_lmark": keys.IS_LANDMARK,
        "is_lm": keys.IS_LANDMARK,
        "is_bing": keys.IS_BING,
    },
    "perturbagens": _PERTURBAGENS,
}
#: Canonical columns that are taken in any case (``Pert_ID``).
ANY_CASE = (
    *(keys.SIG_ID, keys.PERT_ID, keys.PERT_NAME, keys.PERT_TYPE, keys.INCHI_KEY, keys.CELL_ID),
    *(keys.GENE_ID, keys.GENE_SYMBOL),
)
#: Column of the 2020 gene table that says landmark, best inferred or inferred.
_FEATURE_SPACE = "feature_space"
#: Column of the gene table of github.com/dhimmel/lincs, and what it says.
_STATUS, _MEASURED, _IMPUTED = "status", "measured", "imputed"
#: Column of the Repurposing Hub: the pert_id, then salt, batch and vendor.
_BROAD_ID = "broad_id"
_BROAD_BATCH = r"BRD-[A-Z]\d{8}-.+"
_STEM = len("BRD-K00000000")
#: What DrugBank and others write before an InChIKey.
_INCHI_PREFIX = r"(?i)^inchikey="

_YES, _NO = ("1", "1.0", "true", "t", "yes", "y"), ("0", "0.0", "false", "f", "no", "n")


def canonical(name: str) -> str:
    """Return the GEO name of a column; a name that is no alias of one stays as it is.

    For keys of a configuration (``filters.quality.cc_q75``), which may use either dialect.

    Examples
    --------
    >>> canonical("cc_q75"), canonical("tas")
    ('distil_cc_q75', 'tas')
    """
    for aliases in ALIASES.values():
        if name.lower() in aliases:
            return aliases[name.lower()]
    return name


def find_column(name: str, columns: Iterable[str], where: str) -> str:
    """Return the column that ``name`` means: itself, else its name in the GEO dialect.

    Parameters
    ----------
    where
        Start of the error message: the configuration key and what was searched.

    Raises
    ------
    SvqvaeError
        If there is none; names the nearest column.
    """
    known = list(columns)
    for candidate in (name, canonical(name)):
        if candidate in known:
            return candidate
    raise SvqvaeError(f"{where} no column '{name}'{did_you_mean(name, known)}")


def rename_columns(table: pd.DataFrame, *, what: What) -> pd.DataFrame:
    """Give columns their GEO names; where the GEO name is there already, it wins.

    Values stay as they are, but for ``pert_id`` made of the hub's ``broad_id``, and InChIKeys,
    which lose the ``InChIKey=`` before them.
    """
    taken = set(table.columns)
    by_lower = {str(c).lower(): str(c) for c in reversed(list(table.columns))}
    renamed = {}
    for alias, name in [*((name, name) for name in ANY_CASE), *ALIASES[what].items()]:
        if alias in by_lower and name not in taken:
            renamed[by_lower[alias]] = name
            taken.add(name)
    table = table.rename(columns=renamed)
    if what == "perturbagens" and _BROAD_ID in table and keys.PERT_ID not in table:
        table = table.assign(**{keys.PERT_ID: table[_BROAD_ID].str[:_STEM]})
    if keys.INCHI_KEY in table and table[keys.INCHI_KEY].notna().any():
        bare = map_unique(
            table[keys.INCHI_KEY],
            lambda v: v.str.strip().str.replace(_INCHI_PREFIX, "", regex=True),
        )
        table = table.assign(**{keys.INCHI_KEY: bare})
    return table


def to_vocabulary(table: pd.DataFrame, *, what: What) -> pd.DataFrame:
    """Return a metadata table in the GEO dialect, with dose and time as numbers.

    Parameters
    ----------
    table
        Of signatures, genes or perturbagens, in any dialect. It is not changed.
    what
        Which of them it is.

    Returns
    -------
    DataFrame
        The same rows. Columns under their GEO names (:data:`ALIASES`); an alias stays under its
        own name where the GEO column is there too. Gene flags are 1, 0 or missing (made from
        ``feature_space`` where absent: BING is landmark and best inferred; or of ``status``:
        landmark is measured), ``pert_type`` is in lower case. Signatures get ``pert_dose_um``
        (micromolar) and ``pert_time_h`` (hours) where the table says anything of dose or time.
    """
    table = rename_columns(table, what=what)
    if what == "genes":
        return _gene_flags(table)
    new: dict[str, pd.Series] = {}
    if keys.PERT_TYPE in table:
        new[keys.PERT_TYPE] = map_unique(table[keys.PERT_TYPE], lambda v: v.str.lower())
    if what == "signatures":
        dose, time = dose_um(table), time_h(table)
        # A column of that name in the file itself wins, as any canonical one.
        if dose is not None and keys.DOSE_UM not in table:
            new[keys.DOSE_UM] = dose
        if time is not None and keys.TIME_H not in table:
            new[keys.TIME_H] = time
    return table.assign(**new)


def _gene_flags(table: pd.DataFrame) -> pd.DataFrame:
    new: dict[str, pd.Series] = {}
    for column in (keys.IS_LANDMARK, keys.IS_BING):
        if column in table:
            new[column] = as_flag(table[column])
    if _FEATURE_SPACE in table:
        space = _lower(table[_FEATURE_SPACE])
        landmark = space == "landmark"
        new.setdefault(keys.IS_LANDMARK, landmark.astype(float))
        new.setdefault(keys.IS_BING, (landmark | (space == "best inferred")).astype(float))
    if _STATUS in table:
        status = _lower(table[_STATUS])
        # Nothing is said of how well genes are imputed: there is no BING flag.
        if set(status.dropna()) in ({_MEASURED}, {_MEASURED, _IMPUTED}):
            new.setdefault(keys.IS_LANDMARK, (status == _MEASURED).astype(float))
    whole = {k: v.astype(int) if v.notna().all() else v for k, v in new.items()}
    return table.assign(**whole)


def _lower(words: pd.Series) -> pd.Series:
    return words.astype(object).str.strip().str.lower()


def map_unique(values: pd.Series, change) -> pd.Series:  # type: ignore[no-untyped-def]
    """Apply ``change`` (text Series to Series) to the distinct values only; missing stays."""
    code, distinct = pd.factorize(values.astype(object), use_na_sentinel=True)
    if not len(distinct):
        return pd.Series(index=values.index, dtype=object, name=values.name)
    changed = change(pd.Series(distinct, dtype=object).astype(str))
    # The sentinel -1 is missing for reindex as well.
    return pd.Series(changed.reindex(code).to_numpy(), index=values.index, name=values.name)


def as_flag(values: pd.Series) -> pd.Series:
    """Return 1.0 or 0.0 for what says yes or no (1, 0, 1.0, True, "y"), else missing."""
    known = dict.fromkeys(_YES, 1.0) | dict.fromkeys(_NO, 0.0)
    flags = map_unique(values, lambda v: v.str.strip().str.lower().map(known))
    return flags.astype(float)


def broad_stem(ids: pd.Series) -> pd.Series:
    """Return Broad ids without salt and batch (BRD-K00000000-001-01-1), others as they are."""

    def cut(values: pd.Series) -> pd.Series:
        values = values.str.strip()
        return values.where(~values.str.fullmatch(_BROAD_BATCH), values.str[:_STEM])

    return map_unique(ids, cut)
