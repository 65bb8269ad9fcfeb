"""A configuration for a file of one's own: what the file says, as a dozen lines to change."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.checks import SignCheck
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.formats import kind_of, open_signatures
from svqvae.io.missing import LINCS_NULL
from svqvae.io.reader import read_metadata
from svqvae.pp.source import Source

#: What columns of classes, compounds and their names are called by many, the best first.
_CLASSES = (
    *("moa", "mechanism", "mechanism_of_action", "pcl", "class", "drug_class", "label", "labels"),
    *("category", "target_class", "pathway", "target"),
)
_COMPOUNDS = (
    *("compound", "compound_id", "drug", "drug_id", "treatment", "perturbation", "perturbagen"),
    *("pert", "perturbation_name", "drug_name", "compound_name", "molecule", "condition"),
    *("broad_id", "pubchem_id", "cmap_name", "pert_desc", keys.PERT_NAME),
)
_LINES = ("cell_line", "cell", "cell_type", "celltype", "line")
#: Columns that are about how a signature was measured.
_MEASURED = (
    *(keys.SIG_ID, keys.PERT_ID, keys.PERT_NAME, keys.PERT_TYPE, keys.CELL_ID, keys.INCHI_KEY),
    *(keys.DOSE_TEXT, keys.TIME_TEXT, keys.DOSE_UNIT, keys.TIME_UNIT, "plate", "batch", "well"),
)
#: What a control is called, whatever stands around it.
_CONTROL = re.compile(r"(?i)(^|[\W_])(dmso|vehicle|control|ctrl|untreated|mock)($|[\W_])")
#: What values are clipped to: z-scores.
CLIP = 10
#: Most folds, signatures looked at, and signatures of one compound in one cell line beyond which
#: they are rather cells, or wells.
_FOLDS, _LOOKED_AT, _REPLICATES = 5, 500, 20
#: Beyond so many genes training takes long.
_MANY_GENES = 3000


@dataclass(kw_only=True)
class Found:
    """What a file says of itself, and a configuration needs.

    Attributes
    ----------
    columns
        Our names of its columns, where it has others.
    label
        Column of the classes.
    folds
        As many as classes of few compounds allow.
    controls
        Perturbagens that are controls, which are no class.
    notes
        Sentences for whoever is to check it.
    """

    path: str
    kind: str
    label: str
    folds: int
    columns: dict[str, str] = field(default_factory=dict)
    controls: list[str] = field(default_factory=list)
    landmark: bool = False
    notes: list[str] = field(default_factory=list)


def look_into(path: str, *, label: str | None = None) -> Found:
    """Return what a file of signatures says of classes, compounds and genes.

    Parameters
    ----------
    path
        GCTX, GCT, h5ad or a table.
    label
        Column of the classes; found where not given.

    Raises
    ------
    SvqvaeError
        If it cannot be read, holds levels of expression, or has no column that could be of classes
        or compounds; names the columns that there are.
    """
    kind = kind_of(path)
    if kind == "idx":
        raise SvqvaeError(f"{path}: images; config/mnist.yaml is their configuration")
    obs, var, _ = Source(signatures=Path(path)).metadata()
    columns = _renamed(obs, read_metadata(path)[0].columns)
    if columns:
        named = {"signatures": columns}
        obs, var, _ = Source(signatures=Path(path), columns=named).metadata()
    if keys.PERT_ID not in obs:
        raise SvqvaeError(
            f"{path}: no column says which compound a signature is of; found {_listed(obs)}; add "
            "one called pert_id (h5ad: adata.obs['pert_id']), so that folds hold out whole "
            "compounds"
        )
    label = _label(obs, label, set(columns.values()), path)
    found = Found(path=path, kind=kind, label=label, folds=_FOLDS, columns=columns)
    _look_at_values(found, path)
    pairs = obs[[keys.PERT_ID, label]].dropna().drop_duplicates()
    found.controls = [str(p) for p in pairs[keys.PERT_ID].unique() if _CONTROL.search(str(p))]
    sizes = pairs[~pairs[keys.PERT_ID].isin(found.controls)][label].value_counts()
    found.folds = _folds(sizes)
    _note(found, obs, sizes)
    found.landmark = len(var) > _MANY_GENES and bool(var.get(keys.IS_LANDMARK, pd.Series()).any())
    if len(var) > _MANY_GENES and not found.landmark:
        found.notes.append(
            f"{len(var)} genes: training takes long; name a file of fewer under filters.genes"
        )
    return found


def _folds(sizes: pd.Series) -> int:
    """Return the most folds that keep two thirds of the classes of three compounds or more."""
    enough = max(2.0, (sizes >= 3).sum() * 2 / 3)
    return next((n for n in range(_FOLDS, 2, -1) if (sizes >= n).sum() >= enough), 2)


def _renamed(obs: pd.DataFrame, own: Iterable[str]) -> dict[str, str]:
    """Return what the file calls pert_id and cell_id among its ``own`` columns, if not so."""
    by_lower = {name.lower(): name for name in reversed([str(c) for c in own])}
    found = {}
    for ours, names in ((keys.PERT_ID, _COMPOUNDS), (keys.CELL_ID, _LINES)):
        theirs = next((by_lower[n] for n in names if n in by_lower), None)
        if ours not in obs and theirs is not None:
            found[ours] = theirs
    return found


def _label(obs: pd.DataFrame, asked: str | None, taken: set[str], path: str) -> str:
    """Return the column of the classes: the one asked for, of a usual name, or the likeliest."""
    if asked is not None:
        if asked not in obs:
            raise SvqvaeError(f"{path}: no column '{asked}'{did_you_mean(asked, obs.columns)}")
        return asked
    by_lower = {str(c).lower(): str(c) for c in reversed(list(obs.columns))}
    likely = [by_lower[n] for n in _CLASSES if n in by_lower and by_lower[n] not in taken]
    found = [column for column in likely if _divides(obs, column)]
    if found or (found := _others(obs, taken)):
        return found[0]
    raise SvqvaeError(
        f"{path}: no column gives compounds a class; found {_listed(obs)}; name it by --label, or "
        "add a table of classes to the configuration (labels.table)"
    )


def _others(obs: pd.DataFrame, taken: Iterable[str]) -> list[str]:
    """Return columns of words that could be classes, whatever they are called."""
    words = [str(c) for c in obs if c not in (*taken, *_MEASURED)]
    return [c for c in words if _divides(obs, c) and not _is_numeric(obs[c])]


def _is_numeric(values: pd.Series) -> bool:
    return bool(pd.to_numeric(values.astype(object), errors="coerce").notna().any())


def _divides(obs: pd.DataFrame, column: str) -> bool:
    """Return whether a column has two classes of several compounds, and compounds one class."""
    pairs = obs[[keys.PERT_ID, column]].dropna().drop_duplicates()
    if pairs.empty:
        return False
    one_each = pairs[keys.PERT_ID].duplicated().mean() <= 0.2
    return bool(one_each and (pairs[column].value_counts() >= 2).sum() >= 2)


def _look_at_values(found: Found, path: str) -> None:
    """Refuse counts and the like, before a configuration of them is written."""
    with open_signatures(path) as file:
        rows = np.unique(np.linspace(0, len(file.obs) - 1, _LOOKED_AT).astype(int))
        x = file.read(rows, np.arange(len(file.var)))
    x = np.where(np.isfinite(x) & (x != LINCS_NULL), x, 0)
    signs = SignCheck()
    signs.add(x)
    signs.require_signatures(path, trained_on=True)
    if beyond := float((np.abs(x) > CLIP).mean()):
        found.notes.append(f"{beyond:.2%} of the values are beyond {CLIP}, and are clipped to it")


def _note(found: Found, obs: pd.DataFrame, sizes: pd.Series) -> None:
    """Say what is to be checked: classes, compounds, replicates, controls."""
    kept = sizes[sizes >= found.folds]
    others = _others(obs, [found.label, *found.columns.values()])
    found.notes[:0] = [
        f"{len(obs)} signatures of {obs[keys.PERT_ID].nunique()} compounds",
        f"classes: column '{found.label}', {len(kept)} of {len(sizes)} have {found.folds} "
        "compounds or more and are trained on"
        + (f"; --label could also be {', '.join(others[:5])}" if others else ""),
        *(f"{ours}: column '{theirs}'" for ours, theirs in found.columns.items()),
    ]
    if len(kept) < 2:
        found.notes.append(
            "that is less than the two classes which a model needs: take coarser classes"
        )
    where = [c for c in (keys.PERT_ID, keys.CELL_ID, keys.DOSE_TEXT, keys.TIME_TEXT) if c in obs]
    each = obs.groupby(where, observed=True).size().median()
    if each > _REPLICATES:
        found.notes.append(
            f"{each:.0f} rows of one compound in one condition: cells, or wells? A signature is "
            "the change of all of them against a control"
        )
    if found.controls:
        found.notes.append(f"left out as controls: {', '.join(found.controls[:5])}")


def _listed(obs: pd.DataFrame) -> str:
    return ", ".join(map(str, obs.columns[:12])) or "no columns"
