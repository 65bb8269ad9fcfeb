"""What people know a signature by: its compound, the compound's name, where it was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.split import perturbagens

if TYPE_CHECKING:
    from anndata import AnnData

#: Columns that tables of signatures have where the data have them: all of them text.
KNOWN = (keys.PERT_NAME, keys.CELL_ID, keys.DOSE_TEXT, keys.TIME_TEXT)


def known_of(obs: pd.DataFrame, names: Sequence[str] = KNOWN) -> pd.DataFrame:
    """Return those of some columns that there are, as text; missing values stay."""
    found = {name: obs[name].astype(object) for name in names if name in obs}
    as_text = {name: v.where(v.isna(), v.astype(str)) for name, v in found.items()}
    return pd.DataFrame(as_text, index=obs.index)


def described(adata: AnnData, *, known: Sequence[str] = KNOWN) -> pd.DataFrame:
    """Return sig_id, pert_id, what else is known, and the true class of signatures.

    Without a ``pert_id`` the perturbagen stands there. Of several that are one compound each keeps
    its own.

    Parameters
    ----------
    known
        Columns that are taken where the data have them.

    Examples
    --------
    >>> list(described(adata))
    ['sig_id', 'pert_id', 'pert_iname', 'cell_id', 'pert_idose', 'pert_itime', 'true_class']
    """
    obs = adata.obs
    pert_id = perturbagens(adata)
    if keys.PERT_ID in obs:
        given = obs[keys.PERT_ID].astype(object).to_numpy()
        pert_id = np.where(pd.isna(given), pert_id, given.astype(str))
    # A signature repeated for several labels has one sig_id and several names.
    ids = obs.get(keys.SIG_ID, obs.index.to_series()).astype(str).to_numpy()
    table = known_of(obs, known).reset_index(drop=True)
    table.insert(0, keys.SIG_ID, ids)
    table.insert(1, keys.PERT_ID, pert_id)
    return table.assign(true_class=obs[keys.CLASS].astype(str).to_numpy())


def with_compounds(table: pd.DataFrame, obs: pd.DataFrame) -> pd.DataFrame:
    """Return a table of signatures, by sig_id, with pert_id and pert_iname where ``obs`` has them.

    Parameters
    ----------
    obs
        Of the signatures, by sig_id.
    """
    named = [c for c in (keys.PERT_ID, keys.PERT_NAME) if c in obs and c not in table]
    at = obs.index.get_indexer(table[keys.SIG_ID])
    return table.assign(**{c: obs[c].astype(object).to_numpy()[at] for c in named})
