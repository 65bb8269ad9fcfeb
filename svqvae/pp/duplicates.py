"""The same compound under several pert_ids, which a fair split must hold out together.

The Broad gave a compound a new pert_id for another salt, stereoisomer or vendor. A fold that
trains on one and is scored on the other measures memory.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from svqvae import keys
from svqvae.data.split import perturbagen_ids
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.missing import is_missing_text
from svqvae.pp.label_table import inchi_block
from svqvae.pp.vocabulary import broad_stem, canonical, map_unique

log = logging.getLogger("svqvae")

#: Columns that can tell that two pert_ids are one compound.
CRITERIA = (keys.INCHI_KEY, keys.PERT_NAME)
#: Columns of duplicates.tsv.
COLUMNS = (
    *(keys.COMPOUND, keys.PERT_ID, keys.PERT_NAME, keys.INCHI_KEY),
    *(keys.CLASS, keys.N_SIGNATURES, keys.LINKED_BY),
)
#: A name that names nothing, beside the words for a missing value.
_UNKNOWN = "unknown"
_ID_AS_NAME = r"brd-[a-z]?\d+.*"


def criteria(by: Sequence[str], obs: pd.DataFrame, *, explicit: bool) -> list[str]:
    """Return the columns to link pert_ids by: those of ``by`` that exist and do not name classes.

    Where every signature's class is its ``pert_iname`` (knock-downs: the gene, with a pert_id
    per hairpin), linking by name would make each class a single compound. The default then
    leaves names out and says so in the log; a configuration that asks for them is refused.

    Parameters
    ----------
    obs
        Labelled signatures, with the class.
    explicit
        Whether the configuration names the columns itself.

    Raises
    ------
    SvqvaeError
        If ``by`` holds an unknown column, or names where names are the classes.
    """
    wanted = [canonical(name) for name in by]
    problems = [
        f"split.duplicates: '{name}' cannot tell duplicates{did_you_mean(name, CRITERIA)}"
        for name, column in zip(by, wanted, strict=True)
        if column not in CRITERIA
    ]
    if keys.PERT_NAME in wanted and keys.PERT_NAME in obs:
        same = obs[keys.PERT_NAME].astype(object) == obs[keys.CLASS].astype(object)
        if same.all() and explicit:
            problems.append(
                f"split.duplicates: {keys.PERT_NAME} is the class of every signature, so that each "
                f"class would be one compound; leave {keys.PERT_NAME} out, or set it to []"
            )
        elif same.all():
            log.info("split.duplicates: %s is the class itself: not used", keys.PERT_NAME)
            wanted.remove(keys.PERT_NAME)
    if problems:
        raise SvqvaeError(problems)
    return [column for column in wanted if column in obs]


def find_compounds(obs: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the compound of each pert_id.

    Two pert_ids are one compound if they share the first block of an InChIKey (the skeleton:
    stereoisomers and salts count as the same) or a name (whatever its case), or are batches of
    one Broad id; and so are those linked through others. Missing names, and ids in place of
    names, link nothing.

    Parameters
    ----------
    obs
        Signatures; more than will be used is better, as a pert_id may be the link between two.
    by
        Columns to link by, of :data:`CRITERIA`.

    Returns
    -------
    DataFrame
        Indexed by :func:`svqvae.data.split.perturbagen_ids`: ``compound``, the smallest of the
        compound, and ``by``, the columns through which it is linked to others, empty for single
        ones.
    """
    code, ids = pd.factorize(perturbagen_ids(obs), sort=True)
    tokens = [pd.DataFrame({"at": np.arange(len(ids)), "column": keys.PERT_ID})]
    tokens[0]["token"] = broad_stem(pd.Series(ids)).to_numpy()
    for column in by:
        pairs = pd.DataFrame({"at": code, "token": obs[column].astype(object).to_numpy()})
        pairs = pairs.dropna().drop_duplicates()
        change = inchi_block if column == keys.INCHI_KEY else _name
        pairs["token"] = map_unique(pairs["token"], change)
        tokens.append(pairs.dropna().assign(column=column))
    edges = pd.concat(tokens, ignore_index=True).drop_duplicates()
    node = edges.groupby(["column", "token"], sort=False).ngroup().to_numpy()
    size = len(ids) + int(node.max()) + 1
    graph = coo_array((np.ones(len(edges)), (edges["at"], len(ids) + node)), shape=(size, size))
    component = connected_components(graph, directed=False)[1][: len(ids)]
    # Ids are sorted, so that the first of a component is its smallest.
    smallest = pd.Series(np.arange(len(ids))).groupby(component).transform("first").to_numpy()
    shared = edges[edges.groupby(["column", "token"])["at"].transform("size") > 1]
    order = {column: i for i, column in enumerate([keys.PERT_ID, *by])}
    linked = (
        shared[["at", "column"]]
        .drop_duplicates()
        .sort_values("column", key=lambda c: c.map(order))
        .groupby("at")["column"]
        .agg(keys.SEPARATOR.join)
    )
    return pd.DataFrame(
        {
            keys.COMPOUND: np.asarray(ids)[smallest],
            keys.LINKED_BY: linked.reindex(np.arange(len(ids))).fillna("").to_numpy(),
        },
        index=pd.Index(ids, name=keys.PERT_ID, dtype=object),
    )


