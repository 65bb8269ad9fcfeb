"""Which wells are replicates of one perturbation, and what their metadata have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.missing import is_missing_text
from svqvae.signatures.control import columns_of, plain

#: Plates that were made together, of which one perturbation has replicates (CPC006_A375_6H).
BREW = "brew_prefix"
#: Columns that name the plate of a well, the first that is there: a plate that was measured twice
#: is two.
PLATES = ("det_plate", "rna_plate", "plate", "plate_id")
#: Replicate of such plates, and scanner: CPC006_A375_6H_X1_B3_DUO52HI53LO, ..._X2.A2.
_REPLICATE = re.compile(r"_X\d+(\.[^_]*)?(_.*)?$")
#: What makes replicates where nothing is said: of each list the first that is there.
_DEFAULT = (
    (BREW,),
    (keys.PERT_ID, keys.PERT_NAME),
    (keys.DOSE_TEXT, keys.DOSE),
    (keys.TIME_TEXT, keys.TIME),
    (keys.CELL_ID, "cell_type", "cell_line"),
)
#: Said by the plates' common name already.
_IN_BREW = (keys.TIME_TEXT, keys.TIME, keys.CELL_ID)


class Groups(NamedTuple):
    """Replicates of each signature.

    Attributes
    ----------
    number
        Of each row that of its group, in the order in which groups first occur; -1 for none.
    columns
        Whose values replicates share.
    obs
        A row for each group: the columns in which its rows are all alike, by sig_id.
    """

    number: np.ndarray
    columns: list[str]
    obs: pd.DataFrame


def with_brew(obs: pd.DataFrame) -> pd.DataFrame:
    """Add the common name of replicate plates (``CPC006_A375_6H``), where plates are so called."""
    plate = next((c for c in PLATES if c in obs), None)
    if BREW in obs or plate is None:
        return obs
    names = obs[plate].astype(str)
    if not names.map(lambda name: _REPLICATE.search(name) is not None).all():
        return obs
    return obs.assign(**{BREW: names.map(lambda name: _REPLICATE.sub("", name))})


def group(obs: pd.DataFrame, columns: Sequence[str] | None, where: object) -> Groups:
    """Find replicates: rows that share the values of some columns.

    Parameters
    ----------
    columns
        Their names; by default plates that were made together, perturbagen, dose, time and cell,
        as far as they are there. Rows without a perturbagen (the first column of it) have no
        group, other values may be missing.

    Raises
    ------
    SvqvaeError
        If a column is missing, or nothing names the perturbagen.
    """
    obs = with_brew(obs)
    if columns:
        chosen = columns_of(obs, [("replicates", name) for name in columns], where)
    else:
        chosen = [next(c for c in names if c in obs) for names in _DEFAULT if set(names) & set(obs)]
        if not {keys.PERT_ID, keys.PERT_NAME} & set(chosen):
            raise SvqvaeError(
                f"{where}: no column '{keys.PERT_ID}' that says which wells are replicates of one "
                f"perturbation; found {', '.join(map(str, list(obs.columns)[:12]))}; name the "
                "columns by --replicates (source.replicates)"
            )
    chosen = list(dict.fromkeys(chosen))
    named = next((c for c in (keys.PERT_ID, keys.PERT_NAME) if c in chosen), chosen[0])
    number = number_of(obs, chosen)
    number[is_missing_text(obs[named].astype(object)).to_numpy()] = -1
    number = _renumbered(number)
    table = common(obs, number)
    ids = _signature_ids(obs, number, chosen)
    return Groups(number, chosen, table.set_axis(ids, axis=0).rename_axis(None))


def number_of(obs: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Return numbers of distinct combinations of values, from 0; a missing value is one too."""
    if not columns:
        return np.zeros(len(obs), dtype=int)
    text = obs[list(columns)].astype(object).astype(str)
    return text.groupby(list(columns), sort=False, observed=True).ngroup().to_numpy().copy()


def _renumbered(number: np.ndarray) -> np.ndarray:
    """Return numbers without gaps, in the order of their first rows; -1 stays."""
    code, _ = pd.factorize(np.where(number < 0, np.nan, number.astype(float)))
    return code


def examples(number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of groups, in order, and a row of each; rows of -1 are in none."""
    rows = np.flatnonzero(number >= 0)
    groups, first = np.unique(number[rows], return_index=True)
    return groups, rows[first]


def common(obs: pd.DataFrame, number: np.ndarray) -> pd.DataFrame:
    """Return a row for each group: the columns in which its rows are all alike."""
    groups, example = examples(number)
    rows = np.flatnonzero(number >= 0)
    first_of = example[np.searchsorted(groups, number[rows])]
    kept = []
    for name in obs.columns:
        code, _ = pd.factorize(obs[name].astype(object).astype(str))
        if (code[rows] == code[first_of]).all():
            kept.append(name)
    return obs[kept].iloc[example]


def _signature_ids(obs: pd.DataFrame, number: np.ndarray, columns: list[str]) -> list[str]:
    """Return ids as L1000 has them: plates, perturbagen and dose, between colons."""
    named = [c for c in columns if BREW not in columns or c not in _IN_BREW]
    _, rows = examples(number)
    parts = obs[named].iloc[rows].astype(object)
    gone = pd.DataFrame({c: is_missing_text(parts[c]) for c in named})
    ids = [
        ":".join(plain(v) for v, g in zip(row, lost, strict=True) if not g)
        for row, lost in zip(parts.to_numpy(), gone.to_numpy(), strict=True)
    ]
    # What is left out, missing values and what plates say, may have told two groups apart.
    seen: dict[str, int] = {}
    for at, name in enumerate(ids):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            ids[at] = f"{name}#{seen[name]}"
    return ids