def join_groups(first: pd.Series, second: pd.Series) -> pd.Series:
    """Return groups in which whatever shares a value of either column lies together.

    The groups bear the name and one of the values of ``first``.
    """
    a, values = pd.factorize(first.astype(str))
    b = pd.factorize(second.astype(str))[0] + len(values)
    pairs = pd.DataFrame({"a": a, "b": b}).drop_duplicates()
    size = int(pairs["b"].max()) + 1
    graph = coo_array((np.ones(len(pairs)), (pairs["a"], pairs["b"])), shape=(size, size))
    component = connected_components(graph, directed=False)[1]
    leader = pd.Series(np.arange(len(values))).groupby(component[: len(values)]).transform("first")
    return pd.Series(np.asarray(values)[leader.to_numpy()[a]], first.index, name=first.name)


def _name(names: pd.Series) -> pd.Series:
    text = names.str.strip().str.lower()
    nothing = is_missing_text(text) | (text == _UNKNOWN)
    return text.mask(nothing | text.str.fullmatch(_ID_AS_NAME))


def list_duplicates(obs: pd.DataFrame, compounds: pd.DataFrame) -> pd.DataFrame:
    """Return the pert_ids that share their compound with another one in ``obs``.

    Returns
    -------
    DataFrame
        compound, pert_id, pert_iname, inchi_key, class (joined with ``|``), n_signatures, by;
        sorted by compound. Empty where there is none.
    """
    wanted = [c for c in (*COLUMNS, keys.SIG_ID) if c in obs]
    text = obs[wanted].astype(object)
    several = text.groupby(keys.COMPOUND)[keys.PERT_ID].nunique()
    text = text[text[keys.COMPOUND].isin(several.index[several > 1])]
    if text.empty:
        return pd.DataFrame(columns=COLUMNS)
    grouped = text.groupby([keys.COMPOUND, keys.PERT_ID], sort=True)
    table = grouped.first()
    table[keys.CLASS] = grouped[keys.CLASS].agg(lambda c: keys.SEPARATOR.join(sorted(set(c))))
    table[keys.N_SIGNATURES] = grouped[keys.SIG_ID].nunique()
    table = table.reset_index()
    table[keys.LINKED_BY] = compounds[keys.LINKED_BY].reindex(table[keys.PERT_ID]).to_numpy()
    table = table.reindex(columns=COLUMNS)
    odd = table[table.groupby(keys.COMPOUND)[keys.CLASS].transform("nunique") > 1]
    if len(odd):
        log.warning(
            "%d compounds have pert_ids of different classes, first %s: see duplicates.tsv",
            odd[keys.COMPOUND].nunique(),
            ", ".join(f"{r[keys.PERT_ID]} ({r[keys.CLASS]})" for _, r in odd.head(2).iterrows()),
        )
    return table
